import { byteaArray, jsonArray, textArray, uuidArray } from '@rookery/postgres';
import { type Envelope, readEnvelope } from '@rookery/schema/events';
import type pg from 'pg';
import type { ChainLink, Hash } from './chain.ts';
import { ensurePartitions } from './partitions.ts';
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
select $1::bigint + n, id, type, subject, actor, key, occurred_at::timestamptz, event, recorded_at::timestamptz, hash
from unnest($2::uuid[], $3::text[], $4::uuid[], $5::uuid[], $6::text[], $7::text[], $8::json[], $9::text[], $10::bytea[])
  with ordinality as restored(id, type, subject, actor, key, occurred_at, event, recorded_at, hash, n)
order by n`;

/**
 * Appends events that are chained already, at their own consecutive positions, in one statement. The caller must hold the
 * lock of the writer and have verified, or just made, the hashes.
 * @param partitionSize number of events in a new partition
 * @throws MalformedEventError
 */
export const restoreRows = async (
  client: Pick<pg.Client, 'query'>,
  rows: readonly RestoredRow[],
  partitionSize: number,
): Promise<void> => {
  const [first] = rows;
  const last = rows.at(-1);
  if (first === undefined || last === undefined) return;
  const events = rows.map(({ text, event }) => event ?? readEnvelope(JSON.parse(text)));
  await ensurePartitions(client, last.position, partitionSize);
  await client.query(insertRestored, [
    first.position - 1,
    uuidArray(events.map(({ id }) => id)),
    textArray(events.map(({ type }) => type)),
    uuidArray(events.map(({ subject }) => subject)),
    uuidArray(events.map(({ actor }) => actor)),
    textArray(events.map(({ idempotencykey: key }) => (key === undefined ? null : escapeText(key)))),
    textArray(events.map(({ time }) => time)),
    jsonArray(rows.map(({ text }) => text)),
    textArray(rows.map(({ recordedAt }) => recordedAt)),
    byteaArray(rows.map(({ hash }) => hash)),
  ]);
};
