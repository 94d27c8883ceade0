/*
 * Async iterators for streams that may stay silent. Async generators do not fit: their `return()` waits for a pending
 * `next()`, so a silent stream can never be closed. Here `return()` ends a pending `next()` at once.
 *
 * `Leavable` is the only implementation of the protocol; the iterators below are built from it. Libraries were compared:
 * `node:events` and it-pushable buffer without a bound, iterating a `node:stream` is an async generator, and a Repeater
 * runs only after the first `next()`, so it would miss what happens between subscribing and reading.
 */

/** An iterator that can be left at any time. `return()` and `throw()` resolve after the cleanup. */
export interface LeavableIterator<T> extends AsyncGenerator<T, undefined, undefined> {
  return(value?: undefined): Promise<IteratorResult<T, undefined>>;
}

interface LeaveOptions {
  /** Cleans up. Called once, whoever ends the iterator. */
  readonly onEnd?: (() => void | Promise<void>) | undefined;
  /** Ends the iterator when it is aborted. */
  readonly signal?: AbortSignal | undefined;
  /** True if `return()` leaves a pending `next()` unsettled, for a reader that must not see an end that it did not cause. */
  readonly abandonsPending?: boolean | undefined;
}

interface Reader<T> {
  readonly resolve: (result: IteratorResult<T, undefined>) => void;
  readonly reject: (error: unknown) => void;
}

const done = Object.freeze({ value: undefined, done: true } as const);

/**
 * The protocol of async iterators over a source that is pulled: one value at a time, and only for a reader that waits.
 * Concurrent calls of `next()` are answered in their order. There is one for each subscriber, so it is kept small.
 */
abstract class Leavable<T extends NonNullable<unknown>> implements LeavableIterator<T> {
  readonly #options: LeaveOptions;
  readonly #readers: Reader<T>[] = [];
  #isPulling = false;
  /** Set at the end. */
  #cleanup: Promise<void> | undefined;

  constructor(options: LeaveOptions) {
    this.#options = options;
  }

  /** Returns the next value, or undefined at the end of the stream. */
  protected abstract pull(): Promise<T | undefined> | T | undefined;

  /** Returns whether `pull` has something to return; if not, `advance` is called once it has. */
  protected canPull(): boolean {
    return true;
  }

  /** Called once at the end, before the cleanup. */
  protected stop(): void {}

  protected readonly leave = (): void => this.#end(this.#options.abandonsPending);

  /** Ends the iterator when the signal of its options is aborted. */
  protected listen(): void {
    const { signal } = this.#options;
    signal?.addEventListener('abort', this.leave);
    if (signal?.aborted) this.leave();
  }

