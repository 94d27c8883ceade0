import type { JsMsg } from '@nats-io/jetstream';

/** Message of a stream under a sequence. */
export interface Held {
  readonly subject: string;
  readonly time: Date;
}

interface Known {
  /** Time of arrival in milliseconds since the epoch. */
  readonly since: number;
  /** True if it arrived before the connection or the consumer was lost. */
  doubtful: boolean;
  /** Acknowledgement that waits until the doubt is resolved. */
  answer?: () => void;
}

/**
 * Acknowledgements of deliveries. An acknowledgement identifies its message by sequence alone, and NATS
 * applies it to whichever message has that sequence. A server whose disk was full or replaced may come back
 * with a stream that restarts at 1: an acknowledgement of an earlier delivery would then remove a message
 * that was never delivered. So once the connection or the consumer is lost, acknowledgements of earlier
 * deliveries wait until the stream was checked; if it is a different one they are never sent.
 */
export class PendingAcks {
  readonly #known = new Map<JsMsg, Known>();

  /** Number of deliveries without an acknowledgement, including waiting ones. */
  get size(): number {
    return this.#known.size;
  }

  /** Records a delivery, which must be acknowledged or forgotten. */
  came(message: JsMsg): void {
    this.#known.set(message, { since: Date.now(), doubtful: false });
  }

  /** Sends the acknowledgement, or keeps it until the stream is known to be the same. */
  give(message: JsMsg, answer: () => void): void {
    const known = this.#known.get(message);
    if (known?.doubtful) known.answer = answer;
    else {
      this.#known.delete(message);
      if (known) answer();
    }
  }

  /** Marks all earlier deliveries as doubtful: they may belong to another stream. */
  doubt(): void {
    for (const known of this.#known.values()) known.doubtful = true;
  }

  /**
   * Resolves the doubt. Sequences grow with time, so if the stream still holds the newest unacknowledged
   * message, all of them came from it.
   * @param holds returns the message of the stream under a sequence
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

  /** Forgets deliveries before this instant (milliseconds since the epoch), which will be delivered again. */
  forget(before: number): void {
    for (const [message, { since }] of this.#known) if (since < before) this.#known.delete(message);
  }

  /** Yields the deliveries that can be acknowledged and are not. */
  *open(): Iterable<JsMsg> {
    for (const [message, { doubtful }] of this.#known) if (!doubtful) yield message;
  }
}

/** The client reads nanoseconds into a number that cannot hold them, hence the tolerance of a millisecond. */
const isSameTime = (one: Date, other: Date): boolean => Math.abs(one.getTime() - other.getTime()) <= 1;
