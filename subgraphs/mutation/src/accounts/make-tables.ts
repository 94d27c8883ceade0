import { createHash } from 'node:crypto';
import { cut, type PostgresServer } from '@rookery/postgres';
import type pg from 'pg';
import { pushTables } from './push-table.ts';
import { sessionTables } from './session-rows.ts';

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

/** Comment of the schema that holds the tables of this version. */
const version = `tables ${createHash('sha256').update(definition).digest('hex')}`;

/** Longest waits in milliseconds: for a connection and for its first answer, and for the tables, whose indexes can take minutes. */
const timeoutsMs = { connect: 5_000, answer: 5_000, make: 600_000 } as const;

/**
 * Returns whether this version has made its tables. Asked before they are made: even without effect, the statements lock the
 * tables against everything else, and so would wait for each transaction, and others for them.
 */
const areMade: pg.QueryConfig & { readonly query_timeout: number } = {
  text: `select obj_description(to_regnamespace('accounts'), 'pg_namespace') = '${version}' as made`,
  query_timeout: timeoutsMs.answer,
};

/**
 * Makes missing tables, columns and indexes, on a connection of its own that the signal cuts. It takes as long as it must: work
 * that is cut off leaves nothing, and would never end.
 */
export const makeTables = async (
  server: PostgresServer,
  applicationName: string,
  signal: AbortSignal,
): Promise<void> => {
  const limits = { statement_timeout: timeoutsMs.make, query_timeout: timeoutsMs.make, keepAlive: true };
  const client = await server.connect(
    { application_name: applicationName, connectionTimeoutMillis: timeoutsMs.connect, ...limits },
    signal,
  );
  const end = () => cut(client);
  signal.addEventListener('abort', end, { once: true });
  try {
    const { rows } = await client.query<{ made: boolean | null }>(areMade);
    if (!rows[0]?.made) await client.query(`${definition}; comment on schema accounts is '${version}'`);
  } finally {
    signal.removeEventListener('abort', end);
    end();
  }
};
