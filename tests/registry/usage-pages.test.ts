import { Database, prune } from '@rookery/registry';
import { createLog } from '@rookery/runtime';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startRegistry, type TestRegistry } from './start-registry.ts';

const environment = 'production';
const many = 2_600;

let registry: TestRegistry;
let database: Database;
beforeAll(async () => {
  registry = await startRegistry();
  database = new Database(registry.database.url, createLog('test', 'silent'));
  const { body } = await registry.publish({ numbers: 'type Query { used: Int rare: Int unused: Int }' });
  await registry.ask(`/v1/environments/${environment}/promote`, { version: body.version, author: 'ada' });
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
  await registry[Symbol.asyncDispose]();
});

/** Stores documents with a count for each of several clients in one hour. */
const fill = async (count: number, hour: string, clients = 1): Promise<void> => {
  await database.query(
    `insert into registry.usage_documents (id, document)
     select encode(sha256(convert_to(n::text, 'UTF8')), 'hex'), 'query Q' || n || ' { used }'
     from generate_series(1, $1::int) as n on conflict do nothing`,
    [count],
  );
  await database.query(
    `insert into registry.usage
       (environment, hour, document_id, operation, client, client_version, count, errors, duration_ms, inputs)
     select $1, date_trunc('hour', ${hour}), encode(sha256(convert_to(n::text, 'UTF8')), 'hex'), 'Q' || n, 'web' || c, '1',
       2, 1, 3, '{}'
     from generate_series(1, $2::int) as n, generate_series(1, $3::int) as c`,
    [environment, count, clients],
  );
  // Or else a plan may be for the table as the autovacuum has last seen it: empty.
  await database.query('analyze registry.usage, registry.usage_documents');
};

interface Page {
  readonly operations: { document: string; count: number; client: { name: string } }[];
  readonly next?: string;
  readonly from: string;
  readonly to: string;
}

const readAll = async (): Promise<Page[]> => {
  const pages: Page[] = [];
  let query = '';
  do {
    const page: Page = (await registry.ask(`/v1/environments/${environment}/usage${query}`)).body;
    pages.push(page);
    query = `?${new URLSearchParams({ from: page.from, to: page.to, after: page.next ?? '' })}`;
  } while (pages.at(-1)?.next !== undefined);
  return pages;
};

test('however many operations there are, all are read, each once, and all count for coordinates', async () => {
  // Not in this hour, whose new operations are bounded.
  await fill(many, `now() - interval '2 hours'`, 2);
  const pages = await readAll();
  expect(pages.length).toBe(2);
  for (const page of pages) expect(page.operations.length).toBeLessThanOrEqual(5_000);
  const keys = pages.flatMap(({ operations }) =>
    operations.map(({ document, client }) => `${document} ${client.name}`),
  );
  expect(keys).toHaveLength(2 * many);
  expect(new Set(keys).size).toBe(2 * many);
  const { used, unused } = (await registry.ask(`/v1/environments/${environment}/coordinates`)).body;
  expect(used).toMatchObject([{ coordinate: 'Query.used', count: 4 * many, clients: ['web1@1', 'web2@1'] }]);
  expect(unused).toEqual(['Query.rare', 'Query.unused']);
});

test('the busiest operations come first, with the number of all', async () => {
  const operation = {
    document: 'query Rare { rare }',
    operationName: 'Rare',
    client: { name: 'web', version: '1' },
    count: 50,
    errors: 0,
    durationMs: 1,
    inputs: [],
  };
  await registry.ask(`/v1/environments/${environment}/usage`, { operations: [operation] });
  const { body } = await registry.ask(`/v1/environments/${environment}/operations?limit=3`);
  expect(body.total).toBe(2 * many + 1);
  expect(body.operations).toHaveLength(3);
  expect(body.operations[0]).toMatchObject({ operationName: 'Rare', count: 50 });
});

test('a page is no place for something else', async () => {
  const unstorable = Buffer.from(JSON.stringify(['\0', '', '', ''])).toString('base64url');
  for (const after of ['x', unstorable]) {
    const { status, body } = await registry.ask(`/v1/environments/${environment}/usage?after=${after}`);
    expect({ status, code: body.error.code }).toEqual({ status: 400, code: 'BAD_USER_INPUT' });
  }
});

