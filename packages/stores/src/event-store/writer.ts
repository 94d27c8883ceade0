import type { Envelope } from '@rookery/schema/events';
import { crashPoint, type Logger } from '@rookery/service';
import pg from 'pg';
import { cut, writerClient } from './connections.ts';
import { escapeText, writerLock } from './schema.ts';
import type { Appended, EventWriter, StoredEvent } from './types.ts';

/** How often a standby asks for the lock, and the writer shows that it lives. Milliseconds. */
const standbyPoll = 400;
const heartbeat = 3_000;

/**
 * A writer that hangs (stopped, or its machine gone) loses its session, and the lock with it, after 15 s; it
 * can't do harm afterwards, since what it sends on that connection never arrives.
 */
const sessionSettings = `
set idle_session_timeout = '15s';
set idle_in_transaction_session_timeout = '10s';
set tcp_keepalives_idle = 5; set tcp_keepalives_interval = 3; set tcp_keepalives_count = 3;
set tcp_user_timeout = '15s'`;

/** Events whose data Postgres refuses: trying again can't help. Alone in its batch, it is the one to set aside. */
export class Unstorable extends Error {
  override readonly name = 'Unstorable';
}

/** SQLSTATE classes of what is wrong with the data itself: 22 data exception, 54 program limit exceeded. */
const isDataError = (error: unknown): boolean =>
  error instanceof pg.DatabaseError && /^(22|54)/.test(error.code ?? '');

const insert = `
with given as (
  select * from unnest($1::uuid[], $2::text[], $3::uuid[], $4::uuid[], $5::text[], $6::timestamptz[], $7::text[])
    with ordinality as g(id, type, subject, actor, idempotency_key, occurred_at, event, n)
), fresh as (
  select *, row_number() over (order by n) as place from given g
  where not exists (select from event_store.events e where e.id = g.id)
    and not exists (
      select from event_store.events e
      where e.idempotency_key is not null and e.actor = g.actor and e.idempotency_key = g.idempotency_key)
)
insert into event_store.events (position, id, type, subject, actor, idempotency_key, occurred_at, event)
select (select coalesce(max(position), 0) from event_store.events) + place,
  id, type, subject, actor, idempotency_key, occurred_at, event::json
from fresh order by place
returning position, id, recorded_at`;

interface Inserted {
  readonly position: string;
  readonly id: string;
  readonly recorded_at: Date;
}

/** The first of each id, and of each actor's key; and the ids of the rest. */
const withoutDuplicates = (events: readonly Envelope[]): { fresh: Envelope[]; duplicates: string[] } => {
  const seen = new Set<string>();
  const fresh: Envelope[] = [];
  const duplicates: string[] = [];
  for (const event of events) {
    const key = event.idempotencykey === undefined ? undefined : `${event.actor}\n${event.idempotencykey}`;
    if (seen.has(event.id) || (key !== undefined && seen.has(key))) {
      duplicates.push(event.id);
      continue;
    }
    seen.add(event.id);
    if (key !== undefined) seen.add(key);
    fresh.push(event);
  }
  return { fresh, duplicates };
};

const columns = (events: readonly Envelope[]): unknown[] => [
  events.map((e) => e.id),
  events.map((e) => e.type),
  events.map((e) => e.subject),
  events.map((e) => e.actor),
  events.map((e) => (e.idempotencykey === undefined ? null : escapeText(e.idempotencykey))),
  events.map((e) => e.time),
  events.map((e) => JSON.stringify(e)),
];

/** The one that appends, on a connection that holds the lock. */
class PostgresWriter implements EventWriter {
  readonly lost: Promise<Error>;
  readonly #client: pg.Client;
  readonly #timer: NodeJS.Timeout;
  readonly #settleLost: (why: Error) => void;
  #gone: Error | undefined;
  #busy = false;

