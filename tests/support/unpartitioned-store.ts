import { chain, escapeText, noHash } from '@rookery/event-store';
import type { Envelope } from '@rookery/schema/events';
import pg from 'pg';

/** The event store as versions before partitions created it. */
const schema = `
create schema event_store;
create table event_store.events (
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
create unique index events_actor_key on event_store.events (actor, idempotency_key) where idempotency_key is not null;
alter table event_store.events add column hash bytea;`;

/** Inserts events as the recorder of such a version did. */
export const insertAsBefore = async (
  client: pg.Client,
  events: readonly Envelope[],
  end = { position: 0, hash: noHash },
): Promise<void> => {
  let { position, hash } = end;
  for (const event of events) {
    position += 1;
    const recordedAt = new Date().toISOString();
    const text = JSON.stringify(event);
    hash = chain(hash, { position, recordedAt, text });
    await client.query(
      `insert into event_store.events
         (position, id, type, subject, actor, idempotency_key, occurred_at, event, recorded_at, hash)
       values ($1, $2, $3, $4, $5, $6, $7, $8::json, $9, $10)`,
      [
        position,
        event.id,
        event.type,
        event.subject,
        event.actor,
        event.idempotencykey === undefined ? null : escapeText(event.idempotencykey),
        event.time,
        text,
        recordedAt,
        hash,
      ],
    );
  }
};

/** Creates an event store of a version before partitions, with these events. */
export const createUnpartitionedStore = async (url: string, events: readonly Envelope[]): Promise<void> => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(`begin; ${schema}`);
  await insertAsBefore(client, events);
  await client.query('commit');
  await client.end();
};
