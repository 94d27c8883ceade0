/** Delivery to one subscriber, and callbacks for its end and for its failure to keep up. */
export interface EventQueueOptions<Raw, Event> {
  /** Events that may wait. */
  readonly limit: number;
  /** Makes what is delivered from what came in; called one event at a time, in order. */
  readonly present: (raw: Raw) => Promise<Event>;
  /** Called once, whoever ends it. */
  readonly onClose: () => void;
  /** More events wait than may: the queue is closed and what waited is gone. */
  readonly onOverflow: () => void;
}

/**
 * The events of one subscription, as the async iterator that graphql-ws and graphql-sse take. Not an async
 * generator function: its `return()` would wait behind a pending `next()`, so that a subscription to something
 * silent could never be ended. Has `throw()`, without which graphql-sse doesn't call `return()` either.
 */
export class EventQueue<Raw, Event> implements AsyncGenerator<Event, undefined, undefined> {
  readonly closed: Promise<void>;
  readonly #options: EventQueueOptions<Raw, Event>;
  readonly #resolveClosed: () => void;
  #waiting: Raw[] = [];
  #state: 'open' | 'ending' | 'closed' = 'open';
  #failure: { readonly error: unknown } | undefined;
  #wake: (() => void) | undefined;

  constructor(options: EventQueueOptions<Raw, Event>) {
    this.#options = options;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.closed = promise;
    this.#resolveClosed = resolve;
  }

  /** Adds an event; one too many closes the queue. */
  push(raw: Raw): void {
    if (this.#state !== 'open') return;
    if (this.#waiting.length >= this.#options.limit) {
      this.#close();
      this.#options.onOverflow();
      return;
    }
    this.#waiting.push(raw);
    this.#wake?.();
  }

  /** No more events come; those that wait are still delivered, then the iteration ends or throws. */
  end(failure?: { readonly error: unknown }): void {
    if (this.#state !== 'open') return;
    this.#state = 'ending';
    this.#failure = failure;
    this.#wake?.();
  }

  /** Nothing comes after the event that is being presented, not even what waits. */
  finish(): void {
    this.#waiting = [];
    this.end();
  }

  async next(): Promise<IteratorResult<Event, undefined>> {
    while (this.#state !== 'closed') {
      const raw = this.#waiting.shift();
      if (raw !== undefined) {
        const value = await this.#options.present(raw);
        if (this.#closed()) break;
        return { done: false, value };
      }
      if (this.#state === 'ending') {
        const failure = this.#failure;
        this.#close();
        if (failure) throw failure.error;
        break;
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = undefined;
    }
    return { done: true, value: undefined };
  }

  async return(): Promise<IteratorResult<Event, undefined>> {
    this.#close();
    return { done: true, value: undefined };
  }

  async throw(error: unknown): Promise<IteratorResult<Event, undefined>> {
    this.#close();
    throw error;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#close();
  }

  /** A method, because an await may have changed what the compiler believes it knows. */
  #closed(): boolean {
    return this.#state === 'closed';
  }

  #close(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#waiting = [];
    this.#options.onClose();
    this.#resolveClosed();
    this.#wake?.();
  }
}
