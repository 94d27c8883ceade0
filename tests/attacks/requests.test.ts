import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import {
  aliases,
  nested,
  operationsOf,
  oversized,
  pages,
  skips,
  typenames,
} from '../support/clients/hostile-documents.ts';
import {
  type Ask,
  openSocket,
  overEvents,
  overHttp,
  overWebSocket,
  type Raw,
  sendRaw,
} from '../support/clients/raw-client.ts';
import { type Account, type SharedSystem, sharedSystem } from '../support/index.ts';

let system: SharedSystem;
let ada: Account;
const ask: Record<string, Ask> = {};
const send = (raw: Raw) => sendRaw(system.gatewayUrl, raw);
const over = (transport: string): Ask => {
  const found = ask[transport];
  if (!found) throw new Error(transport);
  return found;
};

beforeAll(async () => {
  system = await sharedSystem();
  ask.HTTP = overHttp(system.gatewayUrl);
  ask.WebSocket = overWebSocket(system.gatewayUrl);
  ask.events = overEvents(system.gatewayUrl);
  ada = await system.signUp();
});

const transports = ['HTTP', 'WebSocket', 'events'];

/** Returns how many plans the gateway was asked for and made, and how many fetches it has sent so far. */
const planned = async (): Promise<string[]> => {
  const text = await (await fetch(`${system.metricsUrls.gateway}/metrics`)).text();
  return text
    .split('\n')
    .filter((line) => /^rookery_gateway_(plans_total|subgraph_seconds_count)/.test(line));
};

describe.each(transports)('over %s', (transport) => {
  test.each([
    ['1 a syntax error', { query: '{ me { id }' }, 'GRAPHQL_PARSE_FAILED'],
    ['1 an unknown field', { query: '{ me { passwordHash } }' }, 'GRAPHQL_VALIDATION_FAILED'],
    ['2 a missing variable', { query: 'query ($id: ID!) { post(id: $id) { id } }' }, 'BAD_USER_INPUT'],
    [
      '2 a wrong-typed variable',
      { query: 'query ($id: ID!) { post(id: $id) { id } }', variables: { id: { a: 1 } } },
      'BAD_USER_INPUT',
    ],
    ['3 an unknown operationName', { query: 'query A { me { id } }', operationName: 'B' }, 'BAD_REQUEST'],
  ])('row %s', async (_what, operation, code) => {
    const answer = await over(transport)(operation);
    expect(answer.code).toBe(code);
    expect(answer.data).toBeUndefined();
    if (transport === 'HTTP') expect(answer.status).toBe(400);
  });

  test.each(['{ __schema { types { name } } }', '{ __type(name: "User") { fields { name } } }'])(
    'row 7 introspection: %s',
    async (query) => {
      const answer = await over(transport)({ query });
      expect(answer.code).toBe('GRAPHQL_VALIDATION_FAILED');
      expect(answer.data).toBeUndefined();
    },
  );

  test.each([
    ['{ mee { id } }', {}],
    ['{ me { handl } }', {}],
    ['{ post(ide: "1") { id } }', {}],
    ['{ me { ... on Usr { id } } }', {}],
    ['query ($i: LogInInpt!) { me { id } }', {}],
    [
      'mutation ($i: LogInInput!) { logIn(input: $i) { token } }',
      { i: { handl: 'x', handle: 'x', password: 'x' } },
    ],
    ['mutation { logIn(input: { handl: "x", handle: "x", password: "x" }) { token } }', {}],
  ])('row 7 "did you mean": %s', async (query, variables) => {
    const { text, errors } = await over(transport)({ query, variables });
    expect(errors.length).toBeGreaterThan(0);
    expect(text).not.toMatch(/did you mean|perhaps/i);
  });

  // That it takes less than 100 ms shows gateway/src/limits/admission.test.ts, by the processor's time.
  test.each(oversized)('row 8 %s: refused before it is planned', async (_what, query) => {
    const before = await planned();
    expect(before).not.toEqual([]);
    const answer = await over(transport)({ query }, ada.token);
    expect(answer.code).toBe('GRAPHQL_VALIDATION_FAILED');
    expect(answer.data).toBeUndefined();
    expect(await planned()).toEqual(before);
  });

  test('row 26 a hash that is not the query’s, and one that nobody knows', async () => {
    const query = '{ me { handle } }';
    const persisted = (sha256Hash: string) => ({ persistedQuery: { version: 1, sha256Hash } });
    const hash = createHash('sha256').update(`${query} # ${transport}`).digest('hex');
    const mismatch = await over(transport)({ query, extensions: persisted('0'.repeat(64)) });
    expect(mismatch.code).toBe('BAD_REQUEST');
    if (transport === 'HTTP') expect(mismatch.status).toBe(400);
    // The WebSocket protocol demands a text: an empty one stands for none.
    const byHash = { query: '', extensions: persisted(hash) };
    expect((await over(transport)(byHash)).code).toBe('PERSISTED_QUERY_NOT_FOUND');
    await over(transport)({ query: `${query} # ${transport}`, extensions: persisted(hash) });
    expect((await over(transport)(byHash, ada.token)).data).toEqual({
      me: { handle: ada.handle },
    });
  });
});

