import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createWebhook, Database, deleteWebhook, listWebhooks, newSecret } from '@rookery/registry';
import { createLog } from '@rookery/runtime';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { startRegistry, type TestRegistry } from './start-registry.ts';

const maxAttempts = 4;
let registry: TestRegistry;
let database: Database;
beforeAll(async () => {
  registry = await startRegistry({ webhooks: { maxAttempts } });
  database = new Database(registry.database.url, createLog('test', 'silent'));
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
  await registry[Symbol.asyncDispose]();
});

const listen = async (handle: RequestListener): Promise<string> => {
  const server = createServer(handle);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
};

interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A receiver that answers with these statuses, one after the other, and then with the last. */
const startReceiver = async (...statuses: number[]) => {
  const received: Received[] = [];
  const url = await listen(async (request, response) => {
    let body = '';
    for await (const part of request) body += part;
    const status = statuses[Math.min(received.length, statuses.length - 1)] ?? 200;
    received.push({ headers: request.headers, body });
    response.writeHead(status, status === 302 ? { location: '/elsewhere' } : {}).end();
  });
  return { url, received };
};

/** Adds a webhook until the end of the test. */
const hookUp = async (
  url: string,
  {
    events = [],
    to = database,
  }: { readonly events?: readonly 'change.approved'[]; readonly to?: Database } = {},
) => {
  const secret = newSecret();
  const id = await to.transaction((client) => createWebhook(client, { url, secret, events }));
  if (to === database) onTestFinished(() => deleteWebhook(database, id));
  return { secret, id };
};

interface Delivery {
  readonly attempts: number;
  readonly status: number | null;
  readonly failure: string | null;
  readonly waits: boolean;
  readonly delivered: boolean;
}
const deliveriesOf = (id: string, from = database): Promise<Delivery[]> =>
  from.query<Delivery>(
    `select attempts, status, failure, next_at is not null as waits, delivered_at is not null as delivered
     from registry.webhook_deliveries where webhook = $1 order by delivery`,
    [id],
  );

let approvals = 0;
/** Makes an event happen. Returns what tells it from others. */
const approve = async (at = registry): Promise<string> => {
  const coordinate = `Book.field${++approvals}`;
  const change = { kind: 'FIELD_REMOVED', coordinate, message: 'gone' };
  expect((await at.ask('/v1/approvals', { change, author: 'ada', reason: 'test' })).status).toBe(201);
  return coordinate;
};

