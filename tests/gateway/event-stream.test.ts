import { request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { type Client, createClient } from 'graphql-sse';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../support/eventually.ts';
import { startGateway, type TestGateway } from '../support/gateway/gateway.ts';
import { withShortToken } from '../support/gateway/issuer.ts';
import { people } from '../support/gateway/network.ts';
import { SupergraphFile } from '../support/gateway/supergraph-file.ts';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway({ limits: { bufferedEvents: 20 } });
});
afterAll(() => gateway[Symbol.asyncDispose]());

const ada = people[0]?.id ?? '';
const metric = async (name: string) => (await gateway.metric(name)) ?? 0;
const note = (text: string) => ({ id: crypto.randomUUID(), text, author: ada });

/** The library's own client, in distinct connections mode. */
const client = (token?: string): Client =>
  createClient({
    url: `${gateway.url}/graphql`,
    retryAttempts: 0,
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
  });

/** Accept headers of the two framings, which share what ends and bounds a stream. */
const framings = ['text/event-stream', 'multipart/mixed;subscriptionSpec=1.0, application/json'];

interface PostOptions {
  readonly headers?: object;
  readonly at?: TestGateway;
  readonly signal?: AbortSignal | null;
}

const post = (body: object, { headers = {}, at = gateway, signal = null }: PostOptions = {}) =>
  fetch(`${at.url}/graphql`, {
    signal,
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream', ...headers },
    body: JSON.stringify(body),
  });

/** Returns the text of a stream once it ends. */
const reading = (response: Response) => {
  const said = { text: '', over: false };
  const done = (async () => {
    const decoder = new TextDecoder();
    for await (const chunk of response.body ?? []) said.text += decoder.decode(chunk, { stream: true });
    said.over = true;
  })().catch(() => {
    said.over = true;
  });
  return { said, done };
};

describe('with the client of the npm library', () => {
  test('events come in order with fields of every subgraph, as over WebSocket', async () => {
    const events = client(await gateway.issuer.token(ada)).iterate({
      query: 'subscription { written { text author { name } } }',
    });
    const first = events.next();
    await until('listening', () => gateway.network.written.listeners === 1);
    gateway.network.written.push(note('one'));
    gateway.network.written.push(note('two'));
    expect((await first).value).toEqual({ data: { written: { text: 'one', author: { name: 'Ada' } } } });
    expect((await events.next()).value).toEqual({
      data: { written: { text: 'two', author: { name: 'Ada' } } },
    });
    expect(gateway.network.notes.asked.at(-1)?.viewer).toBe(ada);
    await events.return?.();
    await until('closed upstream', () => gateway.network.written.listeners === 0);
  });

  test('queries and mutations are answered by one event', async () => {
    const one = async (query: string) => (await client().iterate({ query }).next()).value;
    expect(await one('{ secret }')).toEqual({ data: { secret: 'shown' } });
    expect(await one('mutation { write(input: { text: "x" }) { text } }')).toEqual({
      data: { write: { text: 'x' } },
    });
    expect(await one('{ secrets }')).toMatchObject({
      errors: [{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }],
    });
  });
});

