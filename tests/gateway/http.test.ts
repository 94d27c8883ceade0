import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { gzipSync } from 'node:zlib';
import { request } from 'undici';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { startGateway, type TestGateway } from '../support/gateway/gateway.ts';

let gateway: TestGateway;
let production: TestGateway;
beforeAll(async () => {
  gateway = await startGateway();
  production = await startGateway({ options: { production: true } });
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await production[Symbol.asyncDispose]();
});

const strict = 'application/graphql-response+json';

interface Sent {
  readonly method?: 'POST' | 'GET' | 'PUT' | 'DELETE';
  readonly path?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string | Buffer;
}

const send = async ({ method = 'POST', path = '/graphql', headers = {}, body }: Sent) => {
  const response = await request(`${gateway.url}${path}`, {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body }),
  });
  const text = await response.body.text();
  return { status: response.statusCode, headers: response.headers, text, json: () => JSON.parse(text) };
};
const get = (query: string, headers: Record<string, string> = {}) =>
  send({
    method: 'GET',
    path: `/graphql?query=${encodeURIComponent(query)}`,
    headers: { 'apollo-require-preflight': '1', ...headers },
  });
const code = (answer: { errors?: readonly { extensions: Record<string, unknown> }[] }) =>
  answer.errors?.[0]?.extensions.code;

describe('a request that the GraphQL server refuses', () => {
  test.each([
    ['syntax error', '{ secret', {}, 'GRAPHQL_PARSE_FAILED'],
    ['unknown field', '{ secrets }', {}, 'GRAPHQL_VALIDATION_FAILED'],
    ['missing variable', 'query ($id: ID!) { person(id: $id) { id } }', {}, 'BAD_USER_INPUT'],
    ['wrong-typed variable', 'query ($n: Int) { notes(first: $n) { id } }', { n: 'x' }, 'BAD_USER_INPUT'],
  ])('%s: 400 for graphql-response+json, 200 for json', async (_what, query, variables, expected) => {
    const body = JSON.stringify({ query, variables });
    const forStrict = await send({ body, headers: { accept: strict } });
    expect(forStrict.status).toBe(400);
    expect(forStrict.headers['content-type']).toContain(strict);
    expect(code(forStrict.json())).toBe(expected);
    expect(forStrict.json()).not.toHaveProperty('data');
    for (const accept of ['application/json', '*/*']) {
      const lenient = await send({ body, headers: { accept } });
      expect(lenient.status).toBe(200);
      expect(code(lenient.json())).toBe(expected);
    }
  });
});

describe('a condition that is null in spite of its default', () => {
  // The value fits its type, so this is a field error of the selection that it controls (GraphQL, section
  // 5.8.5).
  test.each([
    ['at the root', '{ secret notes @include(if: $a) { id } }', null, undefined],
    [
      'below it',
      '{ secret note(id: $note) { id author { name @skip(if: $a) } } }',
      { note: null },
      ['note', 'author'],
    ],
  ])('%s: 200 with data, whatever is accepted', async (_where, selected, data, path) => {
    const variables = { a: null, note: gateway.network.kept[0]?.id };
    const query = `query ($a: Boolean = true${selected.includes('$note') ? ', $note: ID!' : ''}) ${selected}`;
    const body = JSON.stringify({ query, variables });
    for (const accept of [strict, 'application/json']) {
      const answer = await send({ body, headers: { accept } });
      expect(answer.status).toBe(200);
      const { data: given, errors } = answer.json();
      expect(given).toEqual(data && { secret: 'shown', ...data });
      expect(errors).toHaveLength(1);
      expect(errors[0]).toMatchObject({ extensions: { code: 'BAD_USER_INPUT', field: 'a' } });
      expect(errors[0].path).toEqual(path);
    }
  });
});

test('no part of a mutation runs if a condition of its root is null', async () => {
  const before = gateway.network.kept.length;
  const query =
    'mutation ($a: Boolean = true) { write(input: { text: "x" }) { id } fail(code: "x") @skip(if: $a) { id } }';
  const answer = (await send({ body: JSON.stringify({ query, variables: { a: null } }) })).json();
  expect(answer).toMatchObject({ data: null, errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] });
  expect(gateway.network.kept).toHaveLength(before);
});

