import { LRUCache } from 'lru-cache';
import { endOfTurn } from './end-of-turn.ts';
import { isWrongLastSequence } from './errors.ts';
import type { QueueClients } from './queue-connection.ts';
import { SharedCalls } from './shared-calls.ts';
import { orderStream } from './topology.ts';

/** Number of actors whose last mark is cached. */
const cacheSize = 50_000;

interface Mark {
  /** Milliseconds since the epoch. */
  readonly time: number;
  /** Sequence in the stream; 0 if the stream has no mark of this actor. */
  readonly revision: number;
}

export interface HighWaterMarksOptions {
  readonly clients: () => QueueClients;
  /** Time-out of each request. */
  readonly timeoutMs: number;
}

/**
 * The time of each actor's newest accepted command, on which all processes agree (docs/adr/order-of-writes.md):
 * one message per actor in the stream ORDER, replaced by compare-and-set and only by a later time.
 */
export class HighWaterMarks {
  readonly #options: HighWaterMarksOptions;
  readonly #cache = new LRUCache<string, Mark>({ max: cacheSize });
  readonly #reads = new SharedCalls<Mark>();
  readonly #writes = new SharedCalls<void>();
  /** Per actor, the time that the next write is to store. */
  readonly #wanted = new Map<string, number>();

  constructor(options: HighWaterMarksOptions) {
    this.#options = options;
  }

  /** Clears the cache: the server may come back without its data. */
  reset(): void {
    this.#cache.clear();
  }

  /** Reads the mark from the stream's leader, never from the cache: another process may have raised it. 0 if there is none. */
  async read(actor: string): Promise<number> {
    return (await this.#reads.call(actor, () => this.#read(actor))).time;
  }

  /** Resolves when the stream holds this time, or a later one. */
  raise(actor: string, time: number): Promise<void> {
    this.#wanted.set(actor, Math.max(time, this.#wanted.get(actor) ?? 0));
    return this.#writes.call(actor, () => {
      const wanted = this.#wanted.get(actor) ?? time;
      this.#wanted.delete(actor);
      return this.#write(actor, wanted);
    });
  }

  async #write(actor: string, time: number): Promise<void> {
    const { clients, timeoutMs } = this.#options;
    const until = performance.now() + timeoutMs;
    do {
      const { time: held, revision } = this.#cache.get(actor) ?? (await this.#read(actor));
      if (held >= time) return;
      // With the event, which is published at the same time.
      await endOfTurn();
      try {
        const { seq } = await clients().js.publish(`order.${actor}`, String(time), {
          timeout: timeoutMs,
          expect: { streamName: orderStream, lastSubjectSequence: revision },
        });
        this.#cache.set(actor, { time, revision: seq });
        return;
      } catch (error) {
        this.#cache.delete(actor);
        if (!isWrongLastSequence(error)) throw error;
      }
    } while (performance.now() < until);
    throw new Error('the high-water mark is contended');
  }

  async #read(actor: string): Promise<Mark> {
    const message = await this.#options
      .clients()
      .jsm.streams.getMessage(orderStream, { last_by_subj: `order.${actor}` });
    const mark = message
      ? { time: Number(message.string()), revision: message.seq }
      : { time: 0, revision: 0 };
    // Two reads may be answered in the other order.
    if (mark.revision >= (this.#cache.get(actor)?.revision ?? 0)) this.#cache.set(actor, mark);
    return mark;
  }
}
