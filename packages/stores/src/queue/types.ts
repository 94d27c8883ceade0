import type { Envelope } from '@rookery/schema/events';
import type { StoredEvent } from '../event-store/types.ts';
import type { Numbered, Register } from './register.ts';

/** One message that was delivered and awaits an answer. */
export interface Delivery<T> {
  /** The value, or the reason why it could not be read (then `payload` has the text as it came). */
  readonly value: T | undefined;
  readonly unreadable: Error | undefined;
  readonly payload: string;
  /** Sequence in its stream. */
  readonly sequence: number;
  /** 1 for the first delivery. */
  readonly tries: number;
  ack(): void;
  /** Deliver again, after this many milliseconds. */
  retry(afterMs: number): void;
}

export interface Batches<T> extends AsyncIterable<Delivery<T>[]> {
  stop(): Promise<void>;
}

export interface ConsumerState {
  /** Sequence up to which everything has been acknowledged. On RECORDED it is a position. */
  readonly ackFloor: number;
  /** Delivered, not acknowledged. */
  readonly inFlight: number;
  /** Not delivered yet. */
  readonly waiting: number;
  /** Somebody is pulling right now. */
  readonly attached: boolean;
  /** When it was made. One that was deleted and made again is another: its floor says nothing of what it never got. */
  readonly since: string;
}

/** Events that a consumer has not handled. */
export interface Backlog {
  /** Somebody takes its events. */
  readonly isWorking: boolean;
  readonly events: number;
  /** When the oldest of them was published, as an ISO 8601 instant; missing if there is none. */
  readonly oldestAt?: string;
}

/** One server, or cluster of servers, behind the queue. */
export interface QueueLine {
  readonly name: 'first' | 'second';
  /** Connected, and not given up for the moment for want of answers. */
  readonly up: boolean;
  /** Since the start: what was asked here because the one before did not answer. */
  readonly fallbacks: number;
}

/** The outcome of an idempotent claim: `event` is the one that the key stands for, whoever made it. */
export interface Claim {
  readonly event: Envelope;
  readonly first: boolean;
}

/**
 * JetStream, as Rookery uses it.
 * ACTIVITY (work queue: a message goes when the recorder has acknowledged it), subject `activity.<event id>`.
 * RECORDED (interest: a message goes when every projection has acknowledged it), subject `recorded.<event id>`,
 * whose stream sequence equals the event's position: each publish demands the sequence before it.
 * Both refuse what is new when they are full; neither drops what nobody has handled.
 */
export interface Queue {
  /** Makes streams, durable consumers and the bucket of idempotency keys where they are missing, and checks what came back. */
  prepare(): Promise<void>;
  /** Resolves when the queue has the event. @throws RookeryError SERVICE_UNAVAILABLE within QUEUE_ACK_TIMEOUT */
  publish(event: Envelope): Promise<void>;
  /** The same for an event that was published before, and must be delivered once more. */
  publishAgain(event: Envelope): Promise<void>;
  /** The first event that this actor sent with this key, for 24 hours; it becomes this one where there is none. */
  claim(event: Envelope): Promise<Claim>;
  /** Returns the event that `claim` stored under `keyedId(actor, key)`; undefined if it has expired. Claims nothing. */
  claimed(id: string): Promise<Envelope | undefined>;
  /**
   * Time of the newest command that was accepted from this actor, in milliseconds since the epoch, on whichever process;
   * 0 if there was none within the last hour. @throws RookeryError SERVICE_UNAVAILABLE
   */
  highWaterMark(actor: string): Promise<number>;
  /** Resolves when the mark is at this time or later. @throws RookeryError SERVICE_UNAVAILABLE */
  raiseHighWaterMark(actor: string, time: number): Promise<void>;
  /**
   * An event that the queue still holds: not yet recorded, or recorded and not yet projected everywhere.
   * @throws QueuePartlyAway where it may be in one that does not answer
   */
  find(id: string): Promise<{ event: Envelope; position: number | null } | undefined>;
  /** The recorder's messages, in batches of up to `max`, as they come (no waiting to fill a batch). */
  activity(max: number): Promise<Batches<Envelope>>;
  /**
   * Makes what a recorder before this one had in hand come at once instead of after the acknowledgement wait.
   * Only for who holds the event store's writer lock.
   */
  takeOver(): Promise<void>;
  /** A projection's messages, or those of its standby, whose consumer is made where it is missing. */
  recorded(projection: string, max: number): Promise<Batches<StoredEvent>>;
  /** Deletes the consumer of a standby, so that RECORDED keeps nothing for it. */
  letGo(standby: string): Promise<void>;
  /** Hands recorded events on, in order, to the preferred server's RECORDED. Rejects where the stream is not exactly at the position before. */
  handOn(events: readonly StoredEvent[]): Promise<void>;
  /** Last position that RECORDED has been given. */
  handedOn(): Promise<number>;
  /** False where RECORDED has lost what a projection has not been given. */
  hasAllHandedOn(): Promise<boolean>;
  /** Makes RECORDED anew, empty, and its consumers with it. Only for who can fill it again, and writes it. */
  renewRecorded(): Promise<void>;
  /** `recorder`, or a projection's name. */
  consumer(name: string): Promise<ConsumerState>;
  /** The same consumers, for whoever wants to know how late they are. */
  backlog(name: string): Promise<Backlog>;
  /** A small value on which all processes agree, see Register. */
  register<T extends Numbered>(name: string): Register<T>;
  /** The servers behind it, the preferred one first. */
  lines(): readonly QueueLine[];
  ping(): Promise<void>;
  close(): Promise<void>;
}
