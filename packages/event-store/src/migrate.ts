import { setTimeout } from 'node:timers/promises';
import { cut, postgresAt } from '@rookery/postgres';
import type { Logger } from '@rookery/runtime';
import type pg from 'pg';
import { identityTriggers, lookups } from './identities.ts';
import { changeUnlessLocked } from './partitions.ts';

type Client = Pick<pg.Client, 'query'>;

export interface MigrateOptions {
  readonly url: string;
  /** Runs work on the connection of the writer, between two appends. */
  readonly betweenAppends: <T>(work: (client: pg.Client) => Promise<T>) => Promise<T>;
  readonly partitionSize: number;
  readonly log: Logger;
  /** Ends the migration, which the next writer resumes. */
  readonly signal: AbortSignal;
}

/** Number of events whose identities are copied in one transaction, and the pause between two. */
const page = 2_000;
const pauseMs = 10;
/** Delay before a step is repeated that would have had to wait for a reader. */
const retryMs = 200;

const constraint = 'events_before_partitions';

interface State {
  readonly head: number;
  readonly isPartitioned: boolean;
  /** Last position of the table that becomes the first partition, once it is chosen. */
  readonly last: number | undefined;
  readonly isBounded: boolean;
  readonly isValidated: boolean;
  /** Identities up to this position are copied; undefined if none have to be, or not yet. */
  readonly upTo: number | undefined;
  readonly until: number | undefined;
}

const selectState = `
select
  coalesce((select position from event_store.events order by position desc limit 1), 0) as head,
  (select relkind from pg_class where oid = 'event_store.events'::regclass) = 'p' as is_partitioned,
  (select last from event_store.partitions where first = 1) as last,
  (select convalidated from pg_constraint
    where conrelid = 'event_store.events'::regclass and conname = '${constraint}') as is_validated,
  (select up_to from event_store.identity_backfill) as up_to,
  (select until from event_store.identity_backfill) as until`;

const readState = async (client: Client): Promise<State> => {
  const { rows } = await client.query<Record<string, string | boolean | null>>(selectState);
  const row = rows[0] ?? {};
  const numberOf = (name: string): number | undefined =>
    row[name] === null || row[name] === undefined ? undefined : Number(row[name]);
  return {
    head: numberOf('head') ?? 0,
    isPartitioned: row.is_partitioned === true,
    last: numberOf('last'),
    isBounded: typeof row.is_validated === 'boolean',
    isValidated: row.is_validated === true,
    upTo: numberOf('up_to'),
    until: numberOf('until'),
  };
};

/** Returns whether the store is not, or not wholly, partitioned. */
export const isMigrating = async (client: Client): Promise<boolean> => {
  const { isPartitioned, upTo } = await readState(client);
  return !isPartitioned || upTo !== undefined;
};

/**
 * Promises that the table ends at a position, so that it can become a partition without being read under a lock. The bound is
 * one to two partitions ahead: the table receives events during the migration, and keeps the indexes that processes of an
 * earlier version need.
 */
const bound = (head: number, size: number): string => {
  const last = (Math.floor(head / size) + 2) * size;
  return `
alter table event_store.events drop constraint if exists ${constraint};
alter table event_store.events add constraint ${constraint} check (position < ${last + 1}) not valid;
insert into event_store.partitions (first, last) values (1, ${last})
  on conflict (first) do update set last = excluded.last;`;
};

/** Turns the table into the first partition of a new one. */
const partition = (last: number, head: number): string => `
alter table event_store.events rename to events_1;
alter index event_store.events_pkey rename to events_1_pkey;
create table event_store.events (like event_store.events_1 including defaults) partition by range (position);
alter table event_store.events add primary key (position);
alter table event_store.events attach partition event_store.events_1 for values from (minvalue) to (${last + 1});
alter table event_store.events_1 drop constraint ${constraint};
insert into event_store.identity_backfill (up_to, until) values (0, ${head});
${identityTriggers}
${lookups.backfilling}`;

const copyIdentities = `
with part as materialized (
  select position, id, actor, idempotency_key from event_store.events_1 where position > $1 and position <= $2
),
ids as (
  insert into event_store.event_ids (id, position) select id, position from part on conflict do nothing
),
keys as (
  insert into event_store.event_keys (actor, key, position)
  select actor, idempotency_key, position from part where idempotency_key is not null on conflict do nothing
)
update event_store.identity_backfill set up_to = $2`;

/**
 * Migrates a store that has all events in one table to partitions, while its writer appends. Each step is short, or does not
 * lock appends, and a step that was done is not repeated: whoever is the writer next resumes. See
 * docs/adr/partitioned-history.md.
 */
export const migrate = async (options: MigrateOptions): Promise<void> => {
  // First, because nothing is appended beyond the bound that an earlier writer may have set.
  await setBound(options);
  await validate(options);
  await turnIntoPartition(options);
  await backfillIdentities(options);
};

/** Repeats a change until no reader holds a lock that it needs. */
const changeBetweenAppends = async (
  { betweenAppends, signal }: MigrateOptions,
  statements: (client: pg.Client) => Promise<string | undefined>,
): Promise<void> => {
  for (;;) {
    signal.throwIfAborted();
    const isDone = await betweenAppends(async (client) => {
      const text = await statements(client);
      return text === undefined || changeUnlessLocked(client, text);
    });
    if (isDone) return;
    await setTimeout(retryMs, undefined, { signal });
  }
};

const setBound = (options: MigrateOptions): Promise<void> =>
  changeBetweenAppends(options, async (client) => {
    const { head, isPartitioned, isBounded, last = 0 } = await readState(client);
    const isFar = isBounded && last - head >= options.partitionSize / 2;
    if (isPartitioned || isFar) return undefined;
    options.log.info({ head }, 'partitioning the event store; recording continues');
    return bound(head, options.partitionSize);
  });

/** Reads the whole table once, on a connection of its own; appends continue. */
const validate = async ({ url, signal, betweenAppends }: MigrateOptions): Promise<void> => {
  const { isPartitioned, isValidated } = await betweenAppends(readState);
  if (isPartitioned || isValidated) return;
  const client = await postgresAt(url).connect({ application_name: 'rookery event store migration' }, signal);
  const abort = () => cut(client);
  signal.addEventListener('abort', abort, { once: true });
  try {
    await client.query(`alter table event_store.events validate constraint ${constraint}`);
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  } finally {
    signal.removeEventListener('abort', abort);
    cut(client);
  }
};

const turnIntoPartition = (options: MigrateOptions): Promise<void> =>
  changeBetweenAppends(options, async (client) => {
    const { head, last, isPartitioned } = await readState(client);
    if (isPartitioned || last === undefined) return undefined;
    return partition(last, head);
  });

const backfillIdentities = async ({ betweenAppends, log, signal }: MigrateOptions): Promise<void> => {
  for (;;) {
    signal.throwIfAborted();
    const left = await betweenAppends(async (client) => {
      const { upTo, until } = await readState(client);
      if (upTo === undefined || until === undefined) return 0;
      if (upTo < until) {
        const to = Math.min(until, upTo + page);
        await client.query(copyIdentities, [upTo, to]);
        if (to < until) return until - to;
      }
      await client.query(`${lookups.partitioned} delete from event_store.identity_backfill;`);
      log.info({ until }, 'copied the identities of all earlier events');
      return 0;
    });
    if (left === 0) return;
    await setTimeout(pauseMs, undefined, { signal });
  }
};
