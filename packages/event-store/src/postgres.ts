import type { Logger } from '@rookery/runtime';
import type { Envelope, StoredEvent } from '@rookery/schema/events';
import type pg from 'pg';
import { ReadThrough } from './archived.ts';
import type { EventArchive } from './backup/archive.ts';
import { type ConnectionTimeouts, openPool } from './connections.ts';
import { escapeText, prepareSchema, unescapeText } from './schema.ts';
import { hasCode, undefinedFunction, undefinedSchema, undefinedTable } from './sql-states.ts';
import { type StoreTerm, selectTerm, type TermRow } from './term.ts';
import type { DeadLetter, EventStore, EventWriter, ResolvedDeadLetter, StoreReplicaStatus } from './types.ts';
import { acquire } from './writer.ts';

interface EventRow {
  readonly position: string;
  readonly recorded_at: Date;
  readonly event: Envelope;
}

interface DeadLetterRow {
  readonly by: string;
  readonly id: string;
  readonly position: string | null;
  readonly error: string;
  readonly tries: number;
  readonly parked_at: Date;
  readonly payload: string;
}

/** Maximum wait for a graceful close of the pool. */
const closeTimeoutMs = 1_000;

const toStored = (row: EventRow): StoredEvent => ({
  position: Number(row.position),
  recordedAt: row.recorded_at.toISOString(),
  event: row.event,
});

const toDeadLetter = (row: DeadLetterRow): DeadLetter => ({
  by: row.by,
  id: row.id,
  position: row.position === null ? null : Number(row.position),
  error: unescapeText(row.error),
  tries: row.tries,
  addedAt: row.parked_at.toISOString(),
  payload: row.payload,
});

/** Positions by identity; the second statements are for a store that only earlier versions have prepared. */
const byIdentity = {
  id: [
    'select position from event_store.known_ids(array[$1::uuid])',
    'select position from event_store.events where id = $1',
  ],
  key: [
    'select position from event_store.known_keys(array[$1::uuid], array[$2::text])',
    'select position from event_store.events where actor = $1 and idempotency_key = $2',
  ],
} as const;

export interface PostgresEventStoreOptions {
  readonly timeoutsMs?: ConnectionTimeouts;
  /** Number of events in a new partition. */
  readonly partitionSize?: number | undefined;
  /** Archived events. Without it, reading them fails. */
  readonly archive?: EventArchive | undefined;
}

/** The event store in Postgres 15 or later, schema `event_store`. Every call is bounded in time. */
export class PostgresEventStore implements EventStore {
  readonly #url: string;
  readonly #log: Logger;
  readonly #pool: pg.Pool;
  readonly #history: ReadThrough<StoredEvent>;
  readonly #options: PostgresEventStoreOptions;
  readonly #writers = new Set<EventWriter>();
  /** A position that the store once ended at, so that its end is looked for in the last partitions only. */
  #seen = 0;

