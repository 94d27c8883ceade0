import type { Envelope } from '@rookery/schema/events';
import { crashPoint } from '@rookery/service';
import type pg from 'pg';
import { escapeText } from './schema.ts';
import type { Appended, StoredEvent } from './types.ts';

const selectKnown = `
select id, actor, idempotency_key from event_store.events where id = any($1::uuid[])
union
select e.id, e.actor, e.idempotency_key
from unnest($2::uuid[], $3::text[]) as given(actor, key)
join event_store.events e on e.actor = given.actor and e.idempotency_key = given.key`;

const insertFresh = `
insert into event_store.events (position, id, type, subject, actor, idempotency_key, occurred_at, event)
select (select coalesce(max(position), 0) from event_store.events) + n,
  id, type, subject, actor, key, occurred_at, event::json
from unnest($1::uuid[], $2::text[], $3::uuid[], $4::uuid[], $5::text[], $6::timestamptz[], $7::text[])
  with ordinality as fresh(id, type, subject, actor, key, occurred_at, event, n)
order by n
returning position, id, recorded_at`;

interface KnownRow {
  readonly id: string;
  readonly actor: string;
  readonly idempotency_key: string | null;
}

interface InsertedRow {
  readonly position: string;
  readonly id: string;
  readonly recorded_at: Date;
}

const keyOf = (event: Envelope): string | null =>
  event.idempotencykey === undefined ? null : escapeText(event.idempotencykey);

/** What makes an event the same as another: its id, and its actor's key. */
const identities = (id: string, actor: string, key: string | null): string[] =>
  key === null ? [id] : [id, `${actor} ${key}`];

/**
 * Drops what is in the store, and then, in order, what repeats something that is kept. Not the other way round:
 * an event that is dropped itself must not drop another.
 */
const withoutDuplicates = (events: readonly Envelope[], known: readonly KnownRow[]) => {
  const taken = new Set(known.flatMap((row) => identities(row.id, row.actor, row.idempotency_key)));
  const fresh: Envelope[] = [];
  const duplicates: string[] = [];
  for (const event of events) {
    const own = identities(event.id, event.actor, keyOf(event));
    if (own.some((identity) => taken.has(identity))) duplicates.push(event.id);
    else {
      fresh.push(event);
      for (const identity of own) taken.add(identity);
    }
  }
  return { fresh, duplicates };
};

/**
 * Appends what is new in one transaction, at the positions behind the last. Only for the connection that holds the
 * writer's lock: nobody else appends between the question and the insert.
 */
export const append = async (client: pg.Client, events: readonly Envelope[]): Promise<Appended> => {
  if (events.length === 0) return { recorded: [], duplicates: [] };
  await client.query('begin');
  const keyed = events.filter((event) => event.idempotencykey !== undefined);
  const known = await client.query<KnownRow>(selectKnown, [
    events.map((e) => e.id),
    keyed.map((e) => e.actor),
    keyed.map(keyOf),
  ]);
  const { fresh, duplicates } = withoutDuplicates(events, known.rows);
  const recorded = fresh.length === 0 ? [] : await insert(client, fresh);
  crashPoint('before-commit');
  await client.query('commit');
  return { recorded, duplicates };
};

const insert = async (client: pg.Client, events: readonly Envelope[]): Promise<StoredEvent[]> => {
  const { rows } = await client.query<InsertedRow>(insertFresh, [
    events.map((e) => e.id),
    events.map((e) => e.type),
    events.map((e) => e.subject),
    events.map((e) => e.actor),
    events.map(keyOf),
    events.map((e) => e.time),
    events.map((e) => JSON.stringify(e)),
  ]);
  const byId = new Map(rows.map((row) => [row.id, row]));
  return events.map((event) => {
    const row = byId.get(event.id);
    if (!row) throw new Error(`event ${event.id} was not inserted`);
    return { position: Number(row.position), recordedAt: row.recorded_at.toISOString(), event };
  });
};
