import { type LeavableIterator, type PushIterator, pushIterator } from '@rookery/runtime/iterators';

/** Delivers the events that a test pushes to all listeners, and counts the listeners. */
export class Source<T extends NonNullable<unknown>> {
  readonly #listeners = new Set<PushIterator<T, T>>();
  /** Number of listeners so far. Only grows: wait for this, because a listener may come and go between two looks. */
  opened = 0;
  /** Number of listeners that have gone. Only grows. */
  closed = 0;

  get listeners(): number {
    return this.#listeners.size;
  }

  push(value: T): void {
    for (const listener of [...this.#listeners]) listener.push(value);
  }

  /** Returns all values from now on, after those that are given. */
  listen(first: readonly T[] = []): LeavableIterator<T> {
    this.opened++;
    const listener = pushIterator<T, T>({
      limit: Number.POSITIVE_INFINITY,
      present: async (value) => value,
      onEnd: () => {
        this.#listeners.delete(listener);
        this.closed++;
      },
    });
    for (const value of first) listener.push(value);
    this.#listeners.add(listener);
    return listener;
  }
}
