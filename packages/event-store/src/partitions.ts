import type pg from 'pg';

/** Positions in one partition of the events. */
export interface Partition {
  readonly first: number;
  readonly last: number;
}

type Client = Pick<pg.Client, 'query'>;

/** Number of events in a partition, unless the setting says otherwise. */
export const defaultPartitionSize = 10_000_000;

/** Maximum wait for the locks of a change of partitions, which others wait for in turn. Milliseconds. */
const lockTimeoutMs = 300;

/** SQLSTATE lock_not_available. */
const lockNotAvailable = '55P03';

/** The table of all events, whether it is partitioned or not. */
export const allEvents = 'event_store.events';

export const partitionName = ({ first }: Pick<Partition, 'first'>): string => `${allEvents}_${first}`;

const selectLast = `
select relkind = 'p' as is_partitioned, found.first, found.last
from pg_class left join lateral (
  select first, last from event_store.partitions where first <= $1 order by first desc limit 1
) as found on true
where oid = to_regclass('${allEvents}')`;

/** Returns the last partition that begins at or before a position; undefined if the store has none. */
const lastPartition = async (
  client: Client,
  upTo = Number.MAX_SAFE_INTEGER,
): Promise<{ readonly isPartitioned: boolean; readonly found: Partition | undefined }> => {
  const { rows } = await client.query<{ is_partitioned: boolean; first: string | null; last: string | null }>(
    selectLast,
    [upTo],
  );
  const [row] = rows;
  const found = row && row.first !== null ? { first: Number(row.first), last: Number(row.last) } : undefined;
  return { isPartitioned: row?.is_partitioned ?? false, found };
};

/** Returns the partition of a position; undefined while all events are in one table. */
export const partitionOf = async (client: Client, position: number): Promise<Partition | undefined> => {
  const { isPartitioned, found } = await lastPartition(client, position);
  return isPartitioned ? found : undefined;
};

/**
 * Runs statements in one transaction, unless they would have to wait for locks.
 * @returns false if somebody holds a lock that they need; nothing has changed then
 */
export const changeUnlessLocked = async (client: Client, statements: string): Promise<boolean> => {
  try {
    // Several statements in one message are one transaction.
    await client.query(`set local lock_timeout = ${lockTimeoutMs}; ${statements}`);
    return true;
  } catch (error) {
    if ((error as { code?: unknown }).code !== lockNotAvailable) throw error;
    return false;
  }
};

/**
 * Attaches an empty table, which does not lock the events against reads and appends, as creating a partition would. The first
 * partition has no lower bound.
 */
const createPartition = ({ first, last }: Partition): string => `
create table ${partitionName({ first })} (like event_store.events including defaults);
alter table event_store.events attach partition ${partitionName({ first })}
  for values from (${first === 1 ? 'minvalue' : first}) to (${last + 1});
insert into event_store.partitions (first, last) values (${first}, ${last});`;

/**
 * Creates partitions until the position after `head` has one, and a spare one follows. Only for the holder of the lock of the
 * writer.
 * @returns the last partition; undefined if the events are still in one table
 */
export const ensurePartitions = async (
  client: Client,
  head: number,
  size: number,
): Promise<Partition | undefined> => {
  const { isPartitioned, found } = await lastPartition(client);
  if (!isPartitioned) return undefined;
  let newest = found;
  while (newest === undefined || newest.first <= head + 1) {
    const first: number = newest === undefined ? 1 : newest.last + 1;
    const next = { first, last: first + size - 1 };
    if (!(await changeUnlessLocked(client, createPartition(next)))) {
      // The spare one can wait; the one of the next position cannot.
      if (newest !== undefined && newest.last > head) return newest;
      continue;
    }
    newest = next;
  }
  return newest;
};
