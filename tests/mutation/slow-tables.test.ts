import { openAccountDatabase } from '@rookery/mutation/accounts';
import { createLog } from '@rookery/runtime';
import pg from 'pg';
import { expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { freshDatabase } from '../support/index.ts';

const log = createLog('test', 'silent');

/** Returns a database whose tables another replica is about to make, which takes as long as the test wants. */
const databaseOfBusyReplica = async (resources: AsyncDisposableStack) => {
  const { url } = resources.use(await freshDatabase());
  const other = new pg.Client({ connectionString: url });
  await other.connect();
  resources.defer(() => other.end());
  await other.query("select pg_advisory_lock(hashtext('rookery accounts'))");
  return { url, other };
};

it('tables of accounts that take longer than a request are made, and requests meanwhile are refused in time', async () => {
  await using resources = new AsyncDisposableStack();
  const { url, other } = await databaseOfBusyReplica(resources);

  const accounts = resources.adopt(openAccountDatabase(url, log), (database) => database.close());
  const made = accounts.prepare();
  for (const _ of [1, 2])
    await expect(accounts.query('select 1')).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
  await other.query("select pg_advisory_unlock(hashtext('rookery accounts'))");
  await made;
  expect((await other.query('select * from accounts.accounts')).rows).toEqual([]);

  // Replicas that start later change nothing, and so wait for nobody.
  await other.query('begin');
  await other.query('lock table accounts.accounts in row exclusive mode');
  const next = resources.adopt(openAccountDatabase(url, log), (database) => database.close());
  await eventually(() => next.prepare().then(() => true), { what: 'tables that are there' });
  await other.query('rollback');
});

it('an account database that is closed leaves no tables half made', async () => {
  await using resources = new AsyncDisposableStack();
  const { url } = await databaseOfBusyReplica(resources);
  const accounts = openAccountDatabase(url, log);
  const refused = expect(accounts.prepare()).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
  await accounts.close();
  await refused;
});