describe('on the wire', () => {
  test('a stream has next events and one complete, and headers that nobody keeps it for', async () => {
    const response = await post({ query: '{ secret }' });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(response.headers.get('cache-control')).toBe('no-store, no-transform');
    expect(response.headers.get('x-request-id')).toBeTruthy();
    expect(await response.text()).toBe(
      ':\n\nevent: next\ndata: {"data":{"secret":"shown"}}\n\nevent: complete\ndata: \n\n',
    );
  });

  test('what is wrong with the request itself is told by its status', async () => {
    expect((await post({ query: '{ secret }' }, { headers: { authorization: 'Bearer x' } })).status).toBe(
      401,
    );
    expect((await post([{ query: '{ secret }' }])).status).toBe(400);
    expect((await post({ query: '{ secret }' }, { headers: { 'content-type': 'text/plain' } })).status).toBe(
      400,
    );
  });

  test('GET subscribes and queries with the preflight header, and changes nothing', async () => {
    const get = (query: string, headers = {}) =>
      fetch(`${gateway.url}/graphql?query=${encodeURIComponent(query)}`, {
        headers: { accept: 'text/event-stream', 'apollo-require-preflight': '1', ...headers },
      });
    expect(await (await get('{ secret }')).text()).toContain('"shown"');
    const before = gateway.network.kept.length;
    expect(await (await get('mutation { write(input: { text: "x" }) { text } }')).text()).toContain(
      'BAD_REQUEST',
    );
    expect(gateway.network.kept.length).toBe(before);
    const left = new AbortController();
    const stream = await fetch(`${gateway.url}/graphql?query=subscription{silent{text}}`, {
      headers: { accept: 'text/event-stream', 'apollo-require-preflight': '1' },
      signal: left.signal,
    });
    expect(stream.status).toBe(200);
    await until('listening', () => gateway.network.silent.listeners === 1);
    left.abort();
    await until('closed upstream', () => gateway.network.silent.listeners === 0);
  });

  test('a variable that no definition names may be anything, nested beyond any stack too', async () => {
    const left = new AbortController();
    const nested = '['.repeat(20_000) + ']'.repeat(20_000);
    const stream = await fetch(`${gateway.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
      body: `{"query":"subscription { silent { text } }","variables":{"v":${nested}}}`,
      signal: left.signal,
    });
    expect(stream.status).toBe(200);
    await until('listening', () => gateway.network.silent.listeners === 1);
    left.abort();
    await until('closed upstream', () => gateway.network.silent.listeners === 0);
  });

  test('a client that accepts JSON and events alike gets JSON for queries, events for subscriptions', async () => {
    // The default of urql over POST.
    const accept =
      'application/graphql-response+json, application/graphql+json, application/json, text/event-stream, multipart/mixed';
    const query = await post({ query: '{ secret }' }, { headers: { accept } });
    expect(query.headers.get('content-type')).toBe('application/graphql-response+json; charset=utf-8');
    expect(query.headers.get('vary')).toBe('accept');
    expect(await query.json()).toEqual({ data: { secret: 'shown' } });
    const invalid = await post({ query: '{ secrets }' }, { headers: { accept } });
    expect(invalid.status).toBe(400);
    await invalid.text();
    const left = new AbortController();
    const stream = await post(
      { query: 'subscription { written { text } }' },
      { headers: { accept }, signal: left.signal },
    );
    expect(stream.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    const { said, done } = reading(stream);
    await until('listening', () => gateway.network.written.listeners === 1);
    gateway.network.written.push(note('one'));
    await until('an event', () =>
      said.text.includes('event: next\ndata: {"data":{"written":{"text":"one"}}}'),
    );
    left.abort();
    await done;
    await until('closed upstream', () => gateway.network.written.listeners === 0);
  });

  test('graphql-sse comes back by itself after a deploy, and its subscriber sees no error', async () => {
    await using first = await startGateway({ limits: { drainSpreadMs: 10 } });
    const listen = { host: '127.0.0.1', port: Number(new URL(first.url).port) };
    const events = createClient({
      url: `${first.url}/graphql`,
      retryAttempts: 1_000,
      retry: () => delay(20),
    }).iterate({ query: 'subscription { written { text } }' });
    const next = events.next();
    await until('listening', () => first.network.written.listeners === 1);
    await first.stop();
    await using second = await startGateway({ options: { listen } });
    await until('listening again', () => second.network.written.listeners === 1);
    second.network.written.push(note('after the deploy'));
    expect((await next).value).toEqual({ data: { written: { text: 'after the deploy' } } });
    await events.return?.();
  });
});

test('streams and sockets that ask for the same share one upstream, which the last of them closes though it is silent', async () => {
  const { written } = gateway.network;
  const query = 'subscription { shared: written { text author { name } } }';
  const opened = written.opened;
  const count = () => metric('rookery_gateway_subscriptions');
  const streams = [client(), client()].map((each) => each.iterate({ query }));
  const socket = gateway.live().iterate({ query });
  const all = [...streams, socket];
  const firsts = all.map((events) => events.next());
  await expect.poll(count).toBe(3);
  expect(written.opened - opened).toBe(1);
  written.push(note('all'));
  for (const first of firsts)
    expect((await first).value).toEqual({ data: { shared: { text: 'all', author: { name: 'Ada' } } } });

  await streams[0]?.return?.();
  await expect.poll(count).toBe(2);
  const nexts = [streams[1], socket].map((events) => events?.next());
  written.push(note('rest'));
  for (const next of nexts) expect((await next)?.value).toMatchObject({ data: { shared: { text: 'rest' } } });

  await socket.return?.();
  await expect.poll(count).toBe(1);
  expect(written.listeners).toBe(1);
  await streams[1]?.return?.();
  await until('closed upstream', () => written.listeners === 0);
});

describe('the end', () => {
  test('of the token is told with its code, and no event comes after', async () => {
    const { counted } = gateway.network;
    const opened = counted.opened;
    const { said, done } = await withShortToken(gateway.issuer, ada, async (token) => {
      const response = await post(
        { query: 'subscription { counted }' },
        { headers: { authorization: `Bearer ${token}` } },
      );
      const stream = reading(response);
      await until('listening, or over', () => counted.opened > opened || stream.said.over);
      return counted.opened > opened ? stream : undefined;
    });
    await done;
    expect(said.text).toContain('"code":"UNAUTHENTICATED","closeCode":4440');
    expect(said.text.trimEnd().endsWith('event: complete\ndata:')).toBe(true);
    await until('closed upstream', () => counted.closed === counted.opened);
  });

  test('of the gateway is told with a hint when to come back', async () => {
    const own = await startGateway({ limits: { drainSpreadMs: 1_000 } });
    const { said, done } = reading(await post({ query: 'subscription { silent { text } }' }, { at: own }));
    await until('listening', () => own.network.silent.listeners === 1);
    await own.stop();
    await done;
    expect(said.text).toMatch(/\nretry: \d+\n: \{"code":"SERVICE_UNAVAILABLE","closeCode":1001,.*\}\n\n$/);
    expect(said.text).not.toContain('event:');
    expect(own.network.silent.listeners).toBe(0);
    await own[Symbol.asyncDispose]();
  });

  test('of the supergraph is told with its code and a hint, and only to subscriptions', async () => {
    using file = new SupergraphFile();
    await using own = await startGateway({ limits: { drainSpreadMs: 1_000 }, supergraph: file.source(50) });
    const { said, done } = reading(await post({ query: 'subscription { silent { text } }' }, { at: own }));
    await until('listening', () => own.network.silent.listeners === 1);
    file.write(file.without('noteLimit'));
    await done;
    expect(said.text).toMatch(/\nretry: \d+\n: \{"code":"SERVICE_UNAVAILABLE","closeCode":4460,.*\}\n\n$/);
    expect(said.text).not.toContain('event:');
    await until('closed upstream', () => own.network.silent.listeners === 0);
  });

  test.each(framings)(
    'of a client that breaks off before, while and after it begins leaves nothing open: %s',
    async (accept) => {
      for (let n = 0; n < 30; n++) {
        const left = new AbortController();
        const asked = fetch(`${gateway.url}/graphql`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', accept },
          body: '{"query":"subscription { silent { text } }"}',
          signal: left.signal,
        }).catch(() => undefined);
        for (let turns = n % 10; turns > 0; turns--) await new Promise(setImmediate);
        if (n % 3 === 0) await asked;
        left.abort();
        await asked;
      }
      const { silent } = gateway.network;
      for (const name of [
        'rookery_gateway_event_streams',
        'rookery_gateway_subscriptions',
        'rookery_gateway_upstream_subscriptions',
      ])
        await expect.poll(() => metric(name), { message: name }).toBe(0);
      await until('closed upstream', () => silent.closed === silent.opened);
    },
  );
});

test.each(framings)(
  'row 21: a client that does not read is cut off when its buffer is full; memory stays flat, others get everything: %s',
  async (accept) => {
    const asked = request(`${gateway.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept },
    });
    asked.on('error', () => {});
    // Taken, and never read.
    asked.on('response', (response) => response.pause().on('error', () => {}));
    asked.end('{"query":"subscription { written { text } }"}');
    const drops = () => metric('rookery_gateway_subscriptions_dropped_total');
    const dropsBefore = await drops();
    await until('listening', () => gateway.network.written.listeners === 1);
    const other = client().iterate({ query: 'subscription { written { text } }' });
    let next = other.next();
    await expect.poll(() => metric('rookery_gateway_subscriptions')).toBe(2);
    const before = process.memoryUsage().rss;
    let sent = 0;
    while ((await drops()) === dropsBefore && sent < 1_000) {
      gateway.network.written.push(note('x'.repeat(100_000)));
      sent++;
      expect((await next).value).toMatchObject({ data: { written: { text: expect.any(String) } } });
      next = other.next();
    }
    expect(sent).toBeLessThan(1_000);
    expect(process.memoryUsage().rss - before).toBeLessThan(150_000_000);
    asked.destroy();
    expect(gateway.network.written.listeners).toBe(1);
    await other.return?.();
    await until('closed upstream', () => gateway.network.written.listeners === 0);
  },
);
