/** Delivers the events that a test pushes to whoever listens, and counts the listeners. */
export class Source<T> {
  readonly #listeners = new Set<(value: T) => void>();
  /** Number of listeners so far. Only grows: wait for this, because a listener may come and go between two looks. */
  opened = 0;
  /** Number of listeners that have gone. Only grows. */
  closed = 0;

  get listeners(): number {
    return this.#listeners.size;
  }

  push(value: T): void {
    for (const listener of [...this.#listeners]) listener(value);
  }

  /** Values from now on, after those that are given. */
  listen(first: readonly T[] = []): AsyncGenerator<T> {
    this.opened++;
    const waiting = [...first];
    let wake: (() => void) | undefined;
    let done = false;
    const listener = (value: T) => {
      waiting.push(value);
      wake?.();
    };
    this.#listeners.add(listener);
    const end = () => {
      done = true;
      if (this.#listeners.delete(listener)) this.closed++;
      wake?.();
    };
    return {
      next: async () => {
        while (!done) {
          const value = waiting.shift();
          if (value !== undefined) return { done: false, value };
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
        return { done: true, value: undefined };
      },
      return: async () => {
        end();
        return { done: true, value: undefined };
      },
      throw: async (error) => {
        end();
        throw error;
      },
      [Symbol.asyncIterator]() {
        return this;
      },
      [Symbol.asyncDispose]: async () => end(),
    };
  }
}
