import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { until } from '../support/eventually.ts';
import { startGateway, type TestGateway } from '../support/gateway/gateway.ts';
import { withShortToken } from '../support/gateway/issuer.ts';
import { people } from '../support/gateway/network.ts';
import { init, openSocket, subscribe } from '../support/gateway/raw-socket.ts';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway({ limits: { operationsPerSocket: 5 } });
});
afterAll(() => gateway[Symbol.asyncDispose]());

const viewer = people[0]?.id ?? '';
describe('close codes', () => {
  test('no connection_init: 4408', async () => {
    await using own = await startGateway({ limits: { initTimeoutMs: 300 } });
    const { closed } = await openSocket(own);
    expect((await closed).code).toBe(4408);
  });

  test('a second connection_init: 4429', async () => {
    const { send, closed } = await openSocket(gateway);
    send(init, init);
    expect((await closed).code).toBe(4429);
  });

  test('subscribe first: 4401', async () => {
    const { send, closed } = await openSocket(gateway);
    send(subscribe('1', '{ secret }'));
    expect((await closed).code).toBe(4401);
  });

  test('an id that is in use: 4409', async () => {
    const { send, closed, acknowledged } = await openSocket(gateway);
    await acknowledged();
    send(subscribe('1', 'subscription { silent { text } }'), subscribe('1', '{ secret }'));
    expect((await closed).code).toBe(4409);
  });

  test.each(['junk', '{"type":"nonsense"}', '[]', '{"type":"subscribe"}', '\u0000'])(
    '%j: 4400',
    async (text) => {
      const { send, closed, acknowledged } = await openSocket(gateway);
      await acknowledged();
      send(text);
      expect((await closed).code).toBe(4400);
    },
  );

  test('a subprotocol that is not spoken: 4406', async () => {
    const socket = new WebSocket(`${gateway.url.replace('http', 'ws')}/graphql`);
    const code = await new Promise((resolve) => socket.once('close', resolve));
    expect(code).toBe(4406);
  });

  test('a page of a foreign origin: 4403; listed, own and no origin may', async () => {
    expect((await (await openSocket(gateway, { origin: 'https://evil.example' })).closed).code).toBe(4403);
    expect((await (await openSocket(gateway, { origin: 'null' })).closed).code).toBe(4403);
    for (const origin of ['https://app.example', gateway.url]) {
      const { acknowledged, socket } = await openSocket(gateway, { origin });
      await acknowledged();
      socket.close();
    }
  });

  test('a message over the limit: 1009', async () => {
    const { send, closed, acknowledged } = await openSocket(gateway);
    await acknowledged();
    send(subscribe('1', '{ secret }', { variables: { pad: 'x'.repeat(300_000) } }));
    expect((await closed).code).toBe(1009);
  });

  test('a token that expires: 4440, and no later event', async () => {
    const { counted } = gateway.network;
    const opened = counted.opened;
    const { closed, messages } = await withShortToken(gateway.issuer, viewer, async (token) => {
      const { send, closed, messages } = await openSocket(gateway);
      let over = false;
      void closed.then(() => {
        over = true;
      });
      send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } }));
      await until('acknowledged, or over', () => messages.length > 0 || over);
      send(subscribe('1', 'subscription { counted }'));
      await until('listening, or over', () => counted.opened > opened || over);
      return counted.opened > opened ? { closed, messages } : undefined;
    });
    expect(await closed).toEqual({ code: 4440, reason: 'Token expired' });
    counted.push(1);
    expect(messages.some(({ type }) => type === 'next')).toBe(false);
    await until('closed upstream', () => counted.closed === counted.opened);
  });

  test('keys that cannot be fetched: 1013', async () => {
    await using own = await startGateway();
    own.issuer.fail(true);
    const { send, closed } = await openSocket(own);
    const token = await own.issuer.token(viewer);
    send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } }));
    expect((await closed).code).toBe(1013);
  });
});

