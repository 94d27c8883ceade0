import type { Envelope } from '@rookery/schema/events';
import type pg from 'pg';

/** A row of events with every column as text, in the order of the columns. */
type Row = (string | null)[];

interface Column {
  readonly name: string;
  readonly type: string;
}

const selectColumns = `
select attname as name, format_type(atttypid, atttypmod) as type
from pg_attribute
where attrelid = 'event_store.events'::regclass and attnum > 0 and not attisdropped and attgenerated = ''
order by attnum`;

/** Returns the columns of the store that is copied to: both stores were created by the same build. */
export const columnsOf = async (client: pg.Client): Promise<Column[]> =>
  (await client.query<Column>(selectColumns)).rows;

/**
 * Returns rows after `after` as text. Not as JSON: NUL and lone surrogates, which an event may contain, are
 * legal in the text of a json column but not in anything that Postgres parses as JSON.
 */
export const readRows = async (
  client: pg.Client,
  columns: readonly Column[],
  after: number,
  limit: number,
): Promise<Row[]> => {
  const list = columns.map(({ name }) => `"${name}"::text`).join(', ');
  const { rows } = await client.query<Row>({
    // Qualified by the table: otherwise Postgres would order by the column of the result, as text.
    text: `select ${list} from event_store.events as e where e.position > $1 order by e.position limit $2`,
    values: [after, limit],
    rowMode: 'array',
  });
  return rows;
};

/** Inserts rows unchanged, within the transaction of the caller. */
export const writeRows = async (
  client: pg.Client,
  columns: readonly Column[],
  rows: readonly Row[],
): Promise<void> => {
  if (rows.length === 0) return;
  const names = columns.map(({ name }) => `"${name}"`).join(', ');
  const casts = columns.map(({ name, type }) => `"${name}"::${type}`).join(', ');
  const arrays = columns.map((_, i) => `$${i + 1}::text[]`).join(', ');
  await client.query(
    `insert into event_store.events (${names}) select ${casts} from unnest(${arrays}) as copied(${names})`,
    columns.map((_, i) => rows.map((row) => row[i] ?? null)),
  );
};

export const headOf = async (client: pg.Client): Promise<number> => {
  const { rows } = await client.query<{ head: string }>(
    'select coalesce(max(position), 0) as head from event_store.events',
  );
  return Number(rows[0]?.head ?? 0);
};

/** Not of the event alone: two writers may have recorded the same event at the same position, at different times. */
const selectDigests = `
select position, coalesce(encode(hash, 'hex'), id || ' ' || md5(event::text)) as digest from event_store.events
where position > $1 and position <= $2 order by position`;

const digests = async (client: pg.Client, after: number, upTo: number): Promise<string[]> =>
  (await client.query<{ digest: string }>(selectDigests, [after, upTo])).rows.map(({ digest }) => digest);

/** Number of positions that are compared first, from the end of the shorter store; doubled while they differ. */
const firstWindow = 2_000;

/**
 * Returns the last position up to which both have the same events. Stores differ only at their ends, in what
 * one of them had not confirmed, so earlier positions are read only if the difference extends further.
 */
export const lastShared = async (one: pg.Client, other: pg.Client): Promise<number> => {
  const upTo = Math.min(await headOf(one), await headOf(other));
  for (let window = firstWindow; ; window *= 2) {
    const after = Math.max(0, upTo - window);
    const [left, right] = await Promise.all([digests(one, after, upTo), digests(other, after, upTo)]);
    const differs = left.findIndex((digest, i) => digest !== right[i]);
    if (differs === -1) return upTo;
    if (after === 0 || differs > window / 2) return after + differs;
  }
};

/** Returns the events after a position. */
export const eventsBehind = async (client: pg.Client, after: number, limit: number): Promise<Envelope[]> =>
  (
    await client.query<{ event: Envelope }>(
      'select event from event_store.events where position > $1 order by position limit $2',
      [after, limit],
    )
  ).rows.map(({ event }) => event);

/** Deletes everything after a position, within the transaction of the caller. */
export const trim = async (client: pg.Client, after: number): Promise<void> => {
  await client.query('delete from event_store.events where position > $1', [after]);
};