test.each([
  ['an empty body', ''],
  ['bad JSON', '{"query": "{ me { id } }"'],
  ['JSON that is no object', '"{ me { id } }"'],
  ['variables that are no object', '{"query":"{ me { id } }","variables":[1]}'],
  ['variables that are text', '{"query":"{ me { id } }","variables":"{}"}'],
  ['a query that is no text', '{"query":{"a":1}}'],
  ['an object that would become a prototype', '{"query":"{ me { id } }","__proto__":{"a":1}}'],
])('row 3 %s', async (_what, body) => {
  for (const accept of ['application/json', 'application/graphql-response+json']) {
    const answer = await send({ body, headers: { accept } });
    expect(answer.status).toBe(400);
    expect(answer.code).toBe('BAD_REQUEST');
  }
});

/** JSON of 50,000 levels: more than a function that calls itself has room for. */
const deep = (open: string, close: string) => `${open.repeat(50_000)}1${close.repeat(50_000)}`;

test.each([
  ['lists', deep('[', ']')],
  ['objects', deep('{"":', '}')],
])('row 3 variables and extensions that are 50,000 %s within each other', async (_what, value) => {
  const query = 'query ($a: ID!) { post(id: $a) { id } }';
  const payload = `{"query":${JSON.stringify(query)},"variables":{"a":${value}}}`;
  const refused = await send({ body: payload });
  expect(['BAD_USER_INPUT', 'BAD_REQUEST']).toContain(refused.code);
  const unused = `{"query":"{ me { id } }","variables":{"a":${value}}}`;
  expect((await send({ body: unused })).errors).toEqual([]);

  const socket = await openSocket(system.gatewayUrl);
  await socket.init();
  socket.send(`{"id":"1","type":"subscribe","payload":${payload}}`);
  const { payload: errors } = await socket.next(({ id }) => id === '1');
  expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
  socket.send(
    `{"id":"2","type":"subscribe","payload":{"query":"{ me { id } }","extensions":{"a":${value}}}}`,
  );
  expect((await socket.next(({ id, type }) => id === '2' && type !== 'complete')).type).toBe('next');
  socket.socket.terminate();
});

/** Peak memory of the gateway since it was last forgotten, in bytes (Linux). */
const peakMemory = (): number => {
  const status = readFileSync(`/proc/${system.pid('gateway')}/status`, 'utf8');
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
};

/** Other tests use this gateway too: what they took is forgotten. */
const forgetPeak = (): void => writeFileSync(`/proc/${system.pid('gateway')}/clear_refs`, '5');

const tooLong = JSON.stringify({ query: '{ me { id } }', pad: 'x'.repeat(262_144) });