test('usage ends after its time, and with the last count its document; what is newer stays', async () => {
  const counted = async () => {
    const [row] = await database.query<{ usage: number; documents: number }>(
      `select (select count(*)::int from registry.usage) as usage,
              (select count(*)::int from registry.usage_documents) as documents`,
    );
    return row;
  };
  await database.query('truncate registry.usage, registry.usage_documents, registry.open_subscriptions');
  await fill(20, `now() - interval '29 days'`);
  await prune(database, 30);
  expect(await counted()).toEqual({ usage: 20, documents: 20 });
  await database.query(`update registry.usage set hour = hour - interval '2 days'`);
  await fill(1, 'now()');
  await prune(database, 30);
  expect(await counted()).toEqual({ usage: 1, documents: 1 });
  const { operations } = (await registry.ask(`/v1/environments/${environment}/operations`)).body;
  expect(operations.map(({ operationName }: { operationName: string }) => operationName)).toEqual(['Q1']);
});

test('sums by day and client are those of the reports, and end after the same time', async () => {
  const sums = () =>
    database.query<{ client: string; count: number }>(
      'select client, sum(count)::int as count from registry.usage_days group by client order by client',
    );
  await database.query('delete from registry.usage_days');
  const operation = { operationName: null, errors: 1, durationMs: 1, inputs: [] };
  const report = (document: string, name: string, count: number) => ({
    ...operation,
    document,
    client: { name, version: null },
    count,
  });
  const operations = [
    report('{ rare }', 'web', 2),
    report('{ used }', 'web', 3),
    report('{ used }', 'app', 4),
  ];
  for (let times = 0; times < 2; times++)
    await registry.ask(`/v1/environments/${environment}/usage`, { operations });
  expect(await sums()).toEqual([
    { client: 'app', count: 8 },
    { client: 'web', count: 10 },
  ]);
  await database.query("update registry.usage_days set day = day - 31 where client = 'app'");
  await prune(database, 30);
  expect(await sums()).toEqual([{ client: 'web', count: 10 }]);
});

test('a report that exceeds the operations of an hour is refused as a whole, and other environments go on', async () => {
  await database.query('delete from registry.usage');
  await fill(1_000, 'now()', 20);
  const operations = [
    {
      document: 'query One { rare }',
      operationName: 'One',
      client: { name: 'web', version: '1' },
      count: 1,
      errors: 0,
      durationMs: 1,
      inputs: [],
    },
  ];
  const refused = await registry.ask(`/v1/environments/${environment}/usage`, { operations });
  expect(refused).toMatchObject({ status: 429, body: { error: { code: 'RATE_LIMITED' } } });
  expect((await registry.ask('/v1/environments/staging/usage', { operations })).status).toBe(200);
  const total = async (of: string) => (await registry.ask(`/v1/environments/${of}/operations`)).body.total;
  expect([await total(environment), await total('staging')]).toEqual([20_000, 1]);
});

test('the storage of the version before is upgraded with its usage', async () => {
  await database.query('delete from registry.usage');
  await fill(3, 'now()', 2);
  await database.query(`
    drop table registry.open_subscriptions, registry.usage_days, registry.page_sessions, registry.webhook_deliveries, registry.webhooks,
      registry.checks, registry.pull_request_approvals, registry.app_documents, registry.app_versions, registry.documents;
    drop index registry.usage_document, registry.approvals_time;
    delete from registry.steps where step > 2`);
  await using upgraded = new Database(registry.database.url, createLog('test', 'silent'));
  expect(
    await upgraded.query('select client, count::int, errors::int from registry.usage_days order by client'),
  ).toEqual([
    { client: 'web1', count: 6, errors: 3 },
    { client: 'web2', count: 6, errors: 3 },
  ]);
  const { body } = await registry.ask(`/v1/environments/${environment}/operations`);
  expect(body.total).toBe(6);
  expect((await registry.ask(`/v1/environments/${environment}/app-versions`)).body).toEqual({
    appVersions: [],
  });
});
