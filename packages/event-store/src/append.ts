import { crashPoint } from '@rookery/runtime';
import type { Envelope, StoredEvent } from '@rookery/schema/events';
import type pg from 'pg';
import { chain, type Hash, MissingHashError, noHash } from './chain.ts';
import { escapeText } from './schema.ts';
import type { Appended } from './types.ts';

const selectKnown = `
select id, actor, idempotency_key from event_store.events where id = any($1::uuid[])
union
select e.id, e.actor, e.idempotency_key
from unnest($2::uuid[], $3::text[]) as given(actor, key)
join event_store.events e on e.actor = given.actor and e.idempotency_key = given.key`;

const insertFresh = `
insert into event_store.events
  (position, id, type, subject, actor, idempotency_key, occurred_at, event, recorded_at, hash)
select $8::bigint + n, id, type, subject, actor, key, occurred_at, event::json, $9::timestamptz, hash
from unnest($1::uuid[], $2::text[], $3::uuid[], $4::uuid[], $5::text[], $6::timestamptz[], $7::text[], $10::bytea[])
  with ordinality as fresh(id, type, subject, actor, key, occurred_at, event, hash, n)
order by n`;

/** Reads the head of the chain and the transaction time of the store, in one round trip. */
const beginAtHead = `
begin;
select now()::timestamptz(3) as now, position, hash
from (select 1) as one left join (select position, hash from event_store.events order by position desc limit 1) as last on true`;

interface KnownRow {
  readonly id: string;
  readonly actor: string;
  readonly idempotency_key: string | null;
}

interface HeadRow {
  readonly now: Date;
  readonly position: string | null;
  readonly hash: Hash | null;
}

const keyOf = (event: Envelope): string | null =>
  event.idempotencykey === undefined ? null : escapeText(event.idempotencykey);

/** Returns the identities of an event: its id, and the key of its actor. */
const identities = (id: string, actor: string, key: string | null): string[] =>
  key === null ? [id] : [id, `${actor} ${key}`];

/**
 * Drops events that the store has, and then, in order, those that repeat a kept event. Not the other way
 * round: a dropped event must not drop another.
 */
const withoutDuplicates = (events: readonly Envelope[], known: readonly KnownRow[]) => {
  const taken = new Set(known.flatMap((row) => identities(row.id, row.actor, row.idempotency_key)));
  const fresh: Envelope[] = [];
  const duplicates: string[] = [];
  const conflicts: Envelope[] = [];
  for (const event of events) {
    const own = identities(event.id, event.actor, keyOf(event));
    if (own.some((identity) => taken.has(identity))) duplicates.push(event.id);
    else {
      fresh.push(event);
      for (const identity of own) taken.add(identity);
      continue;
    }
    if (!taken.has(event.id)) conflicts.push(event);
  }
  return { fresh, duplicates, conflicts };
};

/**
 * Appends new events in one transaction, after the last position. Only for the connection that holds the lock
 * of the writer: no other process appends between the query and the insert. `guard` can refuse within the
 * transaction.
 */
export const append = async (
  client: pg.Client,
  events: readonly Envelope[],
  guard: (client: pg.Client) => Promise<void> = async () => {},
): Promise<Appended> => {
  if (events.length === 0) return { recorded: [], duplicates: [], conflicts: [] };
  // Two statements in one message have two results, which the types of pg do not cover.
  const results: unknown = await client.query(beginAtHead);
  const [, { rows }] = results as [unknown, pg.QueryResult<HeadRow>];
  await guard(client);
  const keyed = events.filter((event) => event.idempotencykey !== undefined);
  const known = await client.query<KnownRow>(selectKnown, [
    events.map((e) => e.id),
    keyed.map((e) => e.actor),
    keyed.map(keyOf),
  ]);
  const { fresh, duplicates, conflicts } = withoutDuplicates(events, known.rows);
  const recorded = fresh.length === 0 ? [] : await insert(client, fresh, rows[0]);
  crashPoint('before-commit');
  await client.query('commit');
  return { recorded, duplicates, conflicts };
};

const insert = async (
  client: pg.Client,
  events: readonly Envelope[],
  head: HeadRow | undefined,
): Promise<StoredEvent[]> => {
  if (!head) throw new Error('the event store returned no head');
  const last = Number(head.position ?? 0);
  if (last > 0 && !head.hash) throw new MissingHashError(`the event at position ${last} has no hash`);
  const recordedAt = head.now.toISOString();
  const texts = events.map((event) => JSON.stringify(event));
  let hash = head.hash ?? noHash;
  const hashes = texts.map((text, i) => {
    hash = chain(hash, { position: last + 1 + i, recordedAt, text });
    return hash;
  });
  await client.query(insertFresh, [
    events.map((e) => e.id),
    events.map((e) => e.type),
    events.map((e) => e.subject),
    events.map((e) => e.actor),
    events.map(keyOf),
    events.map((e) => e.time),
    texts,
    last,
    recordedAt,
    hashes,
  ]);
  return events.map((event, i) => ({ position: last + 1 + i, recordedAt, event }));
};
