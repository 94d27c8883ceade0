import type { JsMsg } from '@nats-io/jetstream';

/** What a stream holds under a sequence. */
export interface Held {
  readonly subject: string;
  readonly time: Date;
}

interface Known {
  /** When it came, in milliseconds since the epoch. */
  readonly since: number;
  /** Came before the connection, or the consumer, was lost. */
  doubtful: boolean;
  /** The answer that waits for the doubt to be settled. */
  answer?: () => void;
}

/**
 * The answers to deliveries. An answer names its message by sequence alone, and NATS takes it for whatever stands
 * there. A server whose disk was full, or that was given a new one, may come back with a stream that begins again at 1:
 * the answer to what was delivered before would then take away a message that nobody has seen. So once the connection
 * or the consumer is lost, answers to what came before wait until the stream has been asked; where it is another one
 * by now they are never sent.
 */
export class Answers {
  readonly #known = new Map<JsMsg, Known>();

  /** Deliveries without an answer, those included whose answer waits. */
  get size(): number {
    return this.#known.size;
  }

  /** Takes note of a delivery, which is to be answered or forgotten. */
  came(message: JsMsg): void {
    this.#known.set(message, { since: Date.now(), doubtful: false });
  }

  /** Sends the answer, or keeps it until it is known to be about the same message. */
  give(message: JsMsg, answer: () => void): void {
    const known = this.#known.get(message);
    if (known?.doubtful) known.answer = answer;
    else {
      this.#known.delete(message);
      if (known) answer();
    }
  }

  /** Everything that came so far may be about another stream. */
  doubt(): void {
    for (const known of this.#known.values()) known.doubtful = true;
  }

  /**
   * Settles the doubt. Sequences only grow with time, so where the stream still holds the newest of the unanswered
   * messages, it is the one that all of them came from.
   * @param holds what the stream has under a sequence
   */
  async settle(holds: (sequence: number) => Promise<Held | undefined>): Promise<void> {
    const doubtful = [...this.#known].filter(([, known]) => known.doubtful);
    const [newest] = doubtful.map(([message]) => message).sort((a, b) => b.seq - a.seq);
    if (!newest) return;
    const held = await holds(newest.seq);
    const same = held !== undefined && held.subject === newest.subject && isSameTime(held.time, newest.time);
    for (const [message, known] of doubtful) {
      if (this.#known.get(message) !== known) continue;
      if (same) known.doubtful = false;
      if (!same || known.answer) this.#known.delete(message);
      if (same) known.answer?.();
    }
  }

  /** Forgets what came before this instant (milliseconds since the epoch): it is left to be delivered again. */
  forget(before: number): void {
    for (const [message, { since }] of this.#known) if (since < before) this.#known.delete(message);
  }

  /** What can be answered now and has not been. */
  *open(): Iterable<JsMsg> {
    for (const [message, { doubtful }] of this.#known) if (!doubtful) yield message;
  }
}

/** The client reads nanoseconds into a number that can't hold them, hence the millisecond. */
const isSameTime = (one: Date, other: Date): boolean => Math.abs(one.getTime() - other.getTime()) <= 1;
