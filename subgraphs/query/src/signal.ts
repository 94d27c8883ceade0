/** Wakes one waiter. A signal that is set while nobody waits is kept for the next wait. */
export interface Signal {
  set(): void;
  /** Waits until the signal is set, and clears it. Returns false if the time ran out or the wait was aborted. */
  wait(timeoutMs: number, abort?: AbortSignal): Promise<boolean>;
}

export const createSignal = (): Signal => {
  let isSet = false;
  let wake: ((wasSet: boolean) => void) | undefined;
  return {
    set() {
      if (wake) wake(true);
      else isSet = true;
    },
    wait(timeoutMs, abort) {
      if (isSet || abort?.aborted) {
        const wasSet = isSet;
        isSet = false;
        return Promise.resolve(wasSet);
      }
      const { promise, resolve } = Promise.withResolvers<boolean>();
      const stop = () => wake?.(false);
      const timer = setTimeout(stop, timeoutMs);
      abort?.addEventListener('abort', stop, { once: true });
      wake = (wasSet) => {
        clearTimeout(timer);
        abort?.removeEventListener('abort', stop);
        wake = undefined;
        resolve(wasSet);
      };
      return promise;
    },
  };
};
