import { createWebhook, Database } from '@rookery/registry';
import { createLog } from '@rookery/runtime';
import { startRegistry, type TestRegistry } from './start-registry.ts';

const link = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])\n';
const hostile = `"><img src=x onerror=alert(1)><script>alert(2)</script></code></pre>{{7*7}}\u202e`;

const booksSdl = `${link}
  """ ${hostile.replaceAll('"', "'")} """
  type Query { books(tag: String = "<script>alert(3)</script>"): [Book!]! }
  type Book @key(fields: "id") { id: ID! title: String pages: Int }`;
const reviewsSdl = `${link}type Query { best: Book } type Book @key(fields: "id") { id: ID! stars: Int }`;

const environment = 'production';

/** Pages that show everything that a filled registry has. */
export const paths = [
  '',
  '/versions',
  '/versions/1',
  '/versions/2',
  '/versions/3',
  '/versions/4',
  '/graph',
  '/graph?version=1',
  '/checks',
  '/checks?environment=staging',
  '/checks/1',
  '/checks/2',
  '/approvals',
  '/usage',
  '/launches',
  '/operations',
  '/webhooks',
];

/** Everything that a page may show, with markup wherever somebody can write. */
const fill = async (registry: TestRegistry): Promise<void> => {
  const by = { author: hostile };
  await registry.publish(
    { books: booksSdl, reviews: reviewsSdl },
    { ...by, message: hostile, commit: hostile },
  );
  await registry.publish({ books: booksSdl.replace(' pages: Int', '') }, { ...by, message: hostile });
  await registry.publish({ broken: `type ${hostile}` }, by);
  await registry.publish({ broken: 'type Query { best: Int }' }, by);
  const launch = `/v1/environments/${environment}`;
  await registry.ask(`${launch}/promote`, { version: 1, ...by });
  await registry.ask(`${launch}/promote`, { version: 2, ...by, reason: hostile });
  const operation = {
    document: 'query Pages { books { pages } }',
    operationName: 'Pages',
    client: { name: hostile.slice(0, 90), version: '<b>1</b>' },
    count: 1_234,
    errors: 5,
    durationMs: 10,
    inputs: [],
  };
  const comment = `{ books(tag: "${hostile.replaceAll('"', '')}") { title } }`;
  await registry.ask(`${launch}/usage`, {
    operations: [operation, { ...operation, document: comment, operationName: null }],
  });
  const { count: _, errors: __, durationMs: ___, ...opened } = operation;
  await registry.ask(`${launch}/gateways/one/subscriptions`, {
    ...{ report: 1, last: true },
    subscriptions: [{ ...opened, operationName: null, document: comment, open: 1_200 }],
  });
  await registry.ask(`${launch}/app-versions`, {
    client: { name: hostile.slice(0, 90), version: '<i>7</i>' },
    documents: [{ id: hostile, document: 'query Shipped { books { title } }' }],
    ...by,
  });
  await registry.ask(`${launch}/gateways/one`, { launch: 2, serves: 1, outcome: 'refused', reason: hostile });
  await registry.ask(`${launch}/checks`, {
    subgraphs: [{ name: 'books', sdl: booksSdl.replace(' title: String', '') }],
    ...by,
    message: hostile,
    pullRequest: '<b>acme</b>#12',
  });
  for (const pullRequest of [undefined, '<b>acme</b>#12'])
    await registry.ask('/v1/approvals', {
      change: { kind: 'FIELD_REMOVED', coordinate: hostile, message: hostile },
      ...by,
      reason: hostile,
      pullRequest,
    });
  await registry.ask(`/v1/environments/staging/checks`, {
    subgraphs: [{ name: 'books', sdl: hostile }],
    ...by,
  });
};

/** Keeps the gateway's report from ending, however long a test takes. */
const keepOpenSubscriptions = async (registry: TestRegistry): Promise<void> => {
  await using database = new Database(registry.database.url, createLog('test', 'silent'));
  await database.query(`update registry.open_subscriptions set reported_at = now() + interval '1 hour'`);
};

/** Webhooks with a delivery in each state, and an event that the registry does not send while it is looked at. */
const fillWebhooks = async (registry: TestRegistry): Promise<void> => {
  await using database = new Database(registry.database.url, createLog('test', 'silent'));
  const [id] = await database.transaction((client) =>
    Promise.all([
      createWebhook(client, {
        url: `https://hooks.example/secret-of-the-receiver?${hostile}`,
        secret: 'whsec_',
        events: ['operations.retired'],
      }),
      createWebhook(client, { url: hostile, secret: 'whsec_', events: ['operations.retired'] }),
    ]),
  );
  await database.query(
    `insert into registry.webhook_deliveries
       (webhook, message, type, body, attempts, next_at, delivered_at, status, failure)
     values ($1, 'msg_1', 'version.published', '{}', 1, null, now(), 204, null),
       ($1, 'msg_2', 'launch.refused', '{}', 15, null, null, 500, 'the receiver answers 500'),
       ($1, 'msg_3', 'check.finished', '{}', 2, now() + interval '1 day', null, null, $2),
       ($1, 'msg_4', 'change.approved', '{}', 0, now() + interval '1 day', null, null, null)`,
    [id, hostile],
  );
};

/** A registry that has something for each page. */
export const startFilledRegistry = async (): Promise<TestRegistry> => {
  await using undo = new AsyncDisposableStack();
  const registry = undo.use(await startRegistry());
  await fill(registry);
  await keepOpenSubscriptions(registry);
  await fillWebhooks(registry);
  undo.move();
  return registry;
};
