import type { JsMsg } from '@nats-io/jetstream';
import type { StoredEvent } from '@rookery/schema/events';
import { LRUCache } from 'lru-cache';

/** Limits of the cache: several batches of each consumer, so that consumers at about the same position share them. */
const limits = { events: 16_384, bytes: 32 * 1024 * 1024 } as const;

interface CachedEvent {
  /** Identify the message: a stream that is created again gives its sequences to other messages. */
  readonly subject: string;
  readonly timestamp: number;
  readonly value: StoredEvent;
}

/**
 * Decoded messages of RECORDED, for all consumers of one process: each projection receives the same messages,
 * and only the first one decodes them. Bounded in number and bytes.
 */
export class RecordedCache {
  readonly #read: (message: JsMsg) => StoredEvent;
  readonly #bySequence = new LRUCache<number, CachedEvent>({ max: limits.events, maxSize: limits.bytes });

  /** @param read decodes a message; what it throws is not cached */
  constructor(read: (message: JsMsg) => StoredEvent) {
    this.#read = read;
  }

  /** Returns the event of a message: the same object each time. */
  read(message: JsMsg): StoredEvent {
    const { seq, subject } = message;
    const timestamp = message.info.timestampNanos;
    // The oldest one leaves first, however often it was read: consumers move on.
    const known = this.#bySequence.peek(seq);
    if (known?.subject === subject && known.timestamp === timestamp) return known.value;
    const value = this.#read(message);
    this.#bySequence.set(seq, { subject, timestamp, value }, { size: message.data.length });
    return value;
  }
}
