import type { Database } from './database.ts';
import { environmentsIn } from './environments.ts';
import { documentsLock } from './usage-rows.ts';

/** Rows that one statement deletes, so that none takes long. */
const batch = 5_000;

/** Deletes until a statement finds less than a batch. Returns the number of deleted rows. */
const deleteAll = async (deleteBatch: () => Promise<number>): Promise<number> => {
  let deleted = 0;
  for (;;) {
    const rows = await deleteBatch();
    deleted += rows;
    if (rows < batch) return deleted;
  }
};

const deleteWith = (database: Database, sql: string, values: unknown[]) =>
  deleteAll(() =>
    database.read(async (client) => (await client.query(sql, [...values, batch])).rowCount ?? 0),
  );

const pruneCounts = async (database: Database, days: number): Promise<void> => {
  for (const environment of await environmentsIn(database, 'usage'))
    await deleteWith(
      database,
      `delete from registry.usage where ctid = any(array(
         select ctid from registry.usage where environment = $1 and hour < now() - $2 * interval '1 day' limit $3))`,
      [environment, days],
    );
};

const pruneDays = async (database: Database, days: number): Promise<void> => {
  for (const environment of await environmentsIn(database, 'usage_days'))
    await deleteWith(
      database,
      `delete from registry.usage_days where ctid = any(array(
         select ctid from registry.usage_days where environment = $1 and day < current_date - $2::int limit $3))`,
      [environment, days],
    );
};

/** Deletes what was open at gateways that do not run any more. */
const pruneOpenSubscriptions = (database: Database): Promise<number> =>
  deleteWith(
    database,
    `delete from registry.open_subscriptions where ctid = any(array(
       select ctid from registry.open_subscriptions where reported_at < now() - interval '1 hour' limit $1))`,
    [],
  );

/** Deletes the documents that no count and no open subscription is left of, while nobody reports. */
const pruneDocuments = (database: Database): Promise<number> =>
  deleteAll(() =>
    database.transaction(async (client) => {
      await client.query('select pg_advisory_xact_lock($1)', [documentsLock]);
      const { rowCount } = await client.query(
        `delete from registry.usage_documents where id = any(array(
           select id from registry.usage_documents
           where not exists (select from registry.usage where document_id = id)
             and not exists (select from registry.open_subscriptions where document_id = id) limit $1))`,
        [batch],
      );
      return rowCount ?? 0;
    }),
  );

const pruneChecks = (database: Database, days: number): Promise<number> =>
  deleteWith(
    database,
    `delete from registry.checks where number = any(array(
       select number from registry.checks where checked_at < now() - $1 * interval '1 day' limit $2))`,
    [days],
  );

/** Deletes deliveries that ended; those that wait end by themselves. */
const pruneDeliveries = (database: Database, days: number): Promise<number> =>
  deleteWith(
    database,
    `delete from registry.webhook_deliveries where delivery = any(array(
       select delivery from registry.webhook_deliveries
       where created_at < now() - $1 * interval '1 day' and next_at is null limit $2))`,
    [days],
  );

/** Deletes what is older than `days`, and what nothing refers to any more. */
export const prune = async (database: Database, days: number): Promise<void> => {
  await pruneCounts(database, days);
  await pruneDays(database, days);
  await pruneOpenSubscriptions(database);
  await pruneDocuments(database);
  await pruneChecks(database, days);
  await pruneDeliveries(database, days);
};
