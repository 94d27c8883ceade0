import { request } from 'node:http';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { startStopwatch } from '../support/stopwatch.ts';
import { startGateway, type TestGateway, until } from './world/gateway.ts';
import { withShortToken } from './world/issuer.ts';
import { people } from './world/network.ts';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway({ limits: { operationsPerSocket: 5 } });
});
afterAll(() => gateway[Symbol.asyncDispose]());

const viewer = people[0]?.id ?? '';
const init = '{"type":"connection_init"}';
const subscribe = (id: string, query: string, more: object = {}) =>
  JSON.stringify({ id, type: 'subscribe', payload: { query, ...more } });

interface Message {
  readonly type: string;
  readonly id?: string;
  readonly payload?: unknown;
}

/** A socket by hand, for what no well-behaved client sends. */
const open = async (
  at = gateway,
  { protocol = 'graphql-transport-ws', origin }: { protocol?: string; origin?: string } = {},
) => {
  const socket = new WebSocket(`${at.url.replace('http', 'ws')}/graphql`, protocol, origin ? { origin } : {});
  const messages: Message[] = [];
  socket.on('message', (data) => messages.push(JSON.parse(String(data))));
  const closed = new Promise<{ code: number; reason: string }>((resolve) =>
    socket.once('close', (code, reason) => resolve({ code, reason: String(reason) })),
  );
  await new Promise((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  const received = async (wanted: (message: Message) => boolean) => {
    await until('message', () => messages.some(wanted));
    return messages.find(wanted);
  };
  return {
    socket,
    messages,
    closed,
    received,
    send: (...texts: string[]) => {
      for (const text of texts) socket.send(text);
    },
    acknowledged: async () => {
      socket.send(init);
      await received(({ type }) => type === 'connection_ack');
    },
  };
};

describe('close codes', () => {
  test('no connection_init: 4408', async () => {
    await using own = await startGateway({ limits: { initTimeout: 300 } });
    const { closed } = await open(own);
    expect((await closed).code).toBe(4408);
  });

  test('a second connection_init: 4429', async () => {
    const { send, closed } = await open();
    send(init, init);
    expect((await closed).code).toBe(4429);
  });

  test('subscribe first: 4401', async () => {
    const { send, closed } = await open();
    send(subscribe('1', '{ secret }'));
    expect((await closed).code).toBe(4401);
  });

  test('an id that is in use: 4409', async () => {
    const { send, closed, acknowledged } = await open();
    await acknowledged();
    send(subscribe('1', 'subscription { silent { text } }'), subscribe('1', '{ secret }'));
    expect((await closed).code).toBe(4409);
  });

  test.each(['junk', '{"type":"nonsense"}', '[]', '{"type":"subscribe"}', '\u0000'])(
    '%j: 4400',
    async (text) => {
      const { send, closed, acknowledged } = await open();
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
    expect((await (await open(gateway, { origin: 'https://evil.example' })).closed).code).toBe(4403);
    expect((await (await open(gateway, { origin: 'null' })).closed).code).toBe(4403);
    for (const origin of ['https://app.example', gateway.url]) {
      const { acknowledged, socket } = await open(gateway, { origin });
      await acknowledged();
      socket.close();
    }
  });

  test('a message over the limit: 1009', async () => {
    const { send, closed, acknowledged } = await open();
    await acknowledged();
    send(subscribe('1', '{ secret }', { variables: { pad: 'x'.repeat(300_000) } }));
    expect((await closed).code).toBe(1009);
  });

  test('a token that expires: 4440, and no later event', async () => {
    const { counted } = gateway.network;
    const opened = counted.opened;
    const { closed, messages } = await withShortToken(gateway.issuer, viewer, async (token) => {
      const { send, closed, messages } = await open();
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
    const { send, closed } = await open(own);
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
    const { send, acknowledged, received, socket } = await open();
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
    const { send, acknowledged, socket, messages } = await open();
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

describe('races', () => {
  const sockets = async (at: TestGateway) => (await at.metrics()).match(/^gateway_sockets\S* (\d+)/m)?.[1];

  test('whatever the order of subscribe and complete, exactly what was not ended runs, and nothing stays behind', async () => {
    await using own = await startGateway();
    const { silent } = own.network;
    const steps = fc.array(
      fc.record({
        id: fc.constantFrom('1', '2', '3'),
        // Each a document of its own: it is planned while its end may be on its way.
        fresh: fc.boolean(),
        turns: fc.nat(6),
      }),
      { maxLength: 20 },
    );
    let serial = 0;
    await fc.assert(
      fc.asyncProperty(steps, async (all) => {
        const { send, acknowledged, socket, closed, messages } = await open(own);
        await acknowledged();
        const running = new Set<string>();
        for (const { id, fresh, turns } of all) {
          if (running.delete(id)) send(JSON.stringify({ id, type: 'complete' }));
          else {
            running.add(id);
            const field = fresh ? `f${++serial}: silent` : 'silent';
            send(
              subscribe(id, `subscription ($of: String) { ${field}(of: $of) { text } }`, {
                variables: { of: String(++serial) },
              }),
            );
          }
          for (let turn = 0; turn < turns; turn++) await new Promise(setImmediate);
        }
        send(subscribe('last', '{ secret }'));
        await until('answered', () => messages.some(({ id, type }) => id === 'last' && type === 'complete'));
        await until('what was not ended runs', () => silent.listeners === running.size);
        expect(messages.filter(({ type }) => type === 'error')).toEqual([]);
        socket.close();
        await closed;
        await until('closed upstream', () => silent.listeners === 0);
      }),
      { numRuns: 30 },
    );
  });

  test('a socket that is closed during connection_init, or right behind it, leaves nothing behind', async () => {
    await using own = await startGateway();
    const token = await own.issuer.token(viewer);
    const hello = JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } });
    for (let n = 0; n < 24; n++) {
      const { send, socket, closed } = await open(own);
      send(hello);
      for (let turns = n % 6; turns > 0; turns--) await new Promise(setImmediate);
      // Every other one asks before it is let in: 4401, or it runs for a moment.
      if (n % 2 === 0) send(subscribe('1', 'subscription { silent { text } }'));
      if (n % 3 === 0) socket.terminate();
      else socket.close();
      await closed;
    }
    await expect.poll(() => sockets(own)).toBe('0');
    await until('closed upstream', () => own.network.silent.listeners === 0);
    expect(own.log()).not.toMatch(/"level":(50|60)/);
    expect((await own.ask('{ me { name } }', {}, { token })).data).toEqual({ me: { name: 'Ada' } });
  });

  test('row 21: a client that asks on and on and never reads is closed; others are answered', async () => {
    await using own = await startGateway();
    const [deaf, other] = [await open(own), await open(own)];
    await deaf.acknowledged();
    await other.acknowledged();
    deaf.socket.pause();
    let n = 0;
    // By time, not by number: a busy machine answers few, and refuses what comes while fifty are under way.
    const deadline = performance.now() + 45_000;
    while (performance.now() < deadline && (await sockets(own)) === '2')
      for (let asked = 0; asked < 20; asked++) deaf.send(subscribe(String(++n), '{ large(bytes: 200000) }'));
    expect(await sockets(own)).toBe('1');
    other.send(subscribe('1', '{ secret }'));
    await other.received(({ type }) => type === 'next');
    deaf.socket.terminate();
    other.socket.close();
  });
});

test('an upgrade to another path is refused', async () => {
  const socket = new WebSocket(`${gateway.url.replace('http', 'ws')}/elsewhere`, 'graphql-transport-ws');
  const error = await new Promise<Error>((resolve) => socket.once('error', resolve));
  expect(error.message).toContain('404');
});

describe('a graceful stop', () => {
  test('closes sockets with 1001, answers what is under way, takes no more', async () => {
    const own = await startGateway();
    const sockets = await Promise.all(Array.from({ length: 5 }, () => open(own)));
    for (const { acknowledged, send } of sockets) {
      await acknowledged();
      send(subscribe('1', 'subscription { silent { text } }'));
    }
    await until('listening', () => own.network.silent.listeners === 1);
    const underWay = own.ask('{ notes { author { name } } }');
    await until('asked', () => own.network.notes.asked.length === 2);
    const stopped = own.stop();
    for (const { closed } of sockets) expect((await closed).code).toBe(1001);
    expect((await underWay).data).toHaveProperty('notes');
    await stopped;
    expect(own.network.silent.listeners).toBe(0);
    await expect(fetch(`${own.url}/health/live`)).rejects.toThrow();
    await own[Symbol.asyncDispose]();
  });

  test('says that it is not ready before it stops listening, and spreads what it closes', async () => {
    const own = await startGateway({ limits: { drainSpread: 2_000, initTimeout: 30_000 } });
    const sockets: Awaited<ReturnType<typeof open>>[] = [];
    // A few at a time, as a busy machine has them open in time.
    for (let n = 0; n < 16; n++) {
      const some = await Promise.all(Array.from({ length: 25 }, () => open(own)));
      await Promise.all(some.map(({ acknowledged }) => acknowledged()));
      sockets.push(...some);
    }
    expect((await fetch(`${own.url}/health/ready`)).status).toBe(200);
    const closedAt: number[] = [];
    const reasons = new Set<string>();
    const all = sockets.map(async ({ closed }) => {
      const { code, reason } = await closed;
      expect(code).toBe(1001);
      reasons.add(reason);
      closedAt.push(performance.now());
    });
    const took = startStopwatch();
    const stopped = own.stop();
    const refused = open(own).catch((error: Error) => error.message);
    expect((await fetch(`${own.url}/health/ready`)).status).toBe(503);
    expect(await refused).toContain('503');
    await Promise.all(all);
    await stopped;
    expect(took()).toBeLessThan(10_000);
    expect(Math.max(...closedAt) - Math.min(...closedAt)).toBeGreaterThan(100);
    // Each with a hint of its own when to come back.
    expect(reasons.size).toBeGreaterThan(100);
    await own[Symbol.asyncDispose]();
  });

  test('is bounded, whatever a client does', async () => {
    const own = await startGateway();
    const { acknowledged, socket } = await open(own);
    await acknowledged();
    socket.pause(); // never reads, so never answers the close
    const half = request(`${own.url}/graphql`, { method: 'POST', headers: { 'content-length': '100' } });
    half.on('error', () => {});
    half.flushHeaders();
    const took = startStopwatch();
    await own.stop();
    expect(took()).toBeLessThan(6_000);
    socket.terminate();
    half.destroy();
    await own[Symbol.asyncDispose]();
  });
});

test('row 21: a thousand subscriptions on one socket: fifty run, the rest are refused, and others are not affected', async () => {
  await using own = await startGateway();
  const [greedy, other] = [await open(own), await open(own)];
  await greedy.acknowledged();
  await other.acknowledged();
  other.send(subscribe('1', 'subscription { counted }'));
  await until('listening', () => own.network.counted.listeners === 1);
  for (let n = 0; n < 1_000; n++)
    greedy.send(
      subscribe(String(n), 'subscription ($of: String) { silent(of: $of) { text } }', {
        variables: { of: String(n) },
      }),
    );
  await until(
    'all answered',
    () => greedy.messages.filter(({ type }) => type === 'error').length === 950,
    20_000,
  );
  await until('the others run', () => own.network.silent.listeners === 50);
  own.network.counted.push(1);
  await other.received(({ type }) => type === 'next');
  greedy.socket.close();
  await until('closed upstream', () => own.network.silent.listeners === 0);
  other.socket.close();
});