  constructor(client: pg.Client, log: Logger) {
    const { promise, resolve } = Promise.withResolvers<Error>();
    this.lost = promise;
    this.#settleLost = resolve;
    this.#client = client;
    client.on('error', (error) => {
      log.warn({ reason: error.message }, "the event writer's connection broke");
      this.#lose(error);
    });
    client.on('end', () => this.#lose(new Error('the connection of the event writer ended')));
    // Keeps the session alive (see sessionSettings), and finds out about a server that no longer answers.
    this.#timer = setInterval(() => {
      if (this.#busy) return;
      client.query('select 1').catch((error: unknown) => this.#lose(error));
    }, heartbeat);
    this.#timer.unref();
  }

  #lose(why: unknown): void {
    if (this.#gone) return;
    this.#gone = why instanceof Error ? why : new Error(String(why));
    clearInterval(this.#timer);
    cut(this.#client);
    this.#settleLost(this.#gone);
  }

  async append(events: readonly Envelope[]): Promise<Appended> {
    if (this.#gone) throw this.#gone;
    const { fresh, duplicates } = withoutDuplicates(events);
    if (fresh.length === 0) return { recorded: [], duplicates };
    const rows = await this.#transact(fresh);
    const byId = new Map(rows.map((row) => [row.id, row]));
    const recorded: StoredEvent[] = [];
    for (const event of fresh) {
      const row = byId.get(event.id);
      if (!row) duplicates.push(event.id);
      else
        recorded.push({
          position: Number(row.position),
          recordedAt: row.recorded_at.toISOString(),
          event,
        });
    }
    return { recorded, duplicates };
  }

  async #transact(events: readonly Envelope[]): Promise<Inserted[]> {
    this.#busy = true;
    try {
      await this.#client.query('begin');
      const { rows } = await this.#client.query<Inserted>(insert, columns(events));
      crashPoint('before-commit');
      await this.#client.query('commit');
      return rows;
    } catch (error) {
      if (isDataError(error)) {
        await this.#client.query('rollback').catch((e: unknown) => this.#lose(e));
        throw new Unstorable(error instanceof Error ? error.message : String(error), { cause: error });
      }
      // Whether a commit went through is unknown after a broken connection: only a new writer, which reads the
      // head again, may go on.
      this.#lose(error);
      throw error;
    } finally {
      this.#busy = false;
    }
  }

  async release(): Promise<void> {
    if (!this.#gone) {
      clearInterval(this.#timer);
      this.#gone = new Error('the event writer was released');
      const ended = this.#client.end();
      const timer = setTimeout(() => cut(this.#client), 1_000);
      await ended.catch(() => {});
      clearTimeout(timer);
      this.#settleLost(this.#gone);
    }
  }
}

const sleep = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const abort = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', abort);
      resolve();
    }, ms);
    signal.addEventListener('abort', abort, { once: true });
  });

/** Waits for the lock on a connection of its own. @throws what the signal says, or that the server is away */
export const acquire = async (url: string, log: Logger, signal: AbortSignal): Promise<EventWriter> => {
  signal.throwIfAborted();
  const client = writerClient(url);
  // The query that waits fails too, with the same reason.
  const early = (): void => {};
  client.on('error', early);
  const abort = () => cut(client);
  signal.addEventListener('abort', abort, { once: true });
  try {
    await client.connect();
    await client.query(sessionSettings);
    for (;;) {
      signal.throwIfAborted();
      const { rows } = await client.query<{ mine: boolean }>('select pg_try_advisory_lock($1) as mine', [
        writerLock,
      ]);
      if (rows[0]?.mine) break;
      await sleep(standbyPoll * (0.75 + Math.random() / 2), signal);
    }
    const writer = new PostgresWriter(client, log);
    client.off('error', early);
    return writer;
  } catch (error) {
    cut(client);
    throw signal.aborted ? signal.reason : error;
  } finally {
    signal.removeEventListener('abort', abort);
  }
};
