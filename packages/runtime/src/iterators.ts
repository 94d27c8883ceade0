/*
 * Async iterators for streams that may stay silent. Async generators do not fit: their `return()` waits for a pending
 * `next()`, so a silent stream can never be closed. Here `return()` ends a pending `next()` at once.
 *
 * `pullIterator` is the only implementation of the protocol; the others are built from it. Libraries were compared:
 * `node:events` and it-pushable buffer without a bound, iterating a `node:stream` is an async generator, and a Repeater
 * runs only after the first `next()`, so it would miss what happens between subscribing and reading.
 */

/** An iterator that can be left at any time. `return()` and `throw()` resolve after the cleanup. */
export interface LeavableIterator<T> extends AsyncGenerator<T, undefined, undefined> {
  return(value?: undefined): Promise<IteratorResult<T, undefined>>;
}

export interface PullOptions {
  /** Cleans up. Called once, whoever ends the iterator. */
  readonly onEnd?: () => void | Promise<void>;
  /** Ends the iterator when it is aborted. */
  readonly signal?: AbortSignal | undefined;
  /** True if `return()` leaves a pending `next()` unsettled, for a reader that must not see an end that it did not cause. */
  readonly abandonsPending?: boolean;
}

/**
 * Returns an iterator that asks `pull` for a value only when its reader asks for one, so a slow reader costs nothing.
 * One pull runs at a time, and concurrent calls of `next()` are answered in their order.
 * @param pull resolves with undefined at the end of the stream; its signal is aborted when nobody waits for the value
 */
export const pullIterator = <T extends NonNullable<unknown>>(
  pull: (signal: AbortSignal) => Promise<T | undefined>,
  { onEnd, signal, abandonsPending = false }: PullOptions = {},
): LeavableIterator<T> => {
  const done = { value: undefined, done: true } as const;
  const ended = new AbortController();
  const readers: PromiseWithResolvers<IteratorResult<T, undefined>>[] = [];
  let cleanup = Promise.resolve();
  let isPulling = false;

  const end = (abandon = false): void => {
    if (ended.signal.aborted) return;
    signal?.removeEventListener('abort', leave);
    ended.abort();
    for (const reader of readers.splice(0)) if (!abandon) reader.resolve(done);
    cleanup = (async () => onEnd?.())();
    // Reported by `return()` and `throw()`; nobody else waits for it.
    cleanup.catch(() => {});
  };
  const leave = (): void => end(abandonsPending);

  const pullForReaders = async (): Promise<void> => {
    if (isPulling) return;
    isPulling = true;
    while (readers.length > 0) {
      try {
        const value = await pull(ended.signal);
        if (value === undefined) end();
        else readers.shift()?.resolve({ value, done: false });
      } catch (error) {
        readers.shift()?.reject(error);
        end();
      }
    }
    isPulling = false;
  };

  signal?.addEventListener('abort', leave);
  if (signal?.aborted) leave();

  return {
    next() {
      if (ended.signal.aborted) return Promise.resolve(done);
      const reader = Promise.withResolvers<IteratorResult<T, undefined>>();
      readers.push(reader);
      void pullForReaders();
      return reader.promise;
    },
    return() {
      leave();
      return cleanup.then(() => done);
    },
    throw(error) {
      leave();
      return cleanup.then(() => Promise.reject(error));
    },
    [Symbol.asyncIterator]() {
      return this;
    },
    async [Symbol.asyncDispose]() {
      leave();
      await cleanup;
    },
  };
};

/** Returns an iterator over the results of `map`, one at a time. Leaving it leaves the source. */
export const mapIterator = <T, U extends NonNullable<unknown>>(
  source: AsyncIterable<T>,
  map: (value: T) => U | Promise<U>,
  options: Pick<PullOptions, 'signal' | 'abandonsPending'> = {},
): LeavableIterator<U> => {
  const values = source[Symbol.asyncIterator]();
  return pullIterator(
    async () => {
      const { value, done } = await values.next();
      return done ? undefined : map(value);
    },
    { ...options, onEnd: async () => void (await values.return?.()) },
  );
};

/** Returns an iterator over `first` and then the values of `rest`. Leaving it leaves `rest`. */
export const prepend = <T extends NonNullable<unknown>>(
  first: T,
  rest: AsyncIterable<T>,
): LeavableIterator<T> => {
  const values = rest[Symbol.asyncIterator]();
  let isFirst = true;
  return pullIterator(
    async () => {
      if (isFirst) {
        isFirst = false;
        return first;
      }
      const { value, done } = await values.next();
      return done ? undefined : value;
    },
    { onEnd: async () => void (await values.return?.()) },
  );
};

export interface PushOptions<In, Out> {
  /** Maximum number of values that wait for the reader. */
  readonly limit: number;
  /** Turns what was pushed into what is read; called for one value at a time, in order, when it is read. */
  readonly present: (value: In) => Promise<Out>;
  /** Cleans up. Called once, whoever ends the iterator. */
  readonly onEnd?: () => void;
  /** Called if more values wait than may. The iterator has then ended, and what waited is dropped. */
  readonly onOverflow?: () => void;
  readonly signal?: AbortSignal | undefined;
}

/** An iterator over values that are pushed to it. Values count from its creation, not from the first `next()`. */
export interface PushIterator<In, Out> extends LeavableIterator<Out> {
  /** Adds a value; one too many ends the iterator. Does nothing after the end. */
  push(value: In): void;
  /** Accepts no more values. Those that wait are still delivered; then the iterator ends, or throws the failure. */
  end(failure?: { readonly error: unknown }): void;
  /** Accepts no more values, and drops those that wait. A value that is being presented is still delivered. */
  finish(): void;
  /** Resolves when the iterator has ended, whoever ended it. */
  readonly closed: Promise<void>;
}

export const pushIterator = <In extends NonNullable<unknown>, Out extends NonNullable<unknown>>({
  limit,
  present,
  onEnd,
  onOverflow,
  signal,
}: PushOptions<In, Out>): PushIterator<In, Out> => {
  const closed = Promise.withResolvers<void>();
  const waiting: In[] = [];
  let isAccepting = true;
  let failure: { readonly error: unknown } | undefined;
  let wake = (): void => {};

  const values = pullIterator<Out>(
    async (left) => {
      for (;;) {
        const value = waiting.shift();
        if (value !== undefined) return present(value);
        if (failure) throw failure.error;
        if (!isAccepting || left.aborted) return undefined;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
    {
      signal,
      onEnd: () => {
        isAccepting = false;
        waiting.length = 0;
        wake();
        closed.resolve();
        onEnd?.();
      },
    },
  );
  const end = (why?: { readonly error: unknown }): void => {
    if (!isAccepting) return;
    isAccepting = false;
    failure = why;
    wake();
  };

  return Object.assign(values, {
    push(value: In): void {
      if (!isAccepting) return;
      if (waiting.length >= limit) {
        void values.return();
        onOverflow?.();
        return;
      }
      waiting.push(value);
      wake();
    },
    end,
    finish(): void {
      waiting.length = 0;
      end();
    },
    closed: closed.promise,
  });
};
