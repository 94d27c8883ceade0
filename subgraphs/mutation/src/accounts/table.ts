import { setTimeout } from 'node:timers/promises';
import { type Envelope, readEnvelope } from '@rookery/schema/events';
import { type Logger, unavailable } from '@rookery/service';
import pg from 'pg';

export interface Account {
  readonly id: string;
  readonly handle: string;
  /** ISO 8601 instant. */
  readonly joinedAt: string;
  /** PHC string. */
  readonly passwordHash: string;
}

export interface NewAccount extends Account {
  readonly skeleton: string;
  /** The sign-up event, which stays in the outbox until `published`. */
  readonly event: Envelope;
}

/**
 * The accounts, in Postgres. Nothing is connected until it is asked something, and the table is made at the first
 * use, so that this process starts and serves everything else while Postgres is away.
 * Every method throws RookeryError SERVICE_UNAVAILABLE where Postgres doesn't answer. An insert may have been
 * committed even so; then the sweep of the outboxes completes the sign-up, and the user can log in.
 */
export interface AccountTable {
  /** Makes the table where it is missing. */
  prepare(): Promise<void>;
  /** One transaction: the handle, the account and the event, or nothing. False where the handle is taken. */
  insert(account: NewAccount): Promise<boolean>;
  byHandle(handle: string): Promise<Account | undefined>;
  isTaken(claim: { handle: string | undefined; skeletons: readonly string[] }): Promise<boolean>;
  /** Empties the outbox of these accounts. */
  published(ids: readonly string[]): Promise<void>;
  /** Events that have stood in an outbox for longer than this many milliseconds, the oldest first. */
  unpublished(olderThanMs: number, limit: number): Promise<Envelope[]>;
  close(): Promise<void>;
}

/** Longest wait for a connection, and for an answer, in milliseconds: both together stay under 2 s. */
const patience = 900;

/**
 * One transaction, as Postgres makes of statements that are sent together. The lock keeps replicas that start
 * together from making the schema twice, which Postgres takes for an error.
 */
const definition = `
  select pg_advisory_xact_lock(hashtext('rookery accounts'));
  create schema if not exists accounts;
  create table if not exists accounts.accounts (
    id uuid primary key,
    handle text not null unique,
    skeleton text not null,
    password_hash text not null,
    joined_at timestamptz(3) not null,
    -- By the database's own clock: the sweep's patience must not depend on that of any process.
    written_at timestamptz not null default now(),
    outbox json
  );
  create index if not exists accounts_skeleton on accounts.accounts (skeleton);
  create index if not exists accounts_outbox on accounts.accounts (written_at) where outbox is not null;
`;

export const openAccountTable = (url: string, log: Logger): AccountTable => {
  const pool = new pg.Pool({
    connectionString: url,
    application_name: 'rookery accounts',
    max: 10,
    connectionTimeoutMillis: patience,
    query_timeout: patience,
    statement_timeout: patience,
    keepAlive: true,
  });
  // Without a listener, an idle connection that breaks would end the process.
  pool.on('error', ({ message }) =>
    log.warn({ reason: message }, 'an idle connection to the accounts broke'),
  );

  const ask = async <Row extends pg.QueryResultRow>(sql: string, values: unknown[] = []) => {
    try {
      return await pool.query<Row>(sql, values);
    } catch (error) {
      log.warn({ reason: error instanceof Error ? error.message : error }, 'the accounts did not answer');
      throw unavailable();
    }
  };

  let prepared: Promise<unknown> | undefined;
  const prepare = async () => {
    prepared ??= ask(definition);
    try {
      await prepared;
    } catch (error) {
      prepared = undefined;
      throw error;
    }
  };
  const query: typeof ask = async (sql, values) => {
    await prepare();
    return ask(sql, values);
  };

  return {
    prepare: async () => {
      await query('select 1');
    },
    insert: async ({ id, handle, skeleton, passwordHash, joinedAt, event }) => {
      const { rowCount } = await query(
        `insert into accounts.accounts (id, handle, skeleton, password_hash, joined_at, outbox)
         values ($1, $2, $3, $4, $5, $6) on conflict (handle) do nothing`,
        [id, handle, skeleton, passwordHash, joinedAt, JSON.stringify(event)],
      );
      return rowCount === 1;
    },
    byHandle: async (handle) => {
      const { rows } = await query<{ id: string; handle: string; password_hash: string; joined_at: Date }>(
        'select id, handle, password_hash, joined_at from accounts.accounts where handle = $1',
        [handle],
      );
      const [row] = rows;
      return (
        row && {
          id: row.id,
          handle: row.handle,
          joinedAt: row.joined_at.toISOString(),
          passwordHash: row.password_hash,
        }
      );
    },
    isTaken: async ({ handle, skeletons }) => {
      const { rows } =
        handle === undefined
          ? await query('select 1 from accounts.accounts where skeleton = any($1) limit 1', [skeletons])
          : await query('select 1 from accounts.accounts where handle = $1', [handle]);
      return rows.length > 0;
    },
    published: async (ids) => {
      await query('update accounts.accounts set outbox = null where id = any($1)', [ids]);
    },
    unpublished: async (olderThanMs, limit) => {
      const { rows } = await query<{ outbox: unknown }>(
        `select outbox from accounts.accounts
         where outbox is not null and written_at < now() - $1 * interval '1 millisecond'
         order by written_at limit $2`,
        [olderThanMs, limit],
      );
      return rows.map(({ outbox }) => readEnvelope(outbox));
    },
    close: async () => {
      // A frozen server never says goodbye.
      const enough = new AbortController();
      const late = setTimeout(patience, undefined, { signal: enough.signal }).catch(() => {});
      await Promise.race([pool.end(), late]);
      enough.abort();
    },
  };
};
