/** Returns some values, and then those of `rest`. An async generator would not end while it waits for its next value. */
export const startWith = <T>(first: readonly T[], rest: AsyncIterable<T>): AsyncIterableIterator<T> => {
  const waiting = [...first];
  const iterator = rest[Symbol.asyncIterator]();
  return {
    async next() {
      const [value] = waiting.splice(0, 1);
      return value === undefined ? iterator.next() : { done: false, value };
    },
    async return() {
      await iterator.return?.();
      return { done: true, value: undefined };
    },
    async throw(error) {
      await iterator.return?.();
      throw error;
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
};
