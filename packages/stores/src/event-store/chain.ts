import { createHash } from 'node:crypto';
import type pg from 'pg';

/** SHA-256 over the hash before it, position, time of recording and text of an event: 32 bytes. */
export type Hash = Buffer;

/** What stands before the first event. */
export const noHash: Hash = Buffer.alloc(32);

/** What a row's hash is made of. */
export interface Link {
  readonly position: number;
  /** ISO 8601 instant in UTC with milliseconds. */
  readonly recordedAt: string;
  /** The event as it stands in the store, byte by byte. */
  readonly text: string;
}

/**
 * Ties an event to all that came before it: whoever changes, removes, inserts or moves one has to make every hash
 * behind it anew, up to the newest, which is published elsewhere.
 */
export const chain = (before: Hash, { position, recordedAt, text }: Link): Hash =>
  createHash('sha256').update(before).update(`${position}\n${recordedAt}\n`).update(text).digest();

/** Where the chain ends. */
export interface ChainHead {
  readonly position: number;
  readonly hash: Hash;
}

/** A row without a hash: it was recorded before there were any, and the writer makes up for it when it begins. */
export class Unchained extends Error {
  override readonly name = 'Unchained';
}

interface LinkRow {
  readonly position: string;
  readonly recorded_at: Date;
  readonly text: string;
  readonly hash: Hash | null;
}

export const toLink = (row: Omit<LinkRow, 'hash'>): Link => ({
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

/** Rows that are given their hashes in one transaction. */
const batch = 1_000;

/**
 * Gives every row its hash that has none yet: rows of a store that is older than the chain. They are the last ones,
 * for the chain is made in order and goes on only from a row that has its hash. Only for the writer.
 * @returns how many there were
 */
export const completeChain = async (client: pg.Client): Promise<number> => {
  const last = await at(client, Number.MAX_SAFE_INTEGER);
  if (!last || last.hash) return 0;
  const head = Number(last.position);
  let [low, high] = [0, head];
  // The last position that has a hash lies in [low, high).
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
