import { Database, prune } from '@rookery/registry';
import { sha256 } from '@rookery/registry-protocol';
import { createLog } from '@rookery/runtime';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startRegistry, type TestRegistry } from './start-registry.ts';

let registry: TestRegistry;
let database: Database;
beforeAll(async () => {
  registry = await startRegistry();
  database = new Database(registry.database.url, createLog('test', 'silent'));
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
  await registry[Symbol.asyncDispose]();
});

const operationOf = (name: string) => ({
  document: `query ${name} { rare }`,
  operationName: name,
  client: { name: 'web', version: '1' },
  count: 1,
  errors: 0,
  durationMs: 1,
  inputs: [],
});
const report = (environment: string, names: readonly string[]) =>
  registry.ask(`/v1/environments/${environment}/usage`, { operations: names.map(operationOf) });

/** Holds locks in a transaction of its own until it is released, which rolls it back. */
const hold = async (sql: string, values: unknown[] = []): Promise<() => Promise<void>> => {
  const locked = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  const held = database
    .transaction(async (client) => {
      await client.query(sql, values);
      locked.resolve();
      await released.promise;
      throw new Error('released');
    })
    .catch((error: Error) => {
      if (error.message !== 'released') locked.reject(error);
    });
  await locked.promise;
  return () => {
    released.resolve();
    return held;
  };
};

/** Returns how many connections wait for a lock. Nobody gives up waiting before a test releases what it holds. */
const waiting = async (): Promise<number> => {
  const [row] = await database.query<{ waiting: number }>(
    `select count(*)::int as waiting from pg_stat_activity
     where wait_event_type = 'Lock' and datname = current_database()`,
  );
  return row?.waiting ?? 0;
};

test('a report that comes while documents are deleted loses none', async () => {
  const names = ['a', 'b', 'c'];
  await report('production', names);
  // Its documents are known, and nothing counts them.
  await database.query('delete from registry.usage');
  const release = await hold('lock table registry.usage in share mode');
  const reported = report('production', names);
  await expect.poll(waiting).toBe(1);
  let isPruned = false;
  const pruned = prune(database, 30).then(() => {
    isPruned = true;
  });
  await expect.poll(async () => isPruned || (await waiting()) === 2).toBe(true);
  await release();
  expect((await reported).status).toBe(200);
  await pruned;
  expect((await registry.ask('/v1/environments/production/operations')).body.total).toBe(3);
});

/**
 * Two reports name the same operations in opposite orders, and each has locked its first one, unless both take them in one order.
 * The held rows are in the middle of both, so that neither report gets further before the other has begun.
 */
test.each([
  [
    'new documents',
    false,
    `insert into registry.usage_documents (id, document) select unnest($1::text[]), ''`,
  ],
  ['counts', true, 'select from registry.usage where document_id = any($1) for update'],
])('two reports that add to the same %s at once never end in a deadlock', async (what, isKnown, lock) => {
  const environment = what.replace(' ', '-');
  const names = ['first', 'second', 'third', 'fourth'].map((name) => `${name}_${what.replace(' ', '_')}`);
  if (isKnown) await report(environment, names);
  const middle = names.slice(1, 3).map((name) => sha256(operationOf(name).document));
  const release = await hold(lock, [middle]);
  const reports = [report(environment, names), report(environment, names.toReversed())];
  await expect.poll(waiting).toBe(2);
  await release();
  expect((await Promise.all(reports)).map(({ status }) => status)).toEqual([200, 200]);
  const { operations } = (await registry.ask(`/v1/environments/${environment}/operations`)).body;
  expect(operations.map(({ count }: { count: number }) => count)).toEqual(names.map(() => (isKnown ? 3 : 2)));
});