  protected async advance(): Promise<void> {
    if (this.#isPulling) return;
    this.#isPulling = true;
    while (this.#readers.length > 0 && this.canPull()) {
      try {
        const value = await this.pull();
        if (value === undefined) this.#end();
        else this.#readers.shift()?.resolve({ value, done: false });
      } catch (error) {
        this.#readers.shift()?.reject(error);
        this.#end();
      }
    }
    this.#isPulling = false;
  }

  next(): Promise<IteratorResult<T, undefined>> {
    if (this.#cleanup) return Promise.resolve(done);
    return new Promise((resolve, reject) => {
      this.#readers.push({ resolve, reject });
      void this.advance();
    });
  }

  async return(): Promise<IteratorResult<T, undefined>> {
    this.leave();
    await this.#cleanup;
    return done;
  }

  async throw(error: unknown): Promise<never> {
    await this.return();
    throw error;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #end(abandon = false): void {
    if (this.#cleanup) return;
    const { onEnd, signal } = this.#options;
    signal?.removeEventListener('abort', this.leave);
    const cleanup = Promise.withResolvers<void>();
    this.#cleanup = cleanup.promise;
    // Reported by `return()` and `throw()`; nobody else waits for it.
    this.#cleanup.catch(() => {});
    this.stop();
    for (const { resolve } of this.#readers.splice(0)) if (!abandon) resolve(done);
    cleanup.resolve((async () => onEnd?.())());
  }
}

class PullIterator<T extends NonNullable<unknown>> extends Leavable<T> {
  readonly #pull: (signal: AbortSignal) => Promise<T | undefined>;
  readonly #ended = new AbortController();

  constructor(pull: (signal: AbortSignal) => Promise<T | undefined>, options: LeaveOptions) {
    super(options);
    this.#pull = pull;
    this.listen();
  }

  protected override pull(): Promise<T | undefined> {
    return this.#pull(this.#ended.signal);
  }

  protected override stop(): void {
    this.#ended.abort();
  }
}

/**
 * Returns an iterator that asks `pull` for a value only when its reader asks for one, so a slow reader costs nothing.
 * @param pull resolves with undefined at the end of the stream; its signal is aborted when nobody waits for the value
 */
export const pullIterator = <T extends NonNullable<unknown>>(
  pull: (signal: AbortSignal) => Promise<T | undefined>,
  options: LeaveOptions = {},
): LeavableIterator<T> => new PullIterator(pull, options);

/** Options of an iterator over a source, which it leaves at its end. */
const leaving = (values: AsyncIterator<unknown>): LeaveOptions => ({
  onEnd: async () => void (await values.return?.()),
});

/** Returns an iterator over the results of `map`, one at a time. Leaving it leaves the source. */
export const mapIterator = <T, U extends NonNullable<unknown>>(
  source: AsyncIterable<T>,
  map: (value: T) => U | Promise<U>,
): LeavableIterator<U> => {
  const values = source[Symbol.asyncIterator]();
  return pullIterator(async () => {
    const { value, done } = await values.next();
    return done ? undefined : map(value);
  }, leaving(values));
};

/** Returns an iterator over `first` and then the values of `rest`. Leaving it leaves `rest`. */
export const prepend = <T extends NonNullable<unknown>>(
  first: T,
  rest: AsyncIterable<T>,
): LeavableIterator<T> => {
  const values = rest[Symbol.asyncIterator]();
  let isFirst = true;
  return pullIterator(async () => {
    if (isFirst) {
      isFirst = false;
      return first;
    }
    const { value, done } = await values.next();
    return done ? undefined : value;
  }, leaving(values));
};

export interface PushOptions<In, Out> extends LeaveOptions {
  /** Maximum number of values that wait for the reader. */
  readonly limit: number;
  /** Turns what was pushed into what is read; called for one value at a time, in order, when it is read. */
  readonly present: (value: In) => Out | Promise<Out>;
  /** Called if more values wait than may. The iterator has then ended, and what waited is dropped. */
  readonly onOverflow?: () => void;
}

/** An iterator over values that are pushed to it. Values count from its creation, not from the first `next()`. */
export interface PushIterator<In, Out> extends LeavableIterator<Out> {
  /** Adds a value; one too many ends the iterator. Does nothing after the end. */
  push(value: In): void;
  /** Accepts no more values. Those that wait are still delivered; then the iterator ends, or throws the failure. */
  end(failure?: { readonly error: unknown }): void;
  /** Accepts no more values, and drops those that wait. A value that is being presented is still delivered. */
  finish(): void;
  /**
   * Passes every value to `take` as soon as it is presented. Used instead of `next()`, it costs no promise per value.
   * @param take returns a promise if it cannot take the next value before that resolves
   * @returns resolves at the end, or rejects with the failure of the source, of `present` or of `take`
   */
  deliverTo(take: Take<Out>): Promise<void>;
  /** Resolves when the iterator has ended, whoever ended it. */
  readonly closed: Promise<void>;
}

type Take<T> = (value: T) => Promise<unknown> | undefined;

/** The reader of `deliverTo`. */
interface Taker<T> {
  readonly take: Take<T>;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

class PushedValues<In extends NonNullable<unknown>, Out extends NonNullable<unknown>>
  extends Leavable<Out>
  implements PushIterator<In, Out>
{
  readonly closed: Promise<void>;
  readonly #resolveClosed: () => void;
  readonly #options: PushOptions<In, Out>;
  #waiting: In[] = [];
  #isAccepting = true;
  #failure: { readonly error: unknown } | undefined;
  #taker: Taker<Out> | undefined;
  #isDelivering = false;
  #hasStopped = false;

  constructor(options: PushOptions<In, Out>) {
    super(options);
    this.#options = options;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.closed = promise;
    this.#resolveClosed = resolve;
    this.listen();
  }

  push(value: In): void {
    if (!this.#isAccepting) return;
    const { limit, onOverflow } = this.#options;
    if (this.#waiting.length >= limit) {
      this.leave();
      onOverflow?.();
      return;
    }
    this.#waiting.push(value);
    this.#wake();
  }

  end(failure?: { readonly error: unknown }): void {
    if (!this.#isAccepting) return;
    this.#isAccepting = false;
    this.#failure = failure;
    this.#wake();
  }

  finish(): void {
    this.#waiting = [];
    this.end();
  }

  deliverTo(take: Take<Out>): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#taker = { take, resolve, reject };
    this.#deliver(this.#taker);
    return promise;
  }

  #wake(): void {
    if (this.#taker) this.#deliver(this.#taker);
    else void this.advance();
  }

  #deliver(taker: Taker<Out>): void {
    if (this.#isDelivering) return;
    this.#isDelivering = true;
    try {
      while (this.canPull()) {
        const value = this.#waiting.shift();
        if (value === undefined) {
          this.#endDelivery(taker, this.#failure);
          return;
        }
        const presented = this.#options.present(value);
        const busy = presented instanceof Promise ? this.#takeLater(taker, presented) : taker.take(presented);
        if (busy) {
          busy.then(
            () => {
              this.#isDelivering = false;
              this.#deliver(taker);
            },
            (error) => this.#endDelivery(taker, { error }),
          );
          return;
        }
      }
      this.#isDelivering = false;
    } catch (error) {
      this.#endDelivery(taker, { error });
    }
  }

  async #takeLater({ take }: Taker<Out>, presented: Promise<Out>): Promise<void> {
    const value = await presented;
    if (!this.#hasStopped) await take(value);
  }

  #endDelivery({ resolve, reject }: Taker<Out>, failure: { readonly error: unknown } | undefined): void {
    if (failure) reject(failure.error);
    else resolve();
    this.leave();
  }

  protected override canPull(): boolean {
    return this.#waiting.length > 0 || !this.#isAccepting;
  }

  protected override pull(): Promise<Out | undefined> | Out {
    const value = this.#waiting.shift();
    if (value !== undefined) return this.#options.present(value);
    return this.#failure ? Promise.reject(this.#failure.error) : Promise.resolve(undefined);
  }

  protected override stop(): void {
    this.#isAccepting = false;
    this.#hasStopped = true;
    this.#waiting = [];
    this.#failure = undefined;
    this.#taker?.resolve();
    this.#resolveClosed();
  }
}

export const pushIterator = <In extends NonNullable<unknown>, Out extends NonNullable<unknown>>(
  options: PushOptions<In, Out>,
): PushIterator<In, Out> => new PushedValues(options);
