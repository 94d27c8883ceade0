import type { Logger } from '@rookery/runtime';
import type { Envelope, StoredEvent } from '@rookery/schema/events';
import type pg from 'pg';
import { type ConnectionTimeouts, openPool } from './connections.ts';
import { escapeText, prepareSchema, unescapeText } from './schema.ts';
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

/** SQLSTATE undefined_table. */
const undefinedTable = '42P01';

/** The event store in Postgres 15 or later, schema `event_store`. Every call is bounded in time. */
export class PostgresEventStore implements EventStore {
  readonly #url: string;
  readonly #log: Logger;
  readonly #pool: pg.Pool;
  readonly #writers = new Set<EventWriter>();

  constructor(url: string, log: Logger, timeoutsMs?: ConnectionTimeouts) {
    this.#url = url;
    this.#log = log;
    this.#pool = openPool(url, log, timeoutsMs);
  }

  async prepare(): Promise<void> {
    await prepareSchema(this.#pool);
  }

  async acquireWriter(signal: AbortSignal): Promise<EventWriter> {
    const writer = await acquire(this.#url, this.#log, signal);
    this.#writers.add(writer);
    void writer.lost.then(() => this.#writers.delete(writer));
    return writer;
  }

  async head(): Promise<number> {
    const { rows } = await this.#pool.query<{ head: string }>(
      'select coalesce(max(position), 0) as head from event_store.events',
    );
    return Number(rows[0]?.head ?? 0);
  }

  async read(after: number, limit: number): Promise<StoredEvent[]> {
    const { rows } = await this.#pool.query<EventRow>(
      'select position, recorded_at, event from event_store.events where position > $1 order by position limit $2',
      [after, limit],
    );
    return rows.map(toStored);
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
    const { rows } = await this.#pool.query<{ position: string }>(
      'select position from event_store.events where id = $1',
      [id],
    );
    return rows[0] && Number(rows[0].position);
  }

  async byId(id: string): Promise<StoredEvent | undefined> {
    try {
      const { rows } = await this.#pool.query<EventRow>(
        'select position, recorded_at, event from event_store.events where id = $1',
        [id],
      );
      return rows[0] && toStored(rows[0]);
    } catch (error) {
      // A store that no recorder has prepared yet has no events.
      if ((error as { code?: unknown }).code === undefinedTable) return undefined;
      throw error;
    }
  }

  async byKey(actor: string, key: string): Promise<StoredEvent | undefined> {
    const { rows } = await this.#pool.query<EventRow>(
      'select position, recorded_at, event from event_store.events where actor = $1 and idempotency_key = $2',
      [actor, escapeText(key)],
    );
    return rows[0] && toStored(rows[0]);
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
