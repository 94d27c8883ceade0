/**
 * An async iterator that asks `pull` for the next value only when its consumer does: a slow consumer costs nothing.
 * `pull` answers undefined at the end of the stream, and is told by the signal when nobody waits for it any more.
 *
 * An async generator won't do: its `return()` waits behind a pending `next()`, so that a silent stream could never be
 * closed. Here `return()` settles both at once. One `next()` at a time, as `for await` calls it.
 */
export const pullIterator = <T>(
  pull: (signal: AbortSignal) => Promise<T | undefined>,
  onEnd: () => void,
): AsyncIterableIterator<T, undefined> => {
  const done = { value: undefined, done: true } as const;
  const ended = new AbortController();
  let settle: ((result: IteratorResult<T, undefined>) => void) | undefined;

  const end = (): void => {
    if (ended.signal.aborted) return;
    ended.abort();
    settle?.(done);
    onEnd();
  };

  return {
    next() {
      if (ended.signal.aborted) return Promise.resolve(done);
      if (settle) return Promise.reject(new Error('One next() at a time.'));
      const { promise, resolve, reject } = Promise.withResolvers<IteratorResult<T, undefined>>();
      settle = resolve;
      pull(ended.signal).then(
        (value) => {
          settle = undefined;
          if (value === undefined) end();
          resolve(value === undefined ? done : { value, done: false });
        },
        (error) => {
          settle = undefined;
          reject(error);
          end();
        },
      );
      return promise;
    },
    return() {
      end();
      return Promise.resolve(done);
    },
    throw(error) {
      end();
      return Promise.reject(error);
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
};
