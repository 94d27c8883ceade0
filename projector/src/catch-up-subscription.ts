import { setTimeout } from 'node:timers/promises';
import type { EventStore } from '@rookery/event-store';
import type { Batches, Delivery, Queue } from '@rookery/message-queue';
import type { Logger } from '@rookery/runtime';
import type { StoredEvent } from '@rookery/schema/events';

export interface CatchUpSubscriptionOptions {
  readonly store: Pick<EventStore, 'head' | 'read'>;
  readonly queue: Pick<Queue, 'lastPublished'>;
  /** Returns the position up to which this projection has applied everything. */
  readonly position: () => Promise<number>;
  /** Called with each position up to which the events read here have been applied. */
  readonly applied: (position: number) => void;
  readonly log: Logger;
}

/** Intervals at which RECORDED is compared with the event store, and at which the store is polled. */
const intervalsMs = { compare: 500, read: 100 } as const;
/** Maximum wait for an answer of RECORDED. */
const timeoutMs = 700;
/** Number of events that are read at a time. */
const page = 256;

/**
 * Source of recorded events that replaces RECORDED: it reads the event store while RECORDED does not answer,
 * or receives nothing although the store has more events. Otherwise it is idle. Once RECORDED is back it
 * delivers the same events again, which projections ignore.
 */
export class CatchUpSubscription implements Batches<StoredEvent> {
  readonly #options: CatchUpSubscriptionOptions;
  readonly #stopping = new AbortController();
  /** Number of consecutive failures. */
  #failures = 0;

  constructor(options: CatchUpSubscriptionOptions) {
    this.#options = options;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Delivery<StoredEvent>[], void, void> {
    const { signal } = this.#stopping;
    let reading = false;
    while (!signal.aborted) {
      const behind = await this.#recordedIsBehind();
      if (behind !== reading) {
        reading = behind;
        this.#options.log[behind ? 'warn' : 'info'](
          behind ? 'RECORDED is unavailable; reading the event store instead' : 'RECORDED is back',
        );
      }
      if (reading) yield* this.#readOn();
      await this.#pause(intervalsMs.compare);
    }
  }

  #last: number | undefined;

  async #recordedIsBehind(): Promise<boolean> {
    const late = setTimeout(timeoutMs, undefined, { ref: false });
    const handed = await Promise.race([this.#options.queue.lastPublished(), late]).catch(() => undefined);
    const stuck = handed !== undefined && handed === this.#last;
    this.#last = handed;
    if (handed === undefined) return true;
    if (!stuck) return false;
    return this.#options.store.head().then(
      (head) => head > handed,
      () => false,
    );
  }

  /** Yields all events of the store, and for a while the new ones. */
  async *#readOn(): AsyncGenerator<Delivery<StoredEvent>[], void, void> {
    const { store, position, applied, log } = this.#options;
    const until = performance.now() + intervalsMs.compare * 2;
    try {
      let at = await position();
      while (!this.#stopping.signal.aborted && performance.now() < until) {
        const events = await store.read(at, page);
        const last = events.at(-1);
        if (!last) {
          await this.#pause(intervalsMs.read);
          continue;
        }
        if (!(yield* this.#deliver(events))) return;
        at = last.position;
        applied(at);
        this.#failures = 0;
      }
    } catch (error) {
      this.#failures += 1;
      log[this.#failures === 1 ? 'warn' : 'debug']({ error }, 'failed to read the event store; trying again');
    }
  }

  /** Delivers events until each is acknowledged. Returns false if the consumer has stopped before. */
  async *#deliver(events: readonly StoredEvent[]): AsyncGenerator<Delivery<StoredEvent>[], boolean, void> {
    let left = events.map((event) => ({ event, tries: 1 }));
    while (left.length > 0 && !this.#stopping.signal.aborted) {
      const round = new DeliveryRound(left);
      yield round.deliveries;
      // A consumer that stops in the middle answers nothing, so nothing may count as applied.
      if (!round.isAnswered) return false;
      left = round.retries;
      if (round.waitMs > 0) await this.#pause(round.waitMs);
    }
    return left.length === 0;
  }

  async #pause(ms: number): Promise<void> {
    await setTimeout(ms, undefined, { signal: this.#stopping.signal }).catch(() => {});
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
  }
}

interface Tried {
  readonly event: StoredEvent;
  readonly tries: number;
}

/** One delivery of some events, and the answers to it. */
class DeliveryRound {
  readonly deliveries: Delivery<StoredEvent>[];
  readonly retries: Tried[] = [];
  /** Longest delay that a retry asked for. */
  waitMs = 0;
  #answers = 0;

  constructor(events: readonly Tried[]) {
    this.deliveries = events.map(({ event, tries }) => ({
      value: event,
      unreadable: undefined,
      // Written on demand: few are ever read.
      get payload() {
        return JSON.stringify(event.event);
      },
      get bytes() {
        return Buffer.from(this.payload);
      },
      sequence: event.position,
      waiting: 0,
      tries,
      ack: () => {
        this.#answers += 1;
      },
      retry: (afterMs: number) => {
        this.#answers += 1;
        this.waitMs = Math.max(this.waitMs, afterMs);
        this.retries.push({ event, tries: tries + 1 });
      },
    }));
  }

  get isAnswered(): boolean {
    return this.#answers >= this.deliveries.length;
  }
}
