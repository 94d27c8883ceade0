/**
 * Number of partitions of each table of identities. Postgres looks an identity up in one of them; together they may be larger
 * than what one index can hold in memory, and they are vacuumed one by one.
 */
const hashPartitions = 8;

const hashPartitionsOf = (table: string): string =>
  Array.from(
    { length: hashPartitions },
    (_, i) =>
      `create table if not exists event_store.${table}_${i} partition of event_store.${table}
  for values with (modulus ${hashPartitions}, remainder ${i});`,
  ).join('\n');

/**
 * Ids and idempotency keys of all events, with their positions. They have tables of their own because a unique index of a
 * partitioned table must contain its partition key. Partitions of events may be detached; their identities stay.
 *
 * `identity_backfill` has a row once a store of an earlier version is migrated: identities up to `up_to` are in these tables,
 * and those after `until` too, which the triggers add.
 */
export const identitySchema = `
create table if not exists event_store.event_ids (
  id uuid primary key,
  position bigint not null
) partition by hash (id);
${hashPartitionsOf('event_ids')}
create table if not exists event_store.event_keys (
  actor uuid,
  key text,
  position bigint not null,
  primary key (actor, key)
) partition by hash (actor, key);
${hashPartitionsOf('event_keys')}
create table if not exists event_store.identity_backfill (
  one boolean primary key default true check (one),
  up_to bigint not null,
  until bigint not null
);
`;

/** Keep the identities in step with the events, in the same transaction, whoever writes: also a writer of an earlier version. */
export const identityTriggers = `
create or replace function event_store.add_identities() returns trigger language plpgsql as $add$
begin
  insert into event_store.event_ids (id, position) select id, position from fresh;
  insert into event_store.event_keys (actor, key, position)
    select actor, idempotency_key, position from fresh where idempotency_key is not null;
  return null;
end $add$;
create or replace function event_store.remove_identities() returns trigger language plpgsql as $remove$
begin
  if tg_op = 'TRUNCATE' then
    truncate event_store.event_ids, event_store.event_keys;
    return null;
  end if;
  delete from event_store.event_ids as i using gone where i.id = gone.id and i.position = gone.position;
  delete from event_store.event_keys as k using gone
    where k.actor = gone.actor and k.key = gone.idempotency_key and k.position = gone.position;
  return null;
end $remove$;
create trigger add_identities after insert on event_store.events
  referencing new table as fresh for each statement execute function event_store.add_identities();
create trigger remove_identities after delete on event_store.events
  referencing old table as gone for each statement execute function event_store.remove_identities();
create trigger remove_all_identities after truncate on event_store.events
  for each statement execute function event_store.remove_identities();
`;

const idsIn = (table: string): string =>
  `select e.id, e.position from unnest(ids) as given(id) join event_store.${table} as e on e.id = given.id`;
const keysIn = (table: string, key: string): string =>
  `select e.actor, e.${key}, e.position from unnest(actors, keys) as given(actor, key)
    join event_store.${table} as e on e.actor = given.actor and e.${key} = given.key where given.key is not null`;

const createLookups = (ids: string, keys: string): string => `
create or replace function event_store.known_ids(ids uuid[]) returns table (id uuid, "position" bigint)
  language sql stable as $ids$ ${ids} $ids$;
create or replace function event_store.known_keys(actors uuid[], keys text[])
  returns table (actor uuid, key text, "position" bigint)
  language sql stable as $keys$ ${keys} $keys$;
`;

/**
 * Functions that return which ids and keys are recorded, for each layout of the store. A migration replaces them in the
 * transaction that changes the layout, so that no process has to know it.
 */
export const lookups = {
  /** All events are in one table, which has its own unique indexes. */
  oneTable: createLookups(idsIn('events'), keysIn('events', 'idempotency_key')),
  /** That table has become the first partition, and not all of its identities are in the tables of identities. */
  backfilling: createLookups(
    `${idsIn('event_ids')} union ${idsIn('events_1')}`,
    `${keysIn('event_keys', 'key')} union ${keysIn('events_1', 'idempotency_key')}`,
  ),
  partitioned: createLookups(idsIn('event_ids'), keysIn('event_keys', 'key')),
} as const;
