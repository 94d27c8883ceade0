import type pg from 'pg';
import { termSchema } from './term.ts';

/** Any number, the same for ever: processes that prepare the schema at once take turns. */
const prepareLock = 7_305_001;
/** The writer's lock; advisory locks belong to a database, so several event stores on one server don't meet. */
export const writerLock = 7_305_002;

/**
 * `event` is json, not jsonb: it keeps the text as it came, so that NUL and lone surrogates (both legal as
 * escapes in JSON, neither in a Postgres text) survive. For the same reason what comes from clients stands in
 * text columns only in escaped form (see escapeText), and a parked payload is kept as a JSON string.
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
 * Whether all of that is there. Asked before anything is made: even where there is nothing left to do, the statements
 * above lock the table of events against whoever appends (`create index` and `alter table` do so before they look),
 * and two of those locks, one after the other, with an append between them are a deadlock that can cost the writer
 * its place. What is added above must be named here.
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

/** Makes what is missing; several statements in one message are one transaction. */
export const prepareSchema = async (asked: Pick<pg.ClientBase | pg.Pool, 'query'>): Promise<void> => {
  const { rows } = await asked.query<{ complete: boolean }>(isComplete);
  if (!rows[0]?.complete) await asked.query(schema);
};

/**
 * A text without what Postgres can't hold, and no two alike: quotes, backslashes, control characters and lone
 * surrogates become JSON escapes, all else stays as it is.
 */
export const escapeText = (text: string): string => JSON.stringify(text).slice(1, -1);

/** The text again. */
export const unescapeText = (escaped: string): string => JSON.parse(`"${escaped}"`) as string;
