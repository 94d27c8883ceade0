import type pg from 'pg';
import { termSchema } from './term.ts';

/** Arbitrary but fixed number of the lock under which processes prepare the schema one at a time. */
const prepareLock = 7_305_001;
/** Lock of the writer. Advisory locks belong to a database, so several event stores on one server do not conflict. */
export const writerLock = 7_305_002;

/**
 * `event` is json and not jsonb: it keeps the original text, so that NUL and lone surrogates (both legal as
 * escapes in JSON, but not in a Postgres text) survive. For the same reason client data is in text columns
 * only in escaped form (see escapeText), and the payload of a dead letter is stored as a JSON string.
 */
const schema = `
select pg_advisory_xact_lock(${prepareLock});
create schema if not exists event_store;
create table if not exists event_store.events (
  position bigint primary key,
  id uuid not null unique,
  type text not null,
  subject uuid not null,
  actor uuid not null,
  idempotency_key text,
  occurred_at timestamptz not null,
  recorded_at timestamptz(3) not null default now(),
  event json not null
);
create unique index if not exists events_actor_key on event_store.events (actor, idempotency_key)
  where idempotency_key is not null;
-- Null in rows that are older than the chain, until the next writer begins: see chain.ts.
alter table event_store.events add column if not exists hash bytea;
-- The dead letters, and the resolved ones. The tables keep their first names (parked, settled), which stores and backups
-- of earlier versions have.
create table if not exists event_store.parked (
  by text not null,
  id text not null,
  position bigint,
  error text not null,
  tries integer not null,
  parked_at timestamptz(3) not null default now(),
  payload json not null,
  primary key (by, id)
);
create table if not exists event_store.settled (
  by text not null,
  id text not null,
  position bigint,
  action text not null,
  who text not null,
  why text not null,
  at timestamptz(3) not null default now(),
  error text not null,
  tries integer not null,
  parked_at timestamptz(3) not null,
  payload json not null
);
${termSchema}`;

/**
 * Checks whether all of this exists. Checked before anything is created: even without effect, the statements
 * above lock the table of events against appends (`create index` and `alter table` lock before they check),
 * and two such locks with an append in between are a deadlock that can end the writer. Additions above must
 * be listed here.
 */
const isComplete = `
select to_regclass('event_store.events_actor_key') is not null
  and to_regclass('event_store.parked') is not null
  and to_regclass('event_store.settled') is not null
  and to_regclass('event_store.term') is not null
  and exists (
    select from pg_attribute
    where attrelid = to_regclass('event_store.events') and attname = 'hash' and not attisdropped
  ) as complete`;

/** Creates missing parts; several statements in one message are one transaction. */
export const prepareSchema = async (asked: Pick<pg.ClientBase | pg.Pool, 'query'>): Promise<void> => {
  const { rows } = await asked.query<{ complete: boolean }>(isComplete);
  if (!rows[0]?.complete) await asked.query(schema);
};

/**
 * Escapes a text for Postgres without collisions: quotes, backslashes, control characters and lone surrogates
 * become JSON escapes, everything else is unchanged.
 */
export const escapeText = (text: string): string => JSON.stringify(text).slice(1, -1);

/** Reverses escapeText. */
export const unescapeText = (escaped: string): string => JSON.parse(`"${escaped}"`) as string;
