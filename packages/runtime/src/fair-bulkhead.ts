export interface BulkheadOptions {
  /** Maximum number of concurrent calls. */
  readonly limit: number;
  /** Maximum number of waiting calls; further ones are refused. */
  readonly queue: number;
  /** Largest share of the limit, and of the queue, that one caller may hold. Default 1. */
  readonly callerShare?: number;
}

/** There is no capacity left, for this caller or for all. */
export class BulkheadFullError extends Error {
  override name = 'BulkheadFullError';
  constructor() {
    super('too many calls in flight and waiting');
  }
}

interface Calls {
  running: number;
  readonly waiting: (() => void)[];
}

/**
 * Bounds concurrent calls and gives free capacity to the waiting callers in turn, so that the slow calls of
 * one caller can neither hold the whole capacity nor fill the queue. Cockatiel's bulkhead has one queue for
 * all.
 */
export class FairBulkhead {
  readonly #limit: number;
  readonly #queue: number;
  readonly #callerLimit: number;
  readonly #callerQueue: number;
  /** In the order in which they get the next free place. */
  readonly #callers = new Map<string, Calls>();
  #running = 0;
  #waiting = 0;

  constructor({ limit, queue, callerShare = 1 }: BulkheadOptions) {
    this.#limit = limit;
    this.#queue = queue;
    this.#callerLimit = Math.max(1, Math.ceil(limit * callerShare));
    this.#callerQueue = Math.ceil(queue * callerShare);
  }

  /**
   * @param caller on whose behalf it is called; calls of one caller share its part of the places
   * @throws BulkheadFullError if the call may neither run nor wait
   */
  async execute<T>(call: () => Promise<T>, caller = ''): Promise<T> {
    const calls = this.#callers.get(caller) ?? { running: 0, waiting: [] };
    this.#callers.set(caller, calls);
    if (this.#running < this.#limit && calls.running < this.#callerLimit) this.#start(calls);
    else await this.#wait(caller, calls);
    try {
      return await call();
    } finally {
      this.#running--;
      calls.running--;
      this.#forget(caller, calls);
      this.#next();
    }
  }

  #start(calls: Calls): void {
    this.#running++;
    calls.running++;
  }

  /** Resolves when the call has got its place. */
  #wait(caller: string, calls: Calls): Promise<void> {
    if (this.#waiting >= this.#queue || calls.waiting.length >= this.#callerQueue) {
      this.#forget(caller, calls);
      return Promise.reject(new BulkheadFullError());
    }
    this.#waiting++;
    return new Promise((resolve) => {
      calls.waiting.push(resolve);
    });
  }

  /** Gives a free place to the caller who has waited for its turn longest. */
  #next(): void {
    if (this.#waiting === 0) return;
    for (const [caller, calls] of this.#callers) {
      if (calls.waiting.length === 0 || calls.running >= this.#callerLimit) continue;
      this.#callers.delete(caller);
      this.#callers.set(caller, calls);
      this.#waiting--;
      this.#start(calls);
      calls.waiting.shift()?.();
      return;
    }
  }

  #forget(caller: string, { running, waiting }: Calls): void {
    if (running === 0 && waiting.length === 0) this.#callers.delete(caller);
  }
}
