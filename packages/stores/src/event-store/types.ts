import type { Envelope } from '@rookery/schema/events';

/** An event as the store keeps it: its envelope unread beyond what the recorder needs. */
export interface StoredEvent {
  /** Contiguous, from 1. */
  readonly position: number;
  /** ISO 8601 instant at which it was appended. */
  readonly recordedAt: string;
  readonly event: Envelope;
}

export interface Appended {
  /** What was new, in order of position. */
  readonly recorded: readonly StoredEvent[];
  /** Ids that were there already, or whose (actor, idempotency key) was. */
  readonly duplicates: readonly string[];
  /** Of these, the events that are not there themselves: another event of the same actor has their key. */
  readonly conflicts: readonly Envelope[];
}

/** The one who may append: holds the advisory lock on the very connection that writes, so that it can't outlive it. */
export interface EventWriter {
  /** Appends what is new in one transaction. Rejects once the lock is lost; then nothing was appended. */
  append(events: readonly Envelope[]): Promise<Appended>;
  /** Settles when the lock is lost (the connection ended). */
  readonly lost: Promise<Error>;
  release(): Promise<void>;
}

export interface ParkedEvent {
  /** Who could not apply it: a projection's name, or `recorder`. */
  readonly by: string;
  /** The event's id, or the stream sequence of a message that is no event. */
  readonly id: string;
  readonly position: number | null;
  readonly error: string;
  readonly tries: number;
  readonly parkedAt: string;
  readonly payload: string;
}

/** What became of a parked event. */
export interface Settled {
  readonly by: string;
  readonly id: string;
  /** redriven: applied, or recorded, after all. dropped: given up for good. */
  readonly action: 'redriven' | 'dropped';
  readonly who: string;
  readonly why: string;
  readonly at: string;
  readonly position: number | null;
}

/** One of the servers behind the event store. */
export interface StoreLine {
  readonly name: 'primary' | 'backup';
  readonly up: boolean;
  /** Written and read now. With two stores that are equal, both are. */
  readonly current: boolean;
  /** Its last position; undefined where it does not answer. */
  readonly head: number | undefined;
  /** Of two stores, the term that this one was last written in. */
  readonly term: number | undefined;
}

export interface EventStore {
  /** Makes tables and indexes where they are missing. Idempotent, and safe when several processes do it at once. */
  prepare(): Promise<void>;
  /** Waits until this process is the writer; a standby waits here. */
  acquireWriter(signal: AbortSignal): Promise<EventWriter>;
  /** The last position; 0 where the store is empty. */
  head(): Promise<number>;
  /** Events behind `after`, in order, `limit` at the most (keyset). */
  read(after: number, limit: number): Promise<StoredEvent[]>;
  /** Sets an event aside. Idempotent by (by, id). */
  park(event: Omit<ParkedEvent, 'parkedAt'>): Promise<void>;
  parked(limit: number): Promise<ParkedEvent[]>;
  /** Takes a parked event off the list, and keeps who did that and why. False where it is not on it. */
  settle(
    parked: Pick<ParkedEvent, 'by' | 'id'>,
    how: Pick<Settled, 'action' | 'who' | 'why'>,
  ): Promise<boolean>;
  /** What has been taken off the list, the newest first. */
  settled(limit: number): Promise<Settled[]>;
  /** Where an event is; undefined where it is not recorded. */
  positionOf(id: string): Promise<number | undefined>;
  /** Returns the event with this id; undefined if it is not recorded. */
  byId(id: string): Promise<StoredEvent | undefined>;
  /** The event that this actor's idempotency key stands for; undefined if none is recorded. */
  byKey(actor: string, key: string): Promise<StoredEvent | undefined>;
  /** The servers behind it, the primary first. */
  lines(): Promise<readonly StoreLine[]>;
  ping(): Promise<void>;
  close(): Promise<void>;
}