test('row 4 a body over the limit', async () => {
  const answer = await send({ body: tooLong });
  expect(answer.status).toBe(413);
  expect(answer.code).toBe('BAD_REQUEST');
});

test.runIf(process.platform === 'linux')('row 4 gzip bombs: 413, memory flat', async () => {
  const bomb = gzipSync(Buffer.alloc(200_000_000, ' '));
  expect(bomb.length).toBeLessThan(262_144);
  const one = () => send({ body: bomb, headers: { 'content-encoding': 'gzip' } });
  const plain = () => send({ body: tooLong });
  forgetPeak();
  // As many plain bodies first: a bomb takes no more memory than they do.
  await Promise.all([one(), ...Array.from({ length: 20 }, plain)]);
  const before = peakMemory();
  for (const { status } of await Promise.all(Array.from({ length: 20 }, one))) expect(status).toBe(413);
  expect(peakMemory() - before).toBeLessThan(64_000_000);
});

/** The most that is let in, and one more. */
const edges: readonly (readonly [what: string, most: object, more: object])[] = [
  ['depth 10', { query: nested(10) }, { query: nested(11) }],
  ['15 aliases', { query: `{ me { ${aliases(15)} } }` }, { query: `{ me { ${aliases(16)} } }` }],
  ['10 root fields', { query: `{ ${typenames(10)} }` }, { query: `{ ${typenames(11)} }` }],
  ['20 directives', { query: `{ me { ${skips(20)} } }` }, { query: `{ me { ${skips(21)} } }` }],
  [
    '2,000 tokens',
    { query: operationsOf(2_000), operationName: 'Q0' },
    { query: `${operationsOf(2_000)} }`, operationName: 'Q0' },
  ],
  ['cost 1,000', { query: pages(94) }, { query: pages(95) }],
  [
    'cost 1,000 backwards',
    { query: pages(94).replaceAll('first:', 'last:') },
    { query: pages(95).replaceAll('first:', 'last:') },
  ],
];

describe.each(transports)('limits over %s', (transport) => {
  test.each(edges)('%s may be, and no more', async (what, most, more) => {
    expect((await over(transport)(most, ada.token)).errors).toEqual([]);
    const { errors } = await over(transport)(more, ada.token);
    expect(errors[0]?.extensions).toEqual({ code: 'GRAPHQL_VALIDATION_FAILED' });
    const limit = /([\d,]+)/.exec(what)?.[1]?.replace(',', '');
    expect(errors[0]?.message).toContain(`the most is ${limit}.`);
  });
});

test.each([
  ['', 20],
  ['(first: 7)', 7],
  ['(last: 7)', 7],
  ['(first: null, last: 7)', 7],
  ['(first: 7, last: null)', 7],
])('limits: friendsFeed%s is charged for %i items', async (args, items) => {
  const query = `{ friendsFeed${args} { edges { cursor } } }`;
  const { text } = await over('HTTP')({ query }, ada.token, { 'x-operation-cost': '1' });
  expect(JSON.parse(text).extensions.cost.estimated).toBe(1 + items);
});

test('limits: 3 directives in one place, and no more', async () => {
  const refusal = async (count: number) => {
    const query = `{ me { id ${'@skip(if: false) '.repeat(count)} } }`;
    return (await over('HTTP')({ query })).errors[0]?.message;
  };
  // More than one of a kind is no good for another reason.
  expect(await refusal(3)).not.toContain('in one place');
  expect(await refusal(4)).toContain('in one place: the most is 3.');
});

test('limits: a body of 256 KB, and no more', async () => {
  const body = (bytes: number) => {
    const text = JSON.stringify({ query: '{ me { id } }' });
    return text + ' '.repeat(bytes - text.length);
  };
  expect((await send({ body: body(262_144) })).status).toBe(200);
  expect((await send({ body: body(262_145) })).status).toBe(413);
});