  constructor(url: string, log: Logger, options: PostgresEventStoreOptions = {}) {
    this.#url = url;
    this.#log = log;
    this.#options = options;
    this.#pool = openPool(url, log, options.timeoutsMs);
    this.#history = new ReadThrough({
      client: this.#pool,
      archive: options.archive,
      select: async (condition, values) => {
        const { rows } = await this.#pool.query<EventRow>(
          `select position, recorded_at, event from event_store.events where ${condition}`,
          [...values],
        );
        return rows.map(toStored);
      },
      fromArchive: ({ position, recordedAt, text }): StoredEvent => ({
        position,
        recordedAt,
        event: JSON.parse(text),
      }),
    });
  }

  async prepare(): Promise<void> {
    await prepareSchema(this.#pool);
  }

  async acquireWriter(signal: AbortSignal): Promise<EventWriter> {
    const writer = await acquire(this.#url, this.#log, signal, this.#options);
    this.#writers.add(writer);
    void writer.lost.then(() => this.#writers.delete(writer));
    return writer;
  }

  async head(): Promise<number> {
    // It may have been behind the end of the store of another server that was read before.
    const head = (await this.#headFrom(this.#seen)) ?? (await this.#headFrom(0)) ?? 0;
    this.#seen = head;
    return head;
  }

  async #headFrom(position: number): Promise<number | undefined> {
    const { rows } = await this.#pool.query<{ position: string }>(
      'select position from event_store.events where position >= $1 order by position desc limit 1',
      [position],
    );
    return rows[0] && Number(rows[0].position);
  }

  read(after: number, limit: number): Promise<StoredEvent[]> {
    return this.#history.rows(after, limit);
  }

  async addDeadLetter({
    by,
    id,
    position,
    error,
    tries,
    payload,
  }: Omit<DeadLetter, 'addedAt'>): Promise<void> {
    await this.#pool.query(
      `insert into event_store.parked (by, id, position, error, tries, payload) values ($1, $2, $3, $4, $5, $6)
       on conflict (by, id) do update set error = excluded.error, tries = excluded.tries`,
      [by, id, position, escapeText(error), tries, JSON.stringify(payload)],
    );
  }

  async deadLetters(limit: number): Promise<DeadLetter[]> {
    const { rows } = await this.#pool.query<DeadLetterRow>(
      'select by, id, position, error, tries, parked_at, payload from event_store.parked order by parked_at, by, id limit $1',
      [limit],
    );
    return rows.map(toDeadLetter);
  }

  async resolveDeadLetter(
    { by, id }: Pick<DeadLetter, 'by' | 'id'>,
    { action, who, why }: Pick<ResolvedDeadLetter, 'action' | 'who' | 'why'>,
  ): Promise<boolean> {
    const { rowCount } = await this.#pool.query(
      `with gone as (delete from event_store.parked where by = $1 and id = $2 returning *)
       insert into event_store.settled (by, id, position, action, who, why, error, tries, parked_at, payload)
       select by, id, position, $3, $4, $5, error, tries, parked_at, payload from gone`,
      [by, id, action, escapeText(who), escapeText(why)],
    );
    return rowCount === 1;
  }

  async resolvedDeadLetters(limit: number): Promise<ResolvedDeadLetter[]> {
    const { rows } = await this.#pool.query<
      Omit<ResolvedDeadLetter, 'at' | 'position'> & { at: Date; position: string | null }
    >('select by, id, position, action, who, why, at from event_store.settled order by at desc limit $1', [
      limit,
    ]);
    return rows.map((row) => ({
      ...row,
      position: row.position === null ? null : Number(row.position),
      who: unescapeText(row.who),
      why: unescapeText(row.why),
      at: row.at.toISOString(),
    }));
  }

  async positionOf(id: string): Promise<number | undefined> {
    return this.#positionBy('id', [id]);
  }

  async byId(id: string): Promise<StoredEvent | undefined> {
    return this.#at(await this.#positionBy('id', [id]));
  }

  async byKey(actor: string, key: string): Promise<StoredEvent | undefined> {
    return this.#at(await this.#positionBy('key', [actor, escapeText(key)]));
  }

  async #positionBy(
    identity: keyof typeof byIdentity,
    values: readonly string[],
  ): Promise<number | undefined> {
    const [lookup, earlier] = byIdentity[identity];
    try {
      const { rows } = await this.#pool
        .query<{ position: string }>(lookup, [...values])
        .catch((error: unknown) => {
          if (!hasCode(error, undefinedFunction)) throw error;
          return this.#pool.query<{ position: string }>(earlier, [...values]);
        });
      return rows[0] && Number(rows[0].position);
    } catch (error) {
      // A store that no recorder has prepared yet has no events.
      if (hasCode(error, undefinedTable, undefinedSchema)) return undefined;
      throw error;
    }
  }

  async #at(position: number | undefined): Promise<StoredEvent | undefined> {
    if (position === undefined) return undefined;
    const [event] = await this.read(position - 1, 1);
    return event?.position === position ? event : undefined;
  }

  /** Returns the term of the last writer of two stores; 0 if there was none. */
  async term(): Promise<StoreTerm> {
    const { rows } = await this.#pool.query<TermRow>(selectTerm);
    const [row] = rows;
    return row ? { term: Number(row.term), current: row.current } : { term: 0, current: 'primary' };
  }

  async replicas(): Promise<readonly StoreReplicaStatus[]> {
    const up = await this.ping().then(
      () => true,
      () => false,
    );
    return [{ name: 'primary', up, current: up, head: up ? await this.head() : undefined, term: undefined }];
  }

  async ping(): Promise<void> {
    await this.#pool.query('select 1');
  }

  async close(): Promise<void> {
    await Promise.all([...this.#writers].map((writer) => writer.release()));
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, closeTimeoutMs);
    await Promise.race([this.#pool.end().catch(() => {}), promise]);
    clearTimeout(timer);
  }
}
