import { settings } from '@rookery/runtime';
import { gatewayHeader } from '@rookery/subgraph-auth';
import { createClient as createSseClient } from 'graphql-sse';
import { createClient } from 'graphql-ws';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { payloads, readMultipart } from '../support/clients/multipart.ts';
import { until } from '../support/eventually.ts';
import { startGateway, type TestGateway } from '../support/gateway/gateway.ts';
import { people } from '../support/gateway/network.ts';

const rules = settings.SUBGRAPH_HEADERS.schema.parse('notes=x-tenant; people=x-locale; *=x-shared');
const options = { subgraphHeaders: rules };
const [ada] = people as [(typeof people)[0]];

let gateway: TestGateway;
beforeEach(async () => {
  gateway = await startGateway({ options });
});
afterEach(() => gateway?.[Symbol.asyncDispose]());

/** Headers of a client; each subgraph gets its own part. */
const sent = { 'x-tenant': 'acme', 'x-locale': 'de', 'x-shared': 'both', 'x-unlisted': 'nobody' };
const forNotes = { 'x-tenant': 'acme', 'x-shared': 'both' };
const forPeople = { 'x-locale': 'de', 'x-shared': 'both' };

/** Those of a client's headers that a subgraph received, request by request. */
const ofClient = (subgraph: 'notes' | 'people', over: string) =>
  gateway.network[subgraph].received
    // The gateway's own probe shows no token, and is nobody's request.
    .filter((received) => received.over === over && gatewayHeader in received.headers)
    .map(({ headers }) => Object.fromEntries(Object.entries(headers).filter(([name]) => name in sent)));

