import type { Envelope, StoredEvent } from '@rookery/schema/events';

/** A new event of the store. */
export interface AppendedEvent extends StoredEvent {
  /** Text of the event in the store, in UTF-8. */
  readonly bytes: Uint8Array;
}

export interface Appended {
  /** New events, in order of position. */
  readonly recorded: readonly AppendedEvent[];
  /** Ids that were recorded already, or whose (actor, idempotency key) was. */
  readonly duplicates: readonly string[];
  /** Events among these that are not recorded themselves: another event of the same actor has their key. */
  readonly conflicts: readonly Envelope[];
}

/** The writer: holds the advisory lock on the connection that writes, so that the connection cannot outlive it. */
export interface EventWriter {
  /**
   * Appends new events in one transaction. Rejects once the lock is lost, without appending.
   * @param texts texts of the events as they were received, in UTF-8 and in the same order; by default they are written from
   * the events
   */
  append(events: readonly Envelope[], texts?: readonly Uint8Array[]): Promise<Appended>;
  /** Resolves when the lock is lost (the connection ended). */
  readonly lost: Promise<Error>;
  release(): Promise<void>;
}

/** An event, or a message, that could not be applied or recorded, and waits for an operator. */
export interface DeadLetter {
  /** Name of the projection that could not apply it, or `recorder`. */
  readonly by: string;
  /** Id of the event, or the stream sequence of a message that is not an event. */
  readonly id: string;
  readonly position: number | null;
  readonly error: string;
  readonly tries: number;
  readonly addedAt: string;
  readonly payload: string;
}

/** A dead letter that an operator redrove or dropped. */
export interface ResolvedDeadLetter {
  readonly by: string;
  readonly id: string;
  /** `redriven`: applied or recorded after all. `dropped`: discarded. */
  readonly action: 'redriven' | 'dropped';
  readonly who: string;
  readonly why: string;
  readonly at: string;
  readonly position: number | null;
}

/** A server behind the event store. */
export interface StoreReplicaStatus {
  readonly name: 'primary' | 'backup';
  readonly up: boolean;
  /** True if it is written and read now; with two equal stores, for both. */
  readonly current: boolean;
  /** Its last position; undefined if it does not answer. */
  readonly head: number | undefined;
  /** With two stores, the term in which this one was last written. */
  readonly term: number | undefined;
}

export interface EventStore {
  /** Creates missing tables and indexes. Idempotent, even if several processes do it at once. */
  prepare(): Promise<void>;
  /** Waits until this process is the writer; a standby waits here. */
  acquireWriter(signal: AbortSignal): Promise<EventWriter>;
  /** Returns the last position; 0 if the store is empty. */
  head(): Promise<number>;
  /** Returns at most `limit` events after `after`, in order (keyset). */
  read(after: number, limit: number): Promise<StoredEvent[]>;
  /** Adds an event to the dead letters. Idempotent by (by, id). */
  addDeadLetter(event: Omit<DeadLetter, 'addedAt'>): Promise<void>;
  /** Returns the dead letters, oldest first. */
  deadLetters(limit: number): Promise<DeadLetter[]>;
  /** Removes a dead letter, and records who did it and why. Returns false if there is none. */
  resolveDeadLetter(
    deadLetter: Pick<DeadLetter, 'by' | 'id'>,
    how: Pick<ResolvedDeadLetter, 'action' | 'who' | 'why'>,
  ): Promise<boolean>;
  /** Returns the resolved dead letters, newest first. */
  resolvedDeadLetters(limit: number): Promise<ResolvedDeadLetter[]>;
  /** Returns the position of an event; undefined if it is not recorded. */
  positionOf(id: string): Promise<number | undefined>;
  /** Returns the event with this id; undefined if it is not recorded. */
  byId(id: string): Promise<StoredEvent | undefined>;
  /** Returns the event with this idempotency key of the actor; undefined if none is recorded. */
  byKey(actor: string, key: string): Promise<StoredEvent | undefined>;
  /** Returns the servers behind the store, the primary first. */
  replicas(): Promise<readonly StoreReplicaStatus[]>;
  ping(): Promise<void>;
  close(): Promise<void>;
}
