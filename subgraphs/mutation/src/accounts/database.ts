import { setTimeout } from 'node:timers/promises';
import { unavailable } from '@rookery/graphql-server';
import { postgresAt, replicationBarrier } from '@rookery/postgres';
import type { Logger } from '@rookery/runtime';
import type pg from 'pg';
import { pushTables } from './push-table.ts';
import { sessionTables } from './session-rows.ts';

/**
 * Asks Postgres. Every method throws RookeryError SERVICE_UNAVAILABLE if it does not answer, and UniqueViolationError if a
 * value that must be unique is taken.
 */
export interface AccountDatabase {
  query<Row extends pg.QueryResultRow>(sql: string, values?: unknown[]): Promise<pg.QueryResult<Row>>;
  /** All of it or nothing. Only one of those that lock `revocations` runs at a time. */
  transaction<T>(work: (ask: Ask) => Promise<T>, lock?: 'revocations'): Promise<T>;
  /**
   * Resolves once the synchronous standby, if there is one, has everything that was committed before, however long that
   * takes: to give up would leave a session in Postgres that goes on waiting.
   */
  replicated(): Promise<void>;
  close(): Promise<void>;
}

export type Ask = <Row extends pg.QueryResultRow>(
  sql: string,
  values?: unknown[],
) => Promise<pg.QueryResult<Row>>;

/** A statement gives a value to a second row that only one can have. */
export class UniqueViolationError extends Error {
  override name = 'UniqueViolationError';
}
const uniqueViolation = '23505';

/** Longest wait for a connection, and for an answer, in milliseconds: both together stay under 2 s. */
const timeoutMs = 900;
/** Longest delay of a timer. */
const maxTimeoutMs = 2 ** 31 - 1;
/** The one statement that may wait longer. pg accepts a time-out for a statement, which its types lack. */
const barrier: pg.QueryConfig & { readonly query_timeout: number } = {
  text: replicationBarrier,
  query_timeout: maxTimeoutMs,
};

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
    -- By the database's own clock: the sweep's timeoutMs must not depend on that of any process.
    written_at timestamptz not null default now(),
    outbox json
  );
  alter table accounts.accounts add column if not exists suspended_at timestamptz;
  -- Time and id of the newest event of a moderator that has changed it.
  alter table accounts.accounts add column if not exists suspension text collate "C";
  -- Scopes of the access tokens, which operators grant.
  alter table accounts.accounts add column if not exists scopes text[] not null default '{}';
  -- The skeleton again, unique; null in accounts of before, which may look alike and keep their handles.
  alter table accounts.accounts add column if not exists look text;
  create unique index if not exists accounts_look on accounts.accounts (look);
  create index if not exists accounts_skeleton on accounts.accounts (skeleton);
  create index if not exists accounts_outbox on accounts.accounts (written_at) where outbox is not null;
  -- The event of the last change of the handle, which repeats are answered with.
  alter table accounts.accounts add column if not exists renamed json;
  -- Handles that somebody has given up, and that nobody else can take for a while.
  create table if not exists accounts.reserved_handles (
    handle text primary key,
    skeleton text not null,
    account uuid not null,
    reserved_until timestamptz not null
  );
  create index if not exists reserved_handles_skeleton on accounts.reserved_handles (skeleton);
  create index if not exists reserved_handles_account on accounts.reserved_handles (account, reserved_until);
  create index if not exists reserved_handles_until on accounts.reserved_handles (reserved_until);
  -- Events of sessions that are not published yet. An account has any number of them, and its own outbox holds one.
  create table if not exists accounts.session_events (
    id uuid primary key,
    written_at timestamptz not null default now(),
    event json not null
  );
  create index if not exists session_events_written on accounts.session_events (written_at);
  create table if not exists accounts.revocations (
    -- In the order of the commits: written under a lock. By the clock, so that it also grows over a restored backup.
    seq bigint primary key,
    sid text,
    sub uuid,
    -- Milliseconds since the epoch, as tokens count; later than any token where all of them are meant.
    not_before bigint not null,
    expires bigint not null
  );
  ${sessionTables}
  ${pushTables}
`;

/**
 * Opens the database of the accounts. It connects on first use and creates its tables then, so that this
 * process can start and serve everything else while Postgres is down.
 */
export const openAccountDatabase = (url: string, log: Logger): AccountDatabase => {
  const pool = postgresAt(url).openPool({
    application_name: 'rookery accounts',
    max: 10,
    connectionTimeoutMillis: timeoutMs,
    query_timeout: timeoutMs,
    statement_timeout: timeoutMs,
    keepAlive: true,
  });
  // Without a listener, an idle connection that breaks would end the process.
  pool.on('error', ({ message }) =>
    log.warn({ reason: message }, 'an idle connection to the accounts broke'),
  );

  const answered = async <T>(asked: Promise<T>): Promise<T> => {
    try {
      return await asked;
    } catch (error) {
      if ((error as { readonly code?: unknown }).code === uniqueViolation)
        throw new UniqueViolationError('a value is taken', { cause: error });
      log.warn({ reason: error instanceof Error ? error.message : error }, 'the accounts did not answer');
      throw unavailable();
    }
  };

  let prepared: Promise<unknown> | undefined;
  const prepare = async () => {
    prepared ??= answered(pool.query(definition));
    try {
      await prepared;
    } catch (error) {
      prepared = undefined;
      throw error;
    }
  };

  return {
    query: async (sql, values = []) => {
      await prepare();
      return answered(pool.query(sql, values));
    },
    replicated: async () => {
      await prepare();
      await answered(pool.query(barrier));
    },
    transaction: async (work, lock) => {
      await prepare();
      const client = await answered(pool.connect());
      const ask: Ask = (sql, values = []) => answered(client.query(sql, values));
      let broken: Error | undefined;
      try {
        await ask('begin');
        if (lock) await ask('select pg_advisory_xact_lock(hashtext($1))', [`rookery ${lock}`]);
        const result = await work(ask);
        await ask('commit');
        return result;
      } catch (error) {
        broken = await client.query('rollback').then(
          () => undefined,
          (cause) => cause,
        );
        throw error;
      } finally {
        client.release(broken);
      }
    },
    close: async () => {
      // A frozen server never says goodbye.
      const enough = new AbortController();
      const late = setTimeout(timeoutMs, undefined, { signal: enough.signal }).catch(() => {});
      await Promise.race([pool.end(), late]);
      enough.abort();
    },
  };
};
