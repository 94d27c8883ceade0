import { hash as digest } from 'node:crypto';
import type pg from 'pg';

/** SHA-256 over the previous hash, the position, the time of recording and the text of an event: 32 bytes. */
export type Hash = Buffer;

/** Hash before the first event. */
export const noHash: Hash = Buffer.alloc(32);

/** Input of the hash of a row. */
export interface ChainLink<Text extends string | Uint8Array = string> {
  readonly position: number;
  /** ISO 8601 instant in UTC with milliseconds. */
  readonly recordedAt: string;
  /** Text of the event in the store, byte for byte: a string, or its bytes in UTF-8. */
  readonly text: Text;
}

const toBytes = (text: string | Uint8Array): Uint8Array =>
  typeof text === 'string' ? Buffer.from(text) : text;

/**
 * Commits an event to all earlier ones: whoever changes, removes, inserts or moves one must recompute every
 * later hash, up to the newest, which is published elsewhere.
 */
export const chain = (before: Hash, { position, recordedAt, text }: ChainLink<string | Uint8Array>): Hash =>
  digest(
    'sha256',
    Buffer.concat([before, Buffer.from(`${position}\n${recordedAt}\n`), toBytes(text)]),
    'buffer',
  );

/** Head of the chain. */
export interface ChainHead {
  readonly position: number;
  readonly hash: Hash;
}

/**
 * The row has no hash: it was recorded before the chain existed, and the next writer adds the hash when it
 * starts.
 */
export class MissingHashError extends Error {
  override readonly name = 'MissingHashError';
}

interface LinkRow {
  readonly position: string;
  readonly recorded_at: Date;
  readonly text: string;
  readonly hash: Hash | null;
}

const toLink = (row: Omit<LinkRow, 'hash'>): ChainLink => ({
  position: Number(row.position),
  recordedAt: row.recorded_at.toISOString(),
  text: row.text,
});

const at = async (client: pg.Client, position: number): Promise<LinkRow | undefined> => {
  const { rows } = await client.query<LinkRow>(
    'select position, recorded_at, event::text as text, hash from event_store.events where position <= $1 order by position desc limit 1',
    [position],
  );
  return rows[0];
};

/** Number of rows that receive their hashes in one transaction. */
const batch = 1_000;

/**
 * Adds the missing hashes of rows that are older than the chain. They are the last ones, since the chain is
 * built in order and continues only from a row with a hash. Only for the writer.
 * @returns the number of these rows
 */
export const completeChain = async (client: pg.Client): Promise<number> => {
  const last = await at(client, Number.MAX_SAFE_INTEGER);
  if (!last || last.hash) return 0;
  const head = Number(last.position);
  let [low, high] = [0, head];
  // The last position with a hash is in [low, high).
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    const row = await at(client, middle);
    if (row?.hash) low = middle;
    else high = middle;
  }
  let before = (low > 0 ? (await at(client, low))?.hash : undefined) ?? noHash;
  for (let after = low; after < head; ) {
    const { rows } = await client.query<LinkRow>(
      'select position, recorded_at, event::text as text, hash from event_store.events where position > $1 order by position limit $2',
      [after, batch],
    );
    const hashes = rows.map((row) => {
      before = chain(before, toLink(row));
      return before;
    });
    await client.query(
      `update event_store.events as e set hash = made.hash
       from unnest($1::bigint[], $2::bytea[]) as made(position, hash) where e.position = made.position`,
      [rows.map((row) => row.position), hashes],
    );
    after = Number(rows.at(-1)?.position ?? head);
  }
  return head - low;
};
