import { Database } from '@rookery/registry';
import { createLog } from '@rookery/runtime';
import pg from 'pg';
import { expect, it } from 'vitest';
import { until } from '../support/eventually.ts';
import { freshDatabase } from '../support/index.ts';
import { runSql } from '../support/servers/run-sql.ts';

/** Counts statements of the registry that have waited for longer than a request may take. */
const isLate = `select count(*)::int as late from pg_stat_activity where datname = current_database()
  and application_name = 'rookery registry'
  and wait_event_type = 'Lock' and clock_timestamp() - query_start > interval '5500 ms'`;

it('a step that takes longer than a request makes the tables of the registry', async () => {
  await using resources = new AsyncDisposableStack();
  const { url } = resources.use(await freshDatabase());
  const database = resources.use(new Database(url, createLog('registry', 'silent')));
  const other = new pg.Client({ connectionString: url });
  await other.connect();
  // Before the database, which waits for it.
  resources.defer(() => other.end());
  // The step waits for this table, as it would for an index.
  await other.query('create schema registry');
  await other.query('begin; create table registry.versions ()');

  let failure: unknown;
  const made = database.ready().catch((error: unknown) => {
    failure = error;
  });
  await until('a late step', async () => {
    expect(failure).toBeUndefined();
    return (await runSql<{ late: number }>(url, isLate))[0]?.late === 1;
  });
  await other.query('rollback');
  await made;
  expect(failure).toBeUndefined();
  expect(await database.query('select * from registry.versions')).toEqual([]);
});
