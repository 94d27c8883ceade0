import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { type Account, type System, startSystem } from '../world/index.ts';
import { openSocket, overHttp } from './client.ts';

let system: System;
let ada: Account;
beforeAll(async () => {
  system = await startSystem({ env: { NODE_ENV: 'production' } });
  ada = await system.signUp();
});
afterAll(() => system?.stop());

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

test('row 20 a bad subprotocol: 4406', async () => {
  const socket = new WebSocket(system.webSocketUrl, 'graphql-ws');
  // A client library ends a handshake without its protocol by itself; the gateway's code stands in what it sends.
  socket.on('error', () => {});
  const none = new WebSocket(system.webSocketUrl);
  expect(await new Promise((resolve) => none.once('close', resolve))).toBe(4406);
  socket.terminate();
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
