import type pg from 'pg';
import type { Hash } from './chain.ts';
import { changeUnlessLocked, type Partition, partitionName } from './partitions.ts';

type Client = Pick<pg.Client, 'query'>;

/**
 * Returns the partitions of which all events are before a position, in order.
 * @throws if the identities of earlier events are not copied yet
 */
export const partitionsBefore = async (client: Client, position: number): Promise<Partition[]> => {
  const { rows: open } = await client.query('select from event_store.identity_backfill');
  if (open.length > 0) throw new Error('the event store is being partitioned: try again once that is done');
  const { rows } = await client.query<{ first: string; last: string }>(
    `select first, last from event_store.partitions
     where last < $1 and (select relkind from pg_class where oid = 'event_store.events'::regclass) = 'p' order by first`,
    [position],
  );
  return rows.map(({ first, last }) => ({ first: Number(first), last: Number(last) }));
};

/**
 * Removes a partition whose events are archived, and notes that they are. The identities stay, so that its events are not
 * recorded a second time.
 * @param hash hash of its last event
 * @returns false if a reader would have to be waited for; nothing has changed then
 */
export const dropArchived = (client: Client, partition: Partition, hash: Hash): Promise<boolean> =>
  changeUnlessLocked(
    client,
    `alter table event_store.events detach partition ${partitionName(partition)};
     drop table ${partitionName(partition)};
     delete from event_store.partitions where first = ${partition.first};
     insert into event_store.archived as present (up_to, hash)
       values (${partition.last}, '\\x${hash.toString('hex')}')
       on conflict (one) do update set up_to = excluded.up_to, hash = excluded.hash;`,
  );
