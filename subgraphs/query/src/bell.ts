/** Wakes the one who waits; rung before anybody waits, the next wait returns at once. */
export interface Bell {
  ring(): void;
  /**
   * Waits for the signal. Returns true if it was given, false if the time (in milliseconds) ran out or the
   * wait was aborted.
   */
  wait(timeout: number, signal?: AbortSignal): Promise<boolean>;
}

export const createBell = (): Bell => {
  let rung = false;
  let wake: ((rang: boolean) => void) | undefined;
  return {
    ring() {
      if (wake) wake(true);
      else rung = true;
    },
    wait(timeout, signal) {
      if (rung || signal?.aborted) {
        const rang = rung;
        rung = false;
        return Promise.resolve(rang);
      }
      const { promise, resolve } = Promise.withResolvers<boolean>();
      const stop = () => wake?.(false);
      const timer = setTimeout(stop, timeout);
      signal?.addEventListener('abort', stop, { once: true });
      wake = (rang) => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', stop);
        wake = undefined;
        resolve(rang);
      };
      return promise;
    },
  };
};