describe('a request that is malformed is 400 whatever is accepted', () => {
  test.each([
    ['empty body', ''],
    ['bad JSON', '{"query":'],
    ['not an object', '"{ secret }"'],
    ['no query', '{"variables":{}}'],
    ['variables that are no object', '{"query":"{ secret }","variables":[1]}'],
    ['unknown operationName', '{"query":"query A { secret }","operationName":"B"}'],
    ['no operationName for two', '{"query":"query A { secret } query B { secret }"}'],
    ['array batch', JSON.stringify(Array.from({ length: 100 }, () => ({ query: '{ secret }' })))],
    ['subscription by POST', '{"query":"subscription { counted }"}'],
  ])('%s', async (_what, body) => {
    for (const accept of [strict, 'application/json']) {
      const answer = await send({ body, headers: { accept } });
      expect(answer.status).toBe(400);
      expect(code(answer.json())).toBe('BAD_REQUEST');
    }
  });

  test('text/plain without a preflight header', async () => {
    const answer = await send({ body: '{"query":"{ secret }"}', headers: { 'content-type': 'text/plain' } });
    expect(answer.status).toBe(400);
    expect(code(answer.json())).toBe('BAD_REQUEST');
  });

  test('a form, and GET without a preflight header', async () => {
    const form = await send({
      body: 'query=%7Bsecret%7D',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    expect(form.status).toBe(400);
    const plain = await fetch(`${gateway.url}/graphql?query=%7Bsecret%7D`);
    expect(plain.status).toBe(400);
  });
});

describe('bodies', () => {
  test('over the limit: 413', async () => {
    const answer = await send({ body: JSON.stringify({ query: '{ secret }', pad: 'x'.repeat(300_000) }) });
    expect(answer.status).toBe(413);
    expect(code(answer.json())).toBe('BAD_REQUEST');
  });

  test('gzipped are read; a gzip bomb is 413', async () => {
    const gzip = { 'content-encoding': 'gzip' };
    const fine = await send({ body: gzipSync(JSON.stringify({ query: '{ secret }' })), headers: gzip });
    expect(fine.json()).toEqual({ data: { secret: 'shown' } });
    const bomb = gzipSync(Buffer.alloc(200_000_000, ' '));
    expect(bomb.length).toBeLessThan(262_144);
    const before = process.memoryUsage().rss;
    const answer = await send({ body: bomb, headers: gzip });
    expect(answer.status).toBe(413);
    expect(process.memoryUsage().rss - before).toBeLessThan(50_000_000);
    expect((await send({ body: 'not gzip', headers: gzip })).status).toBe(400);
    expect((await send({ body: '{}', headers: { 'content-encoding': 'lzma' } })).status).toBe(415);
  });
});

describe('methods', () => {
  test('a query by GET is answered', async () => {
    const answer = await get('{ secret }');
    expect(answer.status).toBe(200);
    expect(answer.json()).toEqual({ data: { secret: 'shown' } });
  });

  test('a mutation by GET: 405, Allow: POST', async () => {
    const answer = await get('mutation { fail(code: "x") { id } }');
    expect(answer.status).toBe(405);
    expect(answer.headers.allow).toBe('POST');
  });

  test.each(['PUT', 'DELETE'] as const)('%s: 405', async (method) => {
    const answer = await send({ method, body: '{"query":"{ secret }"}' });
    expect(answer.status).toBe(405);
    expect(answer.headers.allow).toBe('GET, POST');
  });
});

describe('persisted queries', () => {
  const sha256Hash = createHash('sha256').update('{ secret }').digest('hex');
  const persisted = (hash: string, query?: string) =>
    send({
      body: JSON.stringify({ query, extensions: { persistedQuery: { version: 1, sha256Hash: hash } } }),
    });

  test('an unknown hash is told so, and once registered answers', async () => {
    expect(code((await persisted(sha256Hash)).json())).toBe('PERSISTED_QUERY_NOT_FOUND');
    expect((await persisted(sha256Hash, '{ secret }')).json()).toEqual({ data: { secret: 'shown' } });
    expect((await persisted(sha256Hash)).json()).toEqual({ data: { secret: 'shown' } });
  });

  test("a hash that is not the query's: 400", async () => {
    const answer = await persisted('0'.repeat(64), '{ secret }');
    expect(answer.status).toBe(400);
    expect(code(answer.json())).toBe('BAD_REQUEST');
  });
});

describe('pages of other origins', () => {
  const preflight = (origin: string) =>
    fetch(`${gateway.url}/graphql`, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers':
          'content-type,authorization,x-read-after,x-apollo-operation-name,apollographql-client-name,traceparent,tracestate,baggage,sentry-trace',
      },
    });

  test('a listed one may call, with the headers that the contract has', async () => {
    const { headers, status } = await preflight('https://app.example');
    expect(status).toBe(204);
    expect(headers.get('access-control-allow-origin')).toBe('https://app.example');
    for (const header of [
      'x-read-after',
      'x-apollo-operation-name',
      'apollographql-client-name',
      'tracestate',
      'baggage',
      'sentry-trace',
    ])
      expect(headers.get('access-control-allow-headers')).toContain(header);
    expect(headers.get('access-control-allow-credentials')).toBeNull();
  });

  test('its page is told how much it may still ask', async () => {
    const { headers } = await fetch(`${gateway.url}/graphql`, {
      method: 'POST',
      headers: { origin: 'https://app.example', 'content-type': 'application/json' },
      body: '{"query":"{ secret }"}',
    });
    for (const header of ['x-request-id', 'ratelimit', 'ratelimit-policy', 'retry-after'])
      expect(headers.get('access-control-expose-headers')).toContain(header);
  });

  test('a refused origin is logged once, by HTTP and by WebSocket', async () => {
    const refused = () => gateway.log().split('"origin":"https://unlisted.example"').length - 1;
    await preflight('https://unlisted.example');
    expect(refused()).toBe(1);
    await preflight('https://unlisted.example');
    const socket = new WebSocket(`${gateway.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', {
      origin: 'https://unlisted.example',
    });
    const [code] = await once(socket, 'close');
    expect(code).toBe(4403);
    expect(refused()).toBe(1);
  });

  test('any other may not', async () => {
    const { headers } = await preflight('https://evil.example');
    expect(headers.get('access-control-allow-origin')).not.toBe('https://evil.example');
    expect(headers.get('access-control-allow-origin')).not.toBe('*');
  });
});

test('in development a browser that opens / or /graphql is led to GraphiQL', async () => {
  const location = async (path: string) => {
    const options = { headers: { accept: 'text/html,*/*;q=0.8' }, redirect: 'manual' } as const;
    return (await fetch(`${gateway.url}${path}`, options)).headers.get('location');
  };
  expect(await location('/')).toBe('/graphiql');
  expect(await location('/graphql')).toBe('/graphiql');
  expect(await location('/graphql?query=%7Bsecret%7D')).toBe('/graphiql?query=%7Bsecret%7D');
});

describe('in production', () => {
  const introspection = '{ __schema { types { name } } }';

  test('introspection and GraphiQL are off, and no hint tells a name', async () => {
    expect((await gateway.ask(introspection)).data).toHaveProperty('__schema');
    const { data, errors } = await production.ask(introspection);
    expect(data).toBeUndefined();
    expect(errors?.[0]?.extensions.code).toBe('GRAPHQL_VALIDATION_FAILED');
    expect((await fetch(`${production.url}/graphiql`)).status).toBe(404);
    const hinted = await production.ask('{ secre }');
    expect(JSON.stringify(hinted.errors)).not.toMatch(/did you mean|secret/i);
    expect(
      JSON.stringify(
        (
          await production.ask('mutation ($i: WriteInput!) { write(input: $i) { id } }', {
            i: { txt: 'x' },
          })
        ).errors,
      ),
    ).not.toMatch(/did you mean/i);
  });

  test('a browser that opens /graphql gets no page from elsewhere', async () => {
    const response = await fetch(`${production.url}/graphql`, { headers: { accept: 'text/html' } });
    expect(response.status).toBe(400);
    const text = await response.text();
    expect(text).not.toContain('<html');
    expect(text).toContain('Send operations by POST to /graphql');
  });

  test('a browser that opens the address itself is told what is there', async () => {
    const response = await fetch(production.url, { headers: { accept: 'text/html' } });
    expect(response.status).toBe(404);
    expect(await response.text()).toContain('This is a GraphQL endpoint.');
  });

  test('a header does not show the query plan', async () => {
    const { extensions } = await gateway.ask(
      '{ secret }',
      {},
      {
        headers: { 'apollo-query-plan-experimental': '1', 'apollo-federation-include-trace': 'ftv1' },
      },
    );
    expect(extensions).toBeUndefined();
  });
});

test('answers say that they are not to be sniffed or framed', async () => {
  const { headers } = await get('{ secret }');
  expect(headers['x-content-type-options']).toBe('nosniff');
  expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
});

test('metrics are not on the address of clients', async () => {
  expect((await fetch(`${gateway.url}/metrics`)).status).toBe(404);
  expect((await fetch(`${gateway.url}/health/live`)).status).toBe(200);
});

test('metrics tell requests by code, latency and subgraph fetches', async () => {
  await gateway.ask('{ secret }');
  await gateway.ask('{ secret');
  const text = await gateway.metrics();
  expect(text).toMatch(/rookery_gateway_requests_total\{transport="http",type="query",code="OK".*\} [1-9]/);
  expect(text).toMatch(/rookery_gateway_requests_total\{.*code="GRAPHQL_PARSE_FAILED".*\} [1-9]/);
  expect(text).toMatch(/rookery_gateway_errors_total\{code="GRAPHQL_PARSE_FAILED".*\} [1-9]/);
  expect(text).toMatch(/rookery_gateway_plans_total\{cache="hit".*\} [1-9]/);
  expect(text).toMatch(/rookery_gateway_operation_seconds_count\{.*operation="\(anonymous\)".*\} [1-9]/);
  expect(text).toMatch(/rookery_policy_breaker_state\{policy="subgraph people",state="closed".*\} 1/);
  for (const name of [
    'rookery_gateway_subscriptions',
    'rookery_gateway_sockets',
    'rookery_gateway_subscriptions_dropped_total',
  ])
    expect(text).toContain(`# TYPE ${name} `);
  expect(text).toMatch(/rookery_gateway_request_seconds_count\{.*type="query".*\} [1-9]/);
  expect(text).toMatch(/rookery_gateway_subgraph_seconds_count\{.*subgraph="people".*\} [1-9]/);
});
