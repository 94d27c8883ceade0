import { readMetric } from '@rookery/runtime';
import { beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { closeCodeFor, openSocket, overHttp } from '../support/clients/raw-client.ts';
import { type Account, type SharedSystem, sharedSystem } from '../support/index.ts';

let system: SharedSystem;
let ada: Account;
beforeAll(async () => {
  system = await sharedSystem();
  ada = await system.signUp();
});

const init = '{"type":"connection_init"}';
const subscribe = (id: string, query: string) => ({ id, type: 'subscribe', payload: { query } });
const open = (options = {}) => openSocket(system.gatewayUrl, options);

test('row 20 no init: 4408', async () => {
  expect(await (await open()).closed).toBe(4408);
});

test('row 20 second init: 4429', async () => {
  const { send, closed } = await open();
  send(init);
  send(init);
  expect(await closed).toBe(4429);
});

test('row 20 subscribe first: 4401', async () => {
  const { send, closed } = await open();
  send(subscribe('1', '{ me { id } }'));
  expect(await closed).toBe(4401);
});

test('row 20 duplicate id: 4409', async () => {
  const { send, closed, init: acknowledged } = await open();
  await acknowledged(ada.token);
  send(subscribe('1', 'subscription { friendsFeed { cursor } }'));
  send(subscribe('1', 'subscription { friendsFeed { cursor } }'));
  expect(await closed).toBe(4409);
});

test.each([
  'junk',
  '{',
  '[]',
  'null',
  '{"type":"nonsense"}',
  '{"type":"subscribe"}',
  '{"id":1,"type":"subscribe"}',
])('row 20 junk %s: 4400', async (text) => {
  const { send, closed, init: acknowledged } = await open();
  await acknowledged();
  send(text);
  expect(await closed).toBe(4400);
});

test.each([
  ['none', []],
  ['that of subscriptions-transport-ws', ['graphql-ws']],
  ['nonsense', ['soap', 'graphql-transport-ws2']],
])('row 20 a bad subprotocol, %s: 4406', async (_what, protocols) => {
  expect(await closeCodeFor(system.gatewayUrl, protocols)).toBe(4406);
});

test('row 20 a foreign Origin: 4403', async () => {
  for (const origin of ['https://evil.example', 'null', `${system.gatewayUrl}.evil.example`])
    expect(await (await open({ origin })).closed).toBe(4403);
});

test('row 20 a message over the limit: 1009', async () => {
  const { send, closed, init: acknowledged } = await open();
  await acknowledged();
  send(subscribe('1', `{ me { id } } # ${'x'.repeat(262_144)}`));
  expect(await closed).toBe(1009);
});

test('row 21 1,000 subscriptions on a socket: 50 run, the others are refused, and nobody else is hurt', async () => {
  const greedy = await open();
  const other = await open();
  await greedy.init(ada.token);
  await other.init(ada.token);
  other.send(subscribe('mine', 'subscription { friendsFeed { cursor } }'));
  for (let n = 0; n < 1_000; n++)
    greedy.send(subscribe(String(n), 'subscription { friendsFeed { cursor } }'));
  greedy.send(subscribe('last', '{ me { id } }'));
  await greedy.next(({ id }) => id === 'last');
  const refused = greedy.messages.filter(({ type }) => type === 'error');
  expect(refused).toHaveLength(951);
  for (const { payload } of refused)
    expect(payload).toMatchObject([{ extensions: { code: 'RATE_LIMITED', retryAfter: 1 } }]);
  expect(other.socket.readyState).toBe(WebSocket.OPEN);
  expect((await overHttp(system.gatewayUrl)({ query: '{ me { id } }' }, ada.token)).data).toEqual({
    me: { id: ada.id },
  });
  greedy.socket.terminate();
  other.socket.terminate();
});

test('row 21 a client that never reads: closed, nothing is held for it, and the others get everything', async () => {
  const [author, reader] = [await system.signUp(), ada];
  const ask = overHttp(system.gatewayUrl);
  await ask(
    {
      query: 'mutation ($id: ID!) { followUser(input: { userId: $id }) { user { followerCount } } }',
      variables: { id: author.id },
    },
    reader.token,
  );
  const slow = { why: 'slow' };
  const dropped = async () =>
    (await readMetric(system.metricsUrls.gateway, 'rookery_gateway_subscriptions_dropped_total', slow)) ?? 0;
  const [lazy, eager] = [await open(), await open()];
  for (const socket of [lazy, eager]) await socket.init(reader.token);
  // Each event is some 200 KB, so that what the operating system holds for the socket is soon full.
  const copies = Array.from({ length: 14 }, (_, n) => `b${n}: body`).join(' ');
  lazy.send(subscribe('lazy', `subscription { friendsFeed { node { post { ${copies} } } } }`));
  eager.send(subscribe('eager', 'subscription { friendsFeed { node { post { id } } } }'));
  lazy.socket.pause();

  const before = await dropped();
  const posted: string[] = [];
  const post = async () => {
    const { data, text } = await ask(
      {
        query: 'mutation ($body: String!) { publishPost(input: { body: $body }) { post { id } } }',
        variables: { body: 'あ'.repeat(5_000) },
      },
      author.token,
    );
    if (!data?.publishPost) throw new Error(text);
    posted.push((data.publishPost as { post: { id: string } }).post.id);
  };
  // Its buffer of 128 events, what the system holds for a socket, and some more.
  while ((await dropped()) === before) {
    expect(posted.length).toBeLessThan(600);
    await Promise.all(Array.from({ length: 20 }, post));
  }
  lazy.socket.resume();
  expect([4450, 1006]).toContain(await lazy.closed);

  const got = () => eager.messages.filter(({ id, type }) => id === 'eager' && type === 'next').length;
  await expect.poll(got).toBe(posted.length);
  expect(eager.socket.readyState).toBe(WebSocket.OPEN);
  const ids = eager.messages.flatMap(({ payload }) => {
    const event = payload as { data?: { friendsFeed: { node: { post: { id: string } } } } } | undefined;
    return event?.data?.friendsFeed.node.post.id ?? [];
  });
  expect([...ids].sort()).toEqual([...posted].sort());
  eager.socket.terminate();
}, 120_000);
