import type { JsMsg } from '@nats-io/jetstream';
import type { StoredEvent } from '@rookery/schema/events';

/** Limits of the cache: several batches of each consumer, so that consumers at about the same position share them. */
const limits = { events: 16_384, bytes: 32 * 1024 * 1024 } as const;

interface CachedEvent {
  /** Identify the message: a stream that is created again gives its sequences to other messages. */
  readonly subject: string;
  readonly timestamp: number;
  readonly bytes: number;
  readonly value: StoredEvent;
}

/**
 * Decoded messages of RECORDED, for all consumers of one process: each projection receives the same messages,
 * and only the first one decodes them. Bounded in number and bytes.
 */
export class RecordedCache {
  readonly #read: (message: JsMsg) => StoredEvent;
  readonly #bySequence = new Map<number, CachedEvent>();
  #bytes = 0;

  /** @param read decodes a message; what it throws is not cached */
  constructor(read: (message: JsMsg) => StoredEvent) {
    this.#read = read;
  }

  /** Returns the event of a message: the same object each time. */
  read(message: JsMsg): StoredEvent {
    const { seq, subject } = message;
    const timestamp = message.info.timestampNanos;
    const known = this.#bySequence.get(seq);
    if (known?.subject === subject && known.timestamp === timestamp) return known.value;
    if (known) this.#forget(seq, known);
    const value = this.#read(message);
    this.#add(seq, { subject, timestamp, bytes: message.data.length, value });
    return value;
  }

  #add(seq: number, cached: CachedEvent): void {
    this.#bySequence.set(seq, cached);
    this.#bytes += cached.bytes;
    for (const [oldest, one] of this.#bySequence) {
      if (this.#bySequence.size <= limits.events && this.#bytes <= limits.bytes) return;
      this.#forget(oldest, one);
    }
  }

  #forget(seq: number, cached: CachedEvent): void {
    this.#bySequence.delete(seq);
    this.#bytes -= cached.bytes;
  }
}
