import { randomUUID } from 'node:crypto';
import { EventEmitter, on } from 'node:events';
import { startWith } from './start-with.ts';

/** A record, as it is stored. */
export interface SampleRecord {
  readonly id: string;
  readonly postId: string;
  readonly authorId: string;
  readonly text: string;
  /** ISO 8601. */
  readonly createdAt: string;
}

/** One event of a subscription. */
export interface SampleEvent {
  readonly cursor: string;
  readonly sample: SampleRecord;
}

/**
 * Keeps everything in memory, in the order in which it was added: put your database in its place. Several replicas need a database, and
 * something that tells each of them of new records, such as LISTEN of Postgres.
 */
export class SampleStore {
  readonly #records: SampleRecord[] = [];
  readonly #added = new EventEmitter().setMaxListeners(0);

  add(given: Pick<SampleRecord, 'postId' | 'authorId' | 'text'>): SampleRecord {
    const record = { ...given, id: randomUUID(), createdAt: new Date().toISOString() };
    const cursor = String(this.#records.push(record));
    this.#added.emit(eventOf(record.postId), { cursor, sample: record } satisfies SampleEvent);
    return record;
  }

  find(id: string): SampleRecord | undefined {
    return this.#records.find((record) => record.id === id);
  }

  /** Returns the newest records that match, the newest first. */
  newest(first: number, match: Partial<Pick<SampleRecord, 'postId' | 'authorId'>>): SampleRecord[] {
    const { postId, authorId } = match;
    const matches = (record: SampleRecord): boolean =>
      (postId === undefined || record.postId === postId) &&
      (authorId === undefined || record.authorId === authorId);
    return this.#records.filter(matches).toReversed().slice(0, first);
  }

  /** Returns the cursor from which on `follow` gives only what is added from now on. */
  get end(): string {
    return String(this.#records.length);
  }

  /** Returns what is added to a post after a cursor; undefined if this is no cursor of the store. */
  follow(postId: string, after: string): AsyncIterableIterator<[SampleEvent]> | undefined {
    const begin = /^\d+$/.test(after) ? Number(after) : Number.NaN;
    if (!(begin <= this.#records.length)) return undefined;
    // Listens before it reads, so that nothing falls between the two.
    const live = on(this.#added, eventOf(postId)) as AsyncIterable<[SampleEvent]>;
    const missed = this.#records.flatMap((record, index): [SampleEvent][] =>
      index >= begin && record.postId === postId ? [[{ cursor: String(index + 1), sample: record }]] : [],
    );
    return startWith(missed, live);
  }
}

/** Returns an event's name that is none of the special ones, such as `error`. */
const eventOf = (postId: string): string => `post ${postId}`;