const socketOf = (connectionParams: Record<string, unknown> = {}, upgrade: Record<string, string> = {}) => {
  class WithHeaders extends WebSocket {
    constructor(address: string, protocols: string | string[]) {
      super(address, protocols, { headers: upgrade });
    }
  }
  return createClient({
    url: `${gateway.url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WithHeaders,
    connectionParams,
    retryAttempts: 0,
  });
};
const note = (text: string) => ({ id: crypto.randomUUID(), text, author: ada.id });
const joined = '{ notes(first: 1) { text author { name } } }';
const live = 'subscription { written { text author { name } } }';

describe('headers that are listed', () => {
  test('reach the subgraphs that they are listed for, with queries and mutations', async () => {
    await gateway.ask(joined, {}, { headers: sent });
    await gateway.ask(
      'mutation { write(input: { text: "x" }) { text author { name } } }',
      {},
      { headers: sent },
    );
    expect(ofClient('notes', 'http')).toEqual([forNotes, forNotes]);
    expect(ofClient('people', 'http')).toEqual([forPeople, forPeople]);
  });

  test('reach them from connection_init, from the upgrade, and with each event', async () => {
    const client = socketOf(
      { 'X-Tenant': 'acme', 'x-shared': 'in vain' },
      { 'x-locale': 'de', 'x-shared': 'both' },
    );
    const events = client.iterate({ query: live });
    const first = events.next();
    await until('listening', () => gateway.network.written.listeners === 1);
    gateway.network.written.push(note('one'));
    expect((await first).value).toEqual({ data: { written: { text: 'one', author: { name: 'Ada' } } } });
    expect(ofClient('notes', 'subscribe')).toEqual([forNotes]);
    expect(ofClient('people', 'http')).toEqual([forPeople]);
    // All clients share the socket, so nothing of one client's is told for all.
    expect(ofClient('notes', 'connection_init')).toEqual([{}]);
    await events.return?.();
    await client.dispose();
  });

  test('reach them from an event stream, and again when a lost upstream is opened again', async () => {
    const client = createSseClient({ url: `${gateway.url}/graphql`, headers: sent, retryAttempts: 0 });
    const events = client.iterate<{ entries: { note: { text: string; author: { name: string } } } }>({
      query: 'subscription { entries { note { text author { name } } } }',
    });
    const next = async () => (await events.next()).value?.data?.entries.note.text;
    const first = next();
    await until('listening', () => gateway.network.log.opened === 1);
    gateway.network.log.add('one', ada.id);
    expect(await first).toBe('one');
    gateway.network.notes.cutSockets();
    await until('opened again', () => gateway.network.log.opened === 2);
    gateway.network.log.add('two', ada.id);
    expect(await next()).toBe('two');
    expect(ofClient('notes', 'subscribe')).toEqual([forNotes, forNotes]);
    expect(ofClient('people', 'http')).toEqual([forPeople, forPeople]);
    await events.return?.();
    client.dispose();
  });
});

test('headers that are listed reach them from a multipart subscription', async () => {
  const left = new AbortController();
  const response = await fetch(`${gateway.url}/graphql`, {
    method: 'POST',
    signal: left.signal,
    headers: {
      ...sent,
      accept: 'multipart/mixed;subscriptionSpec=1.0',
      'content-type': 'application/json',
    },
    body: JSON.stringify({ query: live }),
  });
  const body = readMultipart(
    response.headers.get('content-type') ?? '',
    response.body ?? new ReadableStream(),
  );
  await until('listening', () => gateway.network.written.listeners === 1);
  gateway.network.written.push(note('one'));
  await until('an event', () => payloads(body).length > 0);
  expect(ofClient('notes', 'subscribe')).toEqual([forNotes]);
  expect(ofClient('people', 'http')).toEqual([forPeople]);
  left.abort();
  await body.ended;
});

describe('two clients with other values never share', () => {
  test('a fetch that is under way; two with the same values do', async () => {
    const { promise: held, resolve: release } = Promise.withResolvers<void>();
    gateway.network.notes.hold = held;
    const ask = (tenant: string) =>
      gateway.ask('{ notes(first: 1) { text } }', {}, { headers: { 'x-tenant': tenant } });
    const answers = ['acme', 'acme', 'evil', ''].map(ask);
    // One more, whose header goes to the other subgraph only and so makes no difference here.
    answers.push(
      gateway.ask('{ notes(first: 1) { text } }', {}, { headers: { 'x-tenant': 'acme', 'x-locale': 'de' } }),
    );
    await until('three fetches', () => gateway.network.notes.fetches === 3);
    await expect
      .poll(() => gateway.metric('rookery_gateway_joined_fetches_total', { subgraph: 'notes' }))
      .toBe(1);
    release();
    await Promise.all(answers);
    // The second of acme did not even get so far.
    expect(await gateway.metric('rookery_gateway_joined_queries_total')).toBe(1);
    expect(
      ofClient('notes', 'http')
        .map((headers) => headers['x-tenant'])
        .sort(),
    ).toEqual(['', 'acme', 'evil']);
  });

  test('an upstream, nor the answer to an event', async () => {
    const clients = ['de', 'de', 'fr'].map((locale) => socketOf({ 'x-locale': locale }));
    const streams = clients.map((client) => client.iterate({ query: live }));
    const firsts = streams.map((events) => events.next());
    // Not `x-locale` itself, which goes to the other subgraph: but what that one answers is part of each event.
    await until('two upstreams', () => gateway.network.written.listeners === 2);
    await expect.poll(() => gateway.metric('rookery_gateway_subscriptions')).toBe(3);
    expect(gateway.network.written.opened).toBe(2);
    gateway.network.written.push(note('both'));
    await Promise.all(firsts);
    expect(
      ofClient('people', 'http')
        .map((headers) => headers['x-locale'])
        .sort(),
    ).toEqual(['de', 'fr']);
    for (const events of streams) await events.return?.();
    for (const client of clients) await client.dispose();
  });
});

/** Headers that claim to come from the gateway, and hop-by-hop headers. */
const forged = {
  [gatewayHeader]: 'forged',
  'x-rookery-viewer': 'root',
  'x-rookery-anything': 'x',
  x_rookery_gateway: 'forged',
  'x-forwarded-for': '10.0.0.1',
  forwarded: 'for=10.0.0.1',
  cookie: 'session=1',
  te: 'trailers',
  checkpoint: 'forged',
  checkpoints: 'forged',
  'x-unlisted': 'nobody',
};
/** Headers that a gateway sends with each fetch if none is listed. */
const ownHeaders = [
  ...['accept', 'accept-encoding', 'connection', 'content-length', 'content-type', 'host', 'traceparent'],
  ...['x-request-id', gatewayHeader],
];

describe('a client that poses as the gateway', () => {
  test.each(['with headers listed', 'with none listed'])('reaches no subgraph over HTTP, %s', async (how) => {
    await using other = how === 'with none listed' ? await startGateway() : undefined;
    const asked = other ?? gateway;
    const token = await asked.issuer.token(ada.id);
    const { data } = await asked.ask(
      '{ me { name } notes(first: 1) { text } }',
      {},
      { token, headers: forged },
    );
    expect(data).toMatchObject({ me: { name: 'Ada' } });
    for (const { received, url } of asked.network.all) {
      expect(received).toHaveLength(1);
      const [{ headers }] = received as [(typeof received)[0]];
      expect(ownHeaders).toEqual(expect.arrayContaining(Object.keys(headers)));
      expect(headers.host).toBe(new URL(url).host);
      const values = Object.values(headers);
      for (const value of Object.values(forged)) expect(values).not.toContain(value);
      expect(JSON.stringify(headers)).not.toContain(token);
    }
  });

  test('reaches none over WebSocket, by connection_init, upgrade or extensions', async () => {
    const { te, ...allowed } = forged;
    const client = socketOf(forged, allowed);
    const events = client.iterate({ query: live, extensions: forged });
    const first = events.next();
    await until('listening', () => gateway.network.written.listeners === 1);
    gateway.network.written.push(note('one'));
    expect((await first).value?.data).toBeTruthy();
    const received = [...gateway.network.notes.received, ...gateway.network.people.received];
    expect(received.map(({ over }) => over).sort()).toEqual(['connection_init', 'http', 'subscribe']);
    for (const { over, headers } of received) {
      const own = over === 'http' ? ownHeaders : [gatewayHeader, 'x-request-id', 'checkpoints'];
      expect(own).toEqual(expect.arrayContaining(Object.keys(headers)));
      for (const value of [...Object.values(forged), te]) expect(Object.values(headers)).not.toContain(value);
    }
    await events.return?.();
    await client.dispose();
  });

  test('gets no header of a subgraph, and nothing that a cache could keep', async () => {
    gateway.network.notes.fails = () => ({
      status: 200,
      headers: {
        'set-cookie': 'a=b',
        'cache-control': 'public, max-age=60',
        'x-tenant': 'acme',
        [gatewayHeader]: 'x',
      },
      body: '{"data":{"slow":"canned"}}',
    });
    const { data, headers } = await gateway.ask('{ slow }', {}, { headers: sent });
    expect(data).toEqual({ slow: 'canned' });
    expect(headers.get('cache-control')).toBe('no-store');
    for (const name of ['set-cookie', 'x-tenant', gatewayHeader]) expect(headers.has(name), name).toBe(false);
  });
});

test.each([
  ['a line break', 'acme\r\nx-rookery-gateway: forged'],
  ['characters that no header has', 'акме'],
  ['an object', { a: 1 }],
  ['a text without end', 'x'.repeat(10_000)],
])('a value in connection_init that is %s closes the socket with 4400', async (_what, value) => {
  const client = socketOf({ 'x-tenant': value });
  const refused = client.iterate({ query: live }).next();
  await expect(refused).rejects.toMatchObject({ code: 4400 });
  expect(gateway.network.notes.received).toEqual([]);
  await client.dispose();
});

test('a value that is too long is refused over HTTP and in the upgrade, and nothing else suffers', async () => {
  const long = { 'x-tenant': 'x'.repeat(10_000) };
  expect(await gateway.ask(joined, {}, { headers: long })).toMatchObject({
    status: 400,
    errors: [{ extensions: { code: 'BAD_REQUEST' } }],
  });
  const client = socketOf({}, long);
  await expect(client.iterate({ query: live }).next()).rejects.toMatchObject({ code: 4400 });
  expect((await gateway.ask(joined)).errors).toBeUndefined();
  await client.dispose();
});

test('sessions of one viewer with other scopes share neither a token nor an upstream', async () => {
  // Two tokens of one log-in, issued in the same second, as an issuer does for a token with fewer scopes.
  const iat = Math.floor(Date.now() / 1_000);
  const claims = { sid: 'one', iat, exp: iat + 600 };
  const tokens = await Promise.all(
    ['notes:all', 'notes:few'].map((scope) => gateway.issuer.token(ada.id, { claims: { ...claims, scope } })),
  );
  const clients = tokens.map((token) => gateway.live(token));
  const streams = clients.map((client) => client.iterate({ query: live }));
  const firsts = streams.map((events) => events.next());
  await until('two upstreams', () => gateway.network.written.listeners === 2);
  gateway.network.written.push(note('both'));
  await Promise.all(firsts);
  const scopes = (over: string, of: 'notes' | 'people') =>
    gateway.network[of].received
      .filter((received) => received.over === over)
      .map(({ headers }) => JSON.parse(atob(String(headers[gatewayHeader]).split('.')[1] ?? '')).scope)
      .sort();
  expect(scopes('subscribe', 'notes')).toEqual(['notes:all', 'notes:few']);
  expect(scopes('http', 'people')).toEqual(['notes:all', 'notes:few']);
  for (const events of streams) await events.return?.();
});