const signatureOf = (secret: string, { headers, body }: Received): string =>
  `v1,${createHmac('sha256', Buffer.from(secret.replace('whsec_', ''), 'base64'))
    .update(`${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`)
    .digest('base64')}`;

test('an event is signed, and sent again until the receiver takes it, with the same id', async () => {
  const { url, received } = await startReceiver(500, 302, 200);
  const { secret, id } = await hookUp(url);
  const coordinate = await approve();
  await expect
    .poll(() => deliveriesOf(id))
    .toEqual([{ attempts: 3, status: 200, delivered: true, waits: false, failure: null }]);
  expect(received).toHaveLength(3);
  expect(new Set(received.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
  for (const one of received) {
    expect(one.headers['webhook-signature']).toBe(signatureOf(secret, one));
    expect(Math.abs(Number(one.headers['webhook-timestamp']) - Date.now() / 1_000)).toBeLessThan(60);
    expect(JSON.parse(one.body)).toMatchObject({
      type: 'change.approved',
      timestamp: expect.stringMatching(/^2.*Z$/),
      data: { coordinate, author: 'ada', reason: 'test' },
    });
  }
});

test('what was not taken is sent by the next registry, and nothing is lost or repeated without need', async () => {
  const { url, received } = await startReceiver(503, 503, 200);
  await using first = await startRegistry({ webhooks: { pollMs: 3_600_000 } });
  await using direct = new Database(first.database.url, createLog('test', 'silent'));
  const { id } = await hookUp(url, { to: direct });
  // This one stores the events, and ends before it has sent any.
  const coordinates = [await approve(first), await approve(first)];
  await first.stop();
  expect(await deliveriesOf(id, direct)).toMatchObject([{ attempts: 0 }, { attempts: 0 }]);
  await using second = await startRegistry({ of: first });
  expect(second.url).not.toBe(first.url);
  await expect.poll(() => deliveriesOf(id, direct)).toMatchObject([{ delivered: true }, { delivered: true }]);
  const ids = received.map(({ headers }) => headers['webhook-id']);
  expect(new Set(ids).size).toBe(2);
  expect(ids).toHaveLength(4);
  const told = received.map(({ body }) => JSON.parse(body).data.coordinate);
  expect(new Set(told)).toEqual(new Set(coordinates));
});

test('an event that was claimed by a registry that ended is sent after its lease', async () => {
  const { url, received } = await startReceiver(200);
  const { id } = await hookUp(url);
  await database.query(
    `insert into registry.webhook_deliveries (webhook, message, type, body, attempts, next_at)
     values ($1, 'msg_x', 'change.approved', '{}', 1, now() + interval '1 second')`,
    [id],
  );
  await expect.poll(() => received.length).toBe(1);
  expect(await deliveriesOf(id)).toMatchObject([{ attempts: 2 }]);
});

test('a webhook hears of the events that it asks for, and not of what did not happen', async () => {
  const { url, received } = await startReceiver(200);
  const { id } = await hookUp(url, { events: ['change.approved'] });
  await registry.ask('/v1/environments/production/promote', { version: 9, author: 'ada' });
  await registry.publish({ books: 'type Query { title: String }' });
  const coordinates = [await approve(), await approve()];
  await expect
    .poll(() => received.map(({ body }) => JSON.parse(body).data.coordinate).sort())
    .toEqual(coordinates.sort());
  expect(await deliveriesOf(id)).toHaveLength(2);
});

test('an event is given up after its last attempt', async () => {
  const { url, received } = await startReceiver(500);
  const { id } = await hookUp(url);
  await approve();
  await expect
    .poll(() => deliveriesOf(id))
    .toEqual([
      {
        attempts: maxAttempts,
        status: 500,
        waits: false,
        delivered: false,
        failure: 'the receiver answers 500',
      },
    ]);
  expect(received).toHaveLength(maxAttempts);
});

test('the list of webhooks has what waits, what was given up, and the last answer', async () => {
  const { url } = await startReceiver(200);
  const { id } = await hookUp(url);
  const listed = async () => (await listWebhooks(database)).find((webhook) => webhook.id === id);
  expect(await listed()).toMatchObject({ waiting: 0, failed: 0, failure: null, last: null });
  await database.query(
    `insert into registry.webhook_deliveries
       (webhook, message, type, body, attempts, next_at, delivered_at, status, failure)
     select $1, 'msg_' || n, 'change.approved', '{}', attempts, next_at, delivered_at, status, failure
     from (values
       (1, 15, null, null, 500, 'the receiver answers 500'),
       (2, 2, null, now(), 204, null),
       (3, 1, now() + interval '1 day', null, null, 'connect ECONNREFUSED'),
       (4, 0, now() + interval '1 day', null, null, null)
     ) as given (n, attempts, next_at, delivered_at, status, failure)`,
    [id],
  );
  expect(await listed()).toMatchObject({
    waiting: 2,
    failed: 1,
    failure: 'connect ECONNREFUSED',
    last: { type: 'change.approved', status: null, deliveredAt: null },
  });
});

test('a receiver that is gone is asked no more', async () => {
  const { url, received } = await startReceiver(410);
  const { id } = await hookUp(url);
  await approve();
  await expect
    .poll(() => deliveriesOf(id))
    .toMatchObject([{ waits: false, delivered: false, status: 410, failure: 'the receiver is gone' }]);
  await approve();
  expect(await deliveriesOf(id)).toHaveLength(1);
  expect(received).toHaveLength(1);
});

test('an address of this machine is never called unless the settings permit it', async () => {
  const { url, received } = await startReceiver(200);
  await using strict = await startRegistry({ webhooks: { targets: 'public', maxAttempts: 1 } });
  await using direct = new Database(strict.database.url, createLog('test', 'silent'));
  const { id } = await hookUp(url, { to: direct });
  await approve(strict);
  await expect
    .poll(() => deliveriesOf(id, direct))
    .toMatchObject([{ waits: false, failure: expect.stringContaining('https') }]);
  expect(received).toEqual([]);
});

test('a slow receiver delays no other', async () => {
  const arrived = Promise.withResolvers<void>();
  const silent = await listen(() => arrived.resolve());
  const { received, url } = await startReceiver(200);
  const { id } = await hookUp(silent);
  await hookUp(url);
  await approve();
  await arrived.promise;
  await approve();
  // Both of the other one arrive while the first of the silent one is still under way.
  await expect.poll(() => received.length).toBe(2);
  expect(await deliveriesOf(id)).toMatchObject([
    { attempts: 1, delivered: false, failure: null },
    { attempts: 0 },
  ]);
});

test('a gateway that refuses a launch is an event, once', async () => {
  const { url, received } = await startReceiver(200);
  const { body } = await registry.publish({ books: 'type Query { title: String pages: Int }' });
  await registry.ask('/v1/environments/refusing/promote', { version: body.version, author: 'ada' });
  const { id } = await hookUp(url);
  const refusal = { launch: 1, serves: null, outcome: 'refused', reason: 'it does not load' };
  for (let times = 0; times < 3; times++)
    await registry.ask('/v1/environments/refusing/gateways/one', refusal);
  await expect.poll(() => received.length).toBe(1);
  expect(JSON.parse(received[0]?.body ?? '')).toMatchObject({
    type: 'launch.refused',
    data: { environment: 'refusing', launch: 1, gateway: 'one', reason: 'it does not load' },
  });
  expect(await deliveriesOf(id)).toHaveLength(1);
});
