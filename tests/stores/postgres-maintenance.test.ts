import { postgresAt } from '@rookery/postgres';
import { createMaintenance, type Maintain } from '@rookery/postgres/maintenance';
import { createLog } from '@rookery/runtime';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { type FreshDatabase, freshDatabase } from '../support/index.ts';
import { openLink } from './link.ts';

const log = createLog('test', 'silent');
const applicationName = 'maintenance test';
/** Far below the time of the statements of these tests, so that only a statement without a limit ends. */
const limits = { connect: 1_000, lock: 500, answer: 500, check: 100, silence: 1_000 };

let database: FreshDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.drop());

const maintainAt = (url: string): Maintain =>
  createMaintenance({ server: postgresAt(url), applicationName, log, limits });

const connect = async (stack: AsyncDisposableStack): Promise<pg.Client> => {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  stack.defer(() => client.end());
  return client;
};

/** Returns the process ids of the sessions that run a statement of the maintenance. */
const busyIn = async (client: pg.Client): Promise<number[]> => {
  const text = `select pid from pg_stat_activity where application_name = $1 and state = 'active' and query like '%pg_sleep%'`;
  return (await client.query<{ pid: number }>(text, [applicationName])).rows.map(({ pid }) => pid);
};

describe('statements on whole tables', () => {
  it('take as long as they need while the server works', async () => {
    await using stack = new AsyncDisposableStack();
    const client = await connect(stack);
    await maintainAt(database.url)('slow', [['create table slow as select 1 as n from pg_sleep(2.5)']]);
    expect((await client.query('select n from slow')).rows).toHaveLength(1);
  });

  it('are committed list by list, each list as a whole', async () => {
    await using stack = new AsyncDisposableStack();
    const client = await connect(stack);
    const failing = maintainAt(database.url)('lists', [
      ['create table kept (n int)'],
      ['create table undone (n int)', 'select 1 / 0'],
      ['create table never (n int)'],
    ]);
    await expect(failing).rejects.toThrow('division by zero');
    const { rows } = await client.query(
      `select to_regclass('kept') is null as kept, to_regclass('undone') is null as undone, to_regclass('never') is null as never`,
    );
    expect(rows).toEqual([{ kept: false, undone: true, never: true }]);
  });

  it('of the same work run one at a time, and wait no longer than their limit', async () => {
    await using stack = new AsyncDisposableStack();
    const client = await connect(stack);
    const maintain = maintainAt(database.url);
    const first = maintain('same', [['select pg_sleep(2)']]);
    await eventually(async () => (await busyIn(client)).length === 1, { what: 'the first one' });
    await expect(maintain('same', [['select 1']])).rejects.toMatchObject({ code: '55P03' });
    await maintain('other', [['select 1']]);
    await first;
    await maintain('same', [['select 1']]);
  });

  it('fail if the server freezes, and the server ends them', async () => {
    await using stack = new AsyncDisposableStack();
    const client = await connect(stack);
    const link = stack.use(await openLink(database.url));
    const running = maintainAt(link.url)('frozen', [['select pg_sleep(60)']]);
    running.catch(() => {});
    await eventually(async () => (await busyIn(client)).length === 1, { what: 'the statement' });
    link.freeze();
    await expect(running).rejects.toThrow('has not answered for 1 s');
    link.thaw();
    await eventually(async () => (await busyIn(client)).length === 0, { what: 'its end', within: 30_000 });
  });

  it('fail if the server has lost their connection unnoticed', async () => {
    await using stack = new AsyncDisposableStack();
    const client = await connect(stack);
    const link = stack.use(await openLink(database.url));
    const running = maintainAt(link.url)('lost', [['select pg_sleep(60)']]);
    running.catch(() => {});
    await eventually(async () => (await busyIn(client)).length === 1, { what: 'the statement' });
    link.freeze();
    for (const pid of await busyIn(client)) await client.query('select pg_terminate_backend($1)', [pid]);
    // New connections work; the old one never learns of its end.
    link.thawNew();
    await expect(running).rejects.toThrow('has lost the connection');
  });
});