describe('operations over a socket', () => {
  test('queries and mutations are answered as over HTTP', async () => {
    const token = await gateway.issuer.token(viewer);
    const client = gateway.live(token);
    const one = async (query: string, variables: Record<string, unknown> = {}) =>
      (await client.iterate({ query, variables }).next()).value;
    expect(await one('{ me { name } }')).toEqual({ data: { me: { name: 'Ada' } } });
    expect(await one('{ stale broken }')).toMatchObject({
      data: { stale: 'old', broken: null },
      errors: [{ path: ['broken'], extensions: { code: 'INTERNAL_SERVER_ERROR' } }],
      extensions: { stale: true },
    });
    expect(
      await one('mutation ($i: WriteInput!) { write(input: $i) { author { name } } }', { i: { text: 'x' } }),
    ).toEqual({ data: { write: { author: { name: 'Ada' } } } });
  });

  test.each([
    ['{ secret', 'GRAPHQL_PARSE_FAILED'],
    ['{ secrets }', 'GRAPHQL_VALIDATION_FAILED'],
    ['subscription { counted silent { text } }', 'GRAPHQL_VALIDATION_FAILED'],
    ['query ($n: Int!) { notes(first: $n) { id } }', 'BAD_USER_INPUT'],
    ['subscription ($a: String!) { written(after: $a) { id } }', 'BAD_USER_INPUT'],
    ['query A { secret } query B { secret }', 'BAD_REQUEST'],
  ])('%s is refused with %s', async (query, code) => {
    const error = await gateway
      .live()
      .iterate({ query })
      .next()
      .catch((cause) => cause);
    expect(error).toMatchObject([{ extensions: { code } }]);
  });

  test('read-after comes in the extensions', async () => {
    const id = '01890000-0000-7000-8000-000000000001';
    const events = gateway.live().iterate({ query: '{ secret }', extensions: { 'x-read-after': id } });
    await events.next();
    expect(gateway.network.people.asked.at(-1)?.readAfter).toEqual([id]);
    const bad = gateway.live().iterate({ query: '{ secret }', extensions: { 'x-read-after': 'x' } });
    expect(await bad.next().catch((cause) => cause)).toMatchObject([
      { extensions: { code: 'BAD_USER_INPUT' } },
    ]);
  });

  test('more at once than one socket may have are refused; the others go on', async () => {
    const { send, acknowledged, received, socket } = await openSocket(gateway);
    await acknowledged();
    for (let n = 0; n < 6; n++) send(subscribe(String(n), 'subscription { counted }'));
    const refused = await received(({ type }) => type === 'error');
    expect(refused).toMatchObject({
      id: '5',
      payload: [{ extensions: { code: 'RATE_LIMITED', retryAfter: 1 } }],
    });
    await until('listening', () => gateway.network.counted.listeners === 1);
    gateway.network.counted.push(7);
    await received(({ type, id }) => type === 'next' && id === '4');
    socket.close();
  });

  test('a subscription that is ended before it has begun leaves nothing open', async () => {
    const { send, acknowledged, socket, messages } = await openSocket(gateway);
    await acknowledged();
    for (let n = 0; n < 50; n++)
      send(subscribe('1', 'subscription { silent { text } }'), '{"id":"1","type":"complete"}');
    send(subscribe('2', '{ secret }'));
    await until('answered', () => messages.some(({ id }) => id === '2'));
    await until('closed upstream', () => gateway.network.silent.listeners === 0);
    expect(socket.readyState).toBe(WebSocket.OPEN);
    socket.close();
  });
});

test('an upgrade to another path is refused', async () => {
  const socket = new WebSocket(`${gateway.url.replace('http', 'ws')}/elsewhere`, 'graphql-transport-ws');
  const error = await new Promise<Error>((resolve) => socket.once('error', resolve));
  expect(error.message).toContain('404');
});
