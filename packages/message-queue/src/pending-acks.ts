import type { JsMsg } from '@nats-io/jetstream';

/** Message of a stream under a sequence. */
export interface Held {
  readonly subject: string;
  readonly time: Date;
}

interface PendingAck {
  /** Time of arrival in milliseconds since the epoch. */
  readonly since: number;
  /** True if it arrived before the connection or the consumer was lost. */
  unconfirmed: boolean;
  /** Acknowledgement that waits until the stream is known to be the same. */
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
  /** In the order of arrival. */
  readonly #pending = new Map<JsMsg, PendingAck>();

  /** Number of deliveries without an acknowledgement, including waiting ones. */
  get size(): number {
    return this.#pending.size;
  }

  /** Records a delivery, which must be acknowledged or forgotten. */
  add(message: JsMsg): void {
    this.#pending.set(message, { since: Date.now(), unconfirmed: false });
  }

  /** Sends the acknowledgement, or keeps it until the stream is known to be the same. */
  acknowledge(message: JsMsg, answer: () => void): void {
    const pending = this.#pending.get(message);
    if (pending?.unconfirmed) pending.answer = answer;
    else {
      this.#pending.delete(message);
      if (pending) answer();
    }
  }

  /** Marks all earlier deliveries as unconfirmed: they may belong to another stream. */
  markUnconfirmed(): void {
    for (const pending of this.#pending.values()) pending.unconfirmed = true;
  }

  /**
   * Sends or drops the waiting acknowledgements. Sequences grow with time, so if the stream still holds the
   * newest unacknowledged message, all of them came from it.
   * @param holds returns the message of the stream under a sequence
   */
  async confirm(holds: (sequence: number) => Promise<Held | undefined>): Promise<void> {
    const unconfirmed = [...this.#pending].filter(([, pending]) => pending.unconfirmed);
    const [newest] = unconfirmed.map(([message]) => message).sort((a, b) => b.seq - a.seq);
    if (!newest) return;
    const held = await holds(newest.seq);
    const same = held !== undefined && held.subject === newest.subject && isSameTime(held.time, newest.time);
    for (const [message, pending] of unconfirmed) {
      if (this.#pending.get(message) !== pending) continue;
      if (same) pending.unconfirmed = false;
      if (!same || pending.answer) this.#pending.delete(message);
      if (same) pending.answer?.();
    }
  }

  /** Forgets deliveries before this instant (milliseconds since the epoch), which will be delivered again. */
  forget(before: number): void {
    for (const [message, { since }] of this.#pending) {
      if (since >= before) return;
      this.#pending.delete(message);
    }
  }

  /** Yields the deliveries up to this instant (milliseconds since the epoch) that can be acknowledged and are not. */
  *acknowledgeable(until: number): Iterable<JsMsg> {
    for (const [message, { since, unconfirmed }] of this.#pending) {
      if (since > until) return;
      if (!unconfirmed) yield message;
    }
  }
}

/** The client reads nanoseconds into a number that cannot hold them, hence the tolerance of a millisecond. */
const isSameTime = (one: Date, other: Date): boolean => Math.abs(one.getTime() - other.getTime()) <= 1;
