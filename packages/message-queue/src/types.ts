import type { Envelope, StoredEvent } from '@rookery/schema/events';
import type { FencingTokenStore, HasTerm } from './fencing-token-store.ts';
import type { RelayedEvent } from './recorded.ts';
import type { StreamUsage } from './stream-usage.ts';

/** A delivered message that awaits an acknowledgement. */
export interface Delivery<T> {
  /** Value, or the reason why it is unreadable (`payload` then has the original text). */
  readonly value: T | undefined;
  readonly unreadable: Error | undefined;
  readonly payload: string;
  /** The payload as it was received; in UTF-8, if there is a value. */
  readonly bytes: Uint8Array;
  /** Sequence in its stream. */
  readonly sequence: number;
  /** Number of messages that the consumer had not delivered yet when it delivered this one. */
  readonly waiting: number;
  /** 1 for the first delivery. */
  readonly tries: number;
  ack(): void;
  /** Requests redelivery after this many milliseconds. */
  retry(afterMs: number): void;
}

export interface Batches<T> extends AsyncIterable<Delivery<T>[]> {
  stop(): Promise<void>;
}

export interface ConsumerState {
  /** Sequence up to which everything is acknowledged. On RECORDED it is a position. */
  readonly ackFloor: number;
  /** Number of delivered, unacknowledged messages. */
  readonly inFlight: number;
  /** Number of messages that were not delivered yet. */
  readonly waiting: number;
  /** True if a client is pulling now. */
  readonly attached: boolean;
  /**
   * Time of creation. A recreated consumer is a different one: its floor says nothing about messages that it
   * never received.
   */
  readonly since: string;
}

/** Events that a consumer has not processed. */
export interface Backlog {
  /** True if a client processes its events. */
  readonly isWorking: boolean;
  readonly events: number;
  /** Publication time of the oldest of them, an ISO 8601 instant; absent if there is none. */
  readonly oldestAt?: string;
}

/** A server or cluster behind the queue. */
export interface QueueReplicaStatus {
  readonly name: 'first' | 'second';
  /** True if connected and answering. */
  readonly up: boolean;
  /** Number of requests since the start that came here because the other queue did not answer. */
  readonly fallbacks: number;
}

/** Result of an idempotency claim: `event` is the event of the key, whichever command made it. */
export interface Claim {
  readonly event: Envelope;
  readonly first: boolean;
}

/**
 * JetStream, as used by Rookery.
 * - ACTIVITY (work queue: a message is removed once the recorder has acknowledged it), subject
 *   `activity.<event id>`.
 * - RECORDED (interest: a message is removed once every projection has acknowledged it), subject
 *   `recorded.<event id>`, whose stream sequence equals the position of the event: each publish requires the
 *   previous sequence.
 *
 * Both refuse new messages when they are full; neither drops unprocessed ones.
 */
export interface Queue {
  /** Creates missing streams, durable consumers and the bucket of idempotency keys, and verifies their settings. */
  prepare(): Promise<void>;
  /**
   * Resolves when the queue has the event.
   * @throws UnavailableError within QUEUE_ACK_TIMEOUT
   */
  publish(event: Envelope): Promise<void>;
  /** Publishes an event again that must be delivered once more. */
  publishAgain(event: Envelope): Promise<void>;
  /**
   * Claims the idempotency key of the event for 24 hours. Returns the first event with this key, which is the
   * given one if there was none.
   */
  claim(event: Envelope): Promise<Claim>;
  /** Returns the event that `claim` stored under `keyedId(actor, key)`; undefined if it has expired. Claims nothing. */
  claimed(id: string): Promise<Envelope | undefined>;
  /**
   * Returns the time of the newest accepted command of this actor on any process, in milliseconds since the
   * epoch; 0 if there was none within the last hour.
   * @throws UnavailableError
   */
  highWaterMark(actor: string): Promise<number>;
  /**
   * Resolves when the mark is at this time or later.
   * @throws UnavailableError
   */
  raiseHighWaterMark(actor: string, time: number): Promise<void>;
  /**
   * Returns an event that the queue still holds: not recorded yet, or recorded and not projected everywhere
   * yet.
   * @throws QueuePartlyDownError if it may be in a queue that does not answer
   */
  find(id: string): Promise<{ event: Envelope; position: number | null } | undefined>;
  /** Returns the messages for the recorder, in batches of up to `max`, without waiting to fill a batch. */
  activity(max: number): Promise<Batches<Envelope>>;
  /**
   * Redelivers the unacknowledged messages of an earlier recorder at once, instead of after the
   * acknowledgement time-out. The caller must hold the lock of the writer.
   */
  takeOver(): Promise<void>;
  /** Returns the messages for a consumer of RECORDED, which is created if it is missing. */
  recorded(projection: string, max: number): Promise<Batches<StoredEvent>>;
  /** Deletes the consumer of a standby, so that RECORDED keeps nothing for it. */
  letGo(standby: string): Promise<void>;
  /**
   * Publishes recorded events in order to RECORDED on the preferred server. Rejects unless the stream is
   * exactly at the previous position.
   */
  relay(events: readonly RelayedEvent[]): Promise<void>;
  /** Returns the last position in RECORDED. */
  lastPublished(): Promise<number>;
  /** Returns false if RECORDED lost messages that a projection had not received. */
  hasAllPublished(): Promise<boolean>;
  /** Recreates RECORDED, empty, with its consumers. The caller must be the writer and refill it. */
  renewRecorded(): Promise<void>;
  /**
   * Lets RECORDED continue after this event. Its consumers are created again and have the event as their floor: projections
   * apply what they lack up to there from the event store. The caller must be the writer. If it is killed, the recorder
   * repeats it.
   * @returns false if the stream has copies on several servers, which do not allow it: then it must be filled as usual
   */
  skipRecorded(to: StoredEvent): Promise<boolean>;
  /**
   * Lets the consumer of a projection continue with events that are published from now on, if at least so many wait for it, and this
   * process alone works for it. The consumer is created again and has the last published event as its floor: the projection
   * applies what it lacks up to there from the event store.
   * @returns whether it was done
   */
  skipBacklog(projection: string, atLeast: number): Promise<boolean>;
  /** Returns the state of a consumer: `recorder`, or the name of a projection. */
  consumer(name: string): Promise<ConsumerState>;
  /** Returns the backlog of a consumer. */
  backlog(name: string): Promise<Backlog>;
  /** Returns a small value on which all processes agree, see FencingTokenStore. */
  fencingTokenStore<T extends HasTerm>(name: string): FencingTokenStore<T>;
  /** Returns the servers behind the queue, the preferred one first. */
  replicas(): readonly QueueReplicaStatus[];
  /** Bytes of every stream against its limit. @throws if no server answers */
  streams(): Promise<readonly StreamUsage[]>;
  ping(): Promise<void>;
  close(): Promise<void>;
}
