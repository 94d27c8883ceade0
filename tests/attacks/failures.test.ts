import { beforeAll, expect, test } from 'vitest';
import { type Ask, overHttp, overWebSocket } from '../support/clients/raw-client.ts';
import { type Account, type SharedSystem, sharedSystem } from '../support/index.ts';

let system: SharedSystem;
let ada: Account;
beforeAll(async () => {
  system = await sharedSystem();
  ada = await system.signUp();
});

/** No port, path, service or stack of ours, nor the words of a driver. */
const telling = () => [
  ...Object.values(system.urls).map((url) => new URL(url).port),
  ...[system.servers.redis.url, system.servers.nats.url, system.servers.database.url].map(
    (url) => new URL(url).port,
  ),
  '127.0.0.1',
  'ECONNREFUSED',
  'stack',
  'node_modules',
  'serviceName',
  'mutation subgraph',
  '.ts:',
];

test('row 27 a subgraph that is down: what it owns is null, masked, and the rest is there', async () => {
  await system.kill('query');
  for (const make of [overHttp, overWebSocket] as const) {
    const ask: Ask = make(system.gatewayUrl);
    const read = await ask({ query: '{ me { id handle } }' }, ada.token);
    expect(read.data).toEqual({ me: null });
    expect(read.errors).toHaveLength(1);
    expect(read.errors[0]?.extensions).toEqual({
      code: 'SERVICE_UNAVAILABLE',
      retryAfter: expect.any(Number),
    });
    // The other subgraph's half of a mutation still counts.
    const written = await ask(
      { query: 'mutation { publishPost(input: { body: "x" }) { activity { status } post { id body } } }' },
      ada.token,
    );
    expect(written.data).toMatchObject({ publishPost: { activity: { status: 'QUEUED' } } });
    for (const { text } of [read, written])
      for (const secret of telling()) expect(text).not.toContain(secret);
  }
  const ready = await fetch(`${system.gatewayUrl}/health/ready`);
  expect(ready.status).toBe(200);
  const text = await ready.text();
  for (const secret of telling()) expect(text).not.toContain(secret);
  await system.start('query');
});

test('row 27 a queue that is down behind a subgraph', async () => {
  await system.servers.nats.kill();
  const ask = overHttp(system.gatewayUrl);
  const query = 'mutation { publishPost(input: { body: "x" }) { activity { id } } }';
  const { data, errors, text } = await ask({ query }, ada.token);
  expect(data).toEqual({ publishPost: null });
  expect(errors[0]?.extensions).toEqual({ code: 'SERVICE_UNAVAILABLE', retryAfter: expect.any(Number) });
  for (const secret of telling()) expect(text).not.toContain(secret);
  await system.servers.nats.restart();
  await expect.poll(async () => (await ask({ query }, ada.token)).errors).toEqual([]);
});