test('row 5 a mutation by GET', async () => {
  const query = encodeURIComponent('mutation { publishPost(input: { body: "x" }) { activity { id } } }');
  const answer = await send({
    method: 'GET',
    path: `/graphql?query=${query}`,
    headers: { 'apollo-require-preflight': '1', authorization: `Bearer ${ada.token}` },
  });
  expect(answer.status).toBe(405);
  expect(answer.headers.allow).toBe('POST');
  const feed = await over('HTTP')({ query: '{ myFeed { edges { cursor } } }' }, ada.token);
  expect(feed.data).toEqual({ myFeed: { edges: [] } });
});

test.each([
  ['text/plain', '{"query":"{ me { id } }"}'],
  ['application/x-www-form-urlencoded', 'query=%7B+me+%7B+id+%7D+%7D'],
  [
    'multipart/form-data; boundary=x',
    '--x\r\nContent-Disposition: form-data; name="query"\r\n\r\n{me{id}}\r\n--x--',
  ],
])('row 6 %s without a preflight header', async (type, body) => {
  const answer = await send({ body, headers: { 'content-type': type } });
  expect(answer.status).toBe(400);
  expect(answer.data).toBeUndefined();
});

test('row 6 a plain GET without a preflight header', async () => {
  const answer = await send({
    method: 'GET',
    path: '/graphql?query=%7Bme%7Bid%7D%7D',
    headers: { 'content-type': '' },
  });
  expect(answer.status).toBe(400);
});

test('row 7 GraphiQL is not there, and metrics are nowhere but at addresses of their own', async () => {
  expect((await fetch(`${system.gatewayUrl}/graphiql`)).status).toBe(404);
  for (const [name, url] of Object.entries(system.urls))
    expect((await fetch(`${url}/metrics`)).status, name).toBe(404);
  for (const [name, url] of Object.entries(system.metricsUrls))
    expect(await (await fetch(`${url}/metrics`)).text(), name).toContain(`process="${name}"`);
});

test('row 9 a batch of 100', async () => {
  const body = JSON.stringify(Array.from({ length: 100 }, () => ({ query: '{ me { id } }' })));
  expect((await send({ body })).status).toBe(400);
});

test('row 15 a token in the query string is ignored, and not logged', async () => {
  const query = encodeURIComponent('{ me { id } }');
  for (const name of ['token', 'access_token', 'authorization']) {
    const answer = await send({
      method: 'GET',
      path: `/graphql?query=${query}&${name}=${ada.token}`,
      headers: { 'apollo-require-preflight': '1' },
    });
    expect(answer.data).toEqual({ me: null });
  }
  const socket = new WebSocket(`${system.webSocketUrl}?token=${ada.token}`, 'graphql-transport-ws');
  const answered = new Promise((resolve) => socket.on('message', (data) => resolve(String(data))));
  await new Promise((resolve) => socket.once('open', resolve));
  socket.send('{"type":"connection_init"}');
  await answered;
  const next = new Promise((resolve) => socket.on('message', (data) => resolve(JSON.parse(String(data)))));
  socket.send('{"id":"1","type":"subscribe","payload":{"query":"{ me { id } }"}}');
  expect(await next).toMatchObject({ type: 'next', payload: { data: { me: null } } });
  socket.terminate();
  for (const name of Object.keys(system.urls) as (keyof typeof system.urls)[]) {
    expect(system.log(name)).not.toContain(ada.token);
    expect(system.log(name)).not.toContain(ada.token.split('.')[2]);
  }
});

test('answers carry the headers that keep browsers from guessing, framing and keeping them', async () => {
  const { headers } = await over('HTTP')({ query: '{ me { id } }' });
  expect(headers['x-content-type-options']).toBe('nosniff');
  expect(headers['content-security-policy']).toContain("default-src 'none'");
  expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
  expect(headers['strict-transport-security']).toContain('max-age=');
  expect(headers['referrer-policy']).toBe('no-referrer');
  expect(headers['cache-control']).toBe('no-store');
  expect(headers).not.toHaveProperty('x-powered-by');
  expect(headers).not.toHaveProperty('server');
});
