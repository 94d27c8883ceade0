import { type Envelope, readEnvelope } from '@rookery/schema/events';
import type pg from 'pg';
import type { ChainLink, Hash } from './chain.ts';
import { escapeText } from './schema.ts';

/** An event with its hash, as in a backup. */
export interface RestoredRow extends ChainLink {
  readonly hash: Hash;
  /** The event of this text, if it is at hand. */
  readonly event?: Envelope;
}

const insertRestored = `
insert into event_store.events
  (position, id, type, subject, actor, idempotency_key, occurred_at, event, recorded_at, hash)
select position, id, type, subject, actor, key, occurred_at, event::json, recorded_at, hash
from unnest($1::bigint[], $2::uuid[], $3::text[], $4::uuid[], $5::uuid[], $6::text[], $7::timestamptz[], $8::text[],
  $9::timestamptz[], $10::bytea[])
  as restored(position, id, type, subject, actor, key, occurred_at, event, recorded_at, hash)
order by position`;

/**
 * Restores events at their own positions, in one statement. The caller must hold the lock of the writer and
 * have verified, or just made, the hashes.
 * @throws MalformedEventError
 */
export const restoreRows = async (
  client: Pick<pg.Client, 'query'>,
  rows: readonly RestoredRow[],
): Promise<void> => {
  if (rows.length === 0) return;
  const events = rows.map(({ text, event }) => event ?? readEnvelope(JSON.parse(text)));
  await client.query(insertRestored, [
    rows.map(({ position }) => position),
    events.map(({ id }) => id),
    events.map(({ type }) => type),
    events.map(({ subject }) => subject),
    events.map(({ actor }) => actor),
    events.map(({ idempotencykey: key }) => (key === undefined ? null : escapeText(key))),
    events.map(({ time }) => time),
    rows.map(({ text }) => text),
    rows.map(({ recordedAt }) => recordedAt),
    rows.map(({ hash }) => hash),
  ]);
};
