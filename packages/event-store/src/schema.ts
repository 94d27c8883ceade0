import type pg from 'pg';
import { identitySchema, identityTriggers, lookups } from './identities.ts';
import { termSchema } from './term.ts';

/** Arbitrary but fixed number of the lock under which processes prepare the schema one at a time. */
const prepareLock = 7_305_001;
/** Lock of the writer. Advisory locks belong to a database, so several event stores on one server do not conflict. */
export const writerLock = 7_305_002;

/**
 * The events, partitioned by position (docs/adr/partitioned-history.md). `event` is json and not jsonb: it keeps the original
 * text, so that NUL and lone surrogates (both legal as escapes in JSON, but not in a Postgres text) survive. For the same
 * reason client data is in text columns only in escaped form (see escapeText), and the payload of a dead letter is stored as
 * a JSON string.
 */
const createEvents = `
create table event_store.events (
  position bigint primary key,
  id uuid not null,
  type text not null,
  subject uuid not null,
  actor uuid not null,
  idempotency_key text,
  occurred_at timestamptz not null,
  recorded_at timestamptz(3) not null default now(),
  event json not null,
  hash bytea
) partition by range (position);
${identityTriggers}
${lookups.partitioned}`;

/**
 * A store of an earlier version has all events in one table until its next writer migrates it (migrate.ts). The oldest ones
 * lack the hash, which is null in rows that are older than the chain, until the next writer begins: see chain.ts.
 */
const completeOneTable = `
if not exists (
  select from pg_attribute where attrelid = 'event_store.events'::regclass and attname = 'hash' and not attisdropped
) then
  alter table event_store.events add column hash bytea;
end if;
if to_regclass('event_store.events_actor_key') is null then
  create unique index events_actor_key on event_store.events (actor, idempotency_key)
    where idempotency_key is not null;
end if;
${lookups.oneTable}`;

const schema = `
select pg_advisory_xact_lock(${prepareLock});
create schema if not exists event_store;
create table if not exists event_store.partitions (
  first bigint primary key,
  last bigint not null
);
-- One row once partitions are archived: events up to this position are in the archive only.
create table if not exists event_store.archived (
  one boolean primary key default true check (one),
  up_to bigint not null,
  hash bytea not null
);
${identitySchema}
do $prepare$ begin
  if to_regclass('event_store.events') is null then
    ${createEvents}
  elsif (select relkind from pg_class where oid = 'event_store.events'::regclass) = 'r' then
    ${completeOneTable}
  end if;
end $prepare$;
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
-- Results of audits (ops audit).
create table if not exists event_store.audits (
  at timestamptz(3) primary key default clock_timestamp(),
  passed boolean not null,
  events bigint not null,
  flaw text
);
${termSchema}`;

/**
 * Checks whether all of this exists. Checked before anything is created: even without effect, some of the statements above
 * lock the table of events against appends, and two such locks with an append in between are a deadlock that can end the
 * writer. Additions above must be listed here.
 */
const isComplete = `
select to_regclass('event_store.events') is not null
  and to_regclass('event_store.parked') is not null
  and to_regclass('event_store.settled') is not null
  and to_regclass('event_store.audits') is not null
  and to_regclass('event_store.term') is not null
  and to_regclass('event_store.partitions') is not null
  and to_regclass('event_store.archived') is not null
  and to_regclass('event_store.identity_backfill') is not null
  and to_regprocedure('event_store.known_keys(uuid[],text[])') is not null
  as complete`;

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
