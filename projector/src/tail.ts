import { setTimeout } from 'node:timers/promises';
import type { Logger } from '@rookery/service';
import type { EventStore, StoredEvent } from '@rookery/stores/event-store';
import type { Batches, Delivery, Queue } from '@rookery/stores/queue';

export interface TailOptions {
  readonly store: Pick<EventStore, 'head' | 'read'>;
  readonly queue: Pick<Queue, 'handedOn'>;
  /** Up to where this projection has applied everything already. */
  readonly position: () => Promise<number>;
  /** Told each position up to which what was read here has been applied. */
  readonly applied: (position: number) => void;
  readonly log: Logger;
}

/** How often RECORDED and the event store are compared, and the store is asked for more. Milliseconds. */
const every = { compare: 500, read: 100 } as const;
/** Longest wait for RECORDED to answer. Milliseconds. */
const patience = 700;
/** Events that are read at a time. */
const page = 256;

/**
 * The event store as a source of recorded events, in the place of RECORDED: for as long as RECORDED does not answer,
 * or gets nothing although the store has more. Quiet otherwise. What comes from here comes from RECORDED as well,
 * once it is back: a projection does not mind.
 */
export class Tail implements Batches<StoredEvent> {
  readonly #options: TailOptions;
  readonly #stopping = new AbortController();

  constructor(options: TailOptions) {
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
          behind ? 'RECORDED is away: going on from the event store' : 'RECORDED is back',
        );
      }
      if (reading) yield* this.#readOn();
      await this.#pause(every.compare);
    }
  }

  #last: number | undefined;

  async #recordedIsBehind(): Promise<boolean> {
    const late = setTimeout(patience, undefined, { ref: false });
    const handed = await Promise.race([this.#options.queue.handedOn(), late]).catch(() => undefined);
    const stuck = handed !== undefined && handed === this.#last;
    this.#last = handed;
    if (handed === undefined) return true;
    if (!stuck) return false;
    return this.#options.store.head().then(
      (head) => head > handed,
      () => false,
    );
  }

  /** Everything that is there by now, and for a while what comes. */
  async *#readOn(): AsyncGenerator<Delivery<StoredEvent>[], void, void> {
    const { store, position, applied, log } = this.#options;
    const until = performance.now() + every.compare * 2;
    try {
      let at = await position();
      while (!this.#stopping.signal.aborted && performance.now() < until) {
        const events = await store.read(at, page);
        const last = events.at(-1);
        if (!last) {
          await this.#pause(every.read);
          continue;
        }
        let left = events.map((event) => ({ event, tries: 1 }));
        while (left.length > 0 && !this.#stopping.signal.aborted) {
          const again: typeof left = [];
          let answered = 0;
          let wait = 0;
          yield left.map(({ event, tries }) => ({
            value: event,
            unreadable: undefined,
            payload: JSON.stringify(event.event),
            sequence: event.position,
            tries,
            ack: () => {
              answered += 1;
            },
            retry: (afterMs: number) => {
              answered += 1;
              wait = Math.max(wait, afterMs);
              again.push({ event, tries: tries + 1 });
            },
          }));
          // Whoever stops in the middle answers nothing; then nothing may count as applied.
          if (answered < left.length) return;
          left = again;
          if (wait > 0) await this.#pause(wait);
        }
        if (left.length > 0) return;
        at = last.position;
        applied(at);
      }
    } catch (error) {
      log.debug({ error }, 'the event store could not be read');
    }
  }

  async #pause(ms: number): Promise<void> {
    await setTimeout(ms, undefined, { signal: this.#stopping.signal }).catch(() => {});
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
  }
}
