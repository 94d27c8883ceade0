import { resilienceBySubgraph } from '@rookery/gateway';
import { newId, samplesOf } from '@rookery/runtime';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startGateway, type TestGateway } from '../support/gateway/gateway.ts';
import { people } from '../support/gateway/network.ts';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway({
    limits: { subgraphBytes: 100_000 },
    options: { resilience: resilienceBySubgraph.parse({ notes: { timeout: 500 } }) },
  });
});
afterAll(() => gateway[Symbol.asyncDispose]());
beforeEach(() => {
  for (const { asked } of gateway.network.all) asked.length = 0;
});

const [ada, grace] = people as [(typeof people)[0], (typeof people)[0]];

describe('one answer out of two subgraphs', () => {
  test('entities are joined both ways, through lists, aliases and fragments', async () => {
    const { data, errors } = await gateway.ask(
      `query ($id: ID!, $short: Boolean) {
        notes(first: 2) { ...note }
        who: person(id: $id) { called: name nick(short: $short) notes { text author { name } } }
      }
      fragment note on Note { text by: author { name __typename } }`,
      { id: ada.id, short: false },
    );
    expect(errors).toBeUndefined();
    expect(data).toEqual({
      notes: [
        { text: 'first', by: { name: 'Ada', __typename: 'Person' } },
        { text: 'second', by: { name: 'Grace', __typename: 'Person' } },
      ],
      who: {
        called: 'Ada',
        nick: 'Ada',
        notes: [
          { text: 'first', author: { name: 'Ada' } },
          { text: 'third', author: { name: 'Ada' } },
        ],
      },
    });
  });

  test('aliases that are names of the language do no harm, and the next request is fine', async () => {
    const hostile = '{ __proto__: secret constructor: secret prototype: secret }';
    const { data } = await gateway.ask(hostile);
    expect(Object.entries(data ?? {})).toContainEqual(['constructor', 'shown']);
    expect((await gateway.ask('{ secret }')).data).toEqual({ secret: 'shown' });
    expect(Object.hasOwn(Object.prototype, 'secret')).toBe(false);
  });
});

describe('what subgraphs are told', () => {
  test('tells each subgraph who asks, the request id and the trace', async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const { data, headers } = await gateway.ask(
      '{ me { name notes { text } } }',
      {},
      {
        token: await gateway.issuer.token(grace.id),
        headers: { 'x-request-id': 'abc-123', traceparent },
      },
    );
    expect(data).toEqual({ me: { name: 'Grace', notes: [{ text: 'second' }] } });
    expect(headers.get('x-request-id')).toBe('abc-123');
    for (const { asked } of gateway.network.all)
      expect(asked).toEqual([{ viewer: grace.id, requestId: 'abc-123', readAfter: [], traceparent }]);
  });

  test('an anonymous request has no viewer, and a request id that could hurt a log is replaced', async () => {
    const { headers } = await gateway.ask('{ secret }', {}, { headers: { 'x-request-id': 'a b"c' } });
    const [asked] = gateway.network.people.asked;
    expect(asked?.viewer).toBeNull();
    expect(asked?.requestId).toBe(headers.get('x-request-id'));
    expect(asked?.requestId).toMatch(/^[\da-f-]{36}$/);
  });

  test('a direct call to a subgraph is refused', async () => {
    const response = await fetch(gateway.network.people.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: '{ secret }' }),
    });
    expect(response.status).toBe(403);
  });
});

describe('reading what was just written', () => {
  test('what a mutation was accepted as goes along with every later fetch of the operation', async () => {
    const { data, extensions } = await gateway.ask(
      `mutation ($a: WriteInput!, $b: WriteInput!) {
        a: write(input: $a) { id author { name } }
        b: write(input: $b) { id author { name } }
      }`,
      { a: { text: 'a' }, b: { text: 'b' } },
      { token: await gateway.issuer.token(ada.id) },
    );
    const ids = [data?.a, data?.b].map((note) => (note as { id: string }).id);
    expect(gateway.network.people.asked.at(-1)?.readAfter).toEqual(expect.arrayContaining([ids[0]]));
    expect(gateway.network.notes.asked[0]?.readAfter).toEqual([]);
    expect(extensions).toBeUndefined();
  });

  test('x-read-after reaches the subgraphs', async () => {
    const ids = [newId(), newId()];
    await gateway.ask('{ secret }', {}, { headers: { 'x-read-after': ids.join(', ') } });
    expect(gateway.network.people.asked[0]?.readAfter).toEqual(ids);
  });

  test.each(['x', `${newId()},`, Array.from({ length: 51 }, newId).join(',')])(
    'x-read-after: %.40s is BAD_USER_INPUT',
    async (value) => {
      const { status, errors } = await gateway.ask('{ secret }', {}, { headers: { 'x-read-after': value } });
      expect(status).toBe(400);
      expect(errors?.[0]?.extensions).toEqual({ code: 'BAD_USER_INPUT', field: 'x-read-after' });
    },
  );

  test('if a projection is behind, the response says so', async () => {
    const { data, extensions } = await gateway.ask('{ stale secret }');
    expect(data).toEqual({ stale: 'old', secret: 'shown' });
    expect(extensions).toEqual({ stale: true });
  });
});

describe('errors', () => {
  test('a subgraph that fails with a secret is masked, and logged whole under the request id', async () => {
    const { data, errors, headers } = await gateway.ask('{ broken secret }');
    expect(data).toEqual({ broken: null, secret: 'shown' });
    const requestId = headers.get('x-request-id');
    expect(errors).toEqual([
      {
        message: expect.any(String),
        path: ['broken'],
        extensions: { code: 'INTERNAL_SERVER_ERROR', requestId },
      },
    ]);
    expect(JSON.stringify(errors)).not.toMatch(/hunter2|10\.1\.2\.3|people/);
  });

  test('an error that is meant for the client passes with its field and its path', async () => {
    const { data, errors } = await gateway.ask('mutation { fail(code: "CONFLICT") { id } }');
    expect(data).toEqual({ fail: null });
    expect(errors).toEqual([
      { message: 'Too long.', path: ['fail'], extensions: { code: 'CONFLICT', field: 'input.text' } },
    ]);
  });

  test("a code by which the subgraph blames the gateway does not read as the client's", async () => {
    const { errors } = await gateway.ask('mutation { fail(code: "GRAPHQL_VALIDATION_FAILED") { id } }');
    expect(errors?.[0]?.extensions.code).toBe('INTERNAL_SERVER_ERROR');
  });

  test('a value that may not be null and is missing is an error with its path', async () => {
    const { data, errors } = await gateway.ask('{ unfinished { text author { name } } secret }');
    expect(data).toEqual({ unfinished: null, secret: 'shown' });
    expect(errors).toMatchObject([
      { path: ['unfinished', 'author', 'name'], extensions: { code: 'INTERNAL_SERVER_ERROR' } },
    ]);
  });

  test.each([
    ['too slow', '{ slow secret }', { slow: null, secret: 'shown' }],
    ['too large', '{ large(bytes: 200000) secret }', { large: null, secret: 'shown' }],
  ])('a subgraph that is %s is SERVICE_UNAVAILABLE, and the rest is answered', async (_what, query, data) => {
    const answer = await gateway.ask(query);
    expect(answer.data).toEqual(data);
    expect(answer.errors).toEqual([
      {
        message: expect.any(String),
        path: [Object.keys(data)[0]],
        extensions: { code: 'SERVICE_UNAVAILABLE', retryAfter: 1 },
      },
    ]);
  });

  test('a variable of the wrong type names its field', async () => {
    const { errors } = await gateway.ask('mutation ($i: WriteInput!) { write(input: $i) { id } }', {
      i: { text: { $ne: 1 } },
    });
    expect(errors?.[0]?.extensions).toEqual({ code: 'BAD_USER_INPUT', field: 'text' });
  });
});

test('what a subgraph owns that is down is null with SERVICE_UNAVAILABLE; no address or name is shown', async () => {
  await using own = await startGateway();
  expect((await fetch(`${own.url}/health/ready`)).status).toBe(200);
  await own.network.people.stop();
  const answer = await own.ask('{ secret notes(first: 1) { text author { nick } } }');
  expect(answer.data).toEqual({ secret: null, notes: [{ text: 'first', author: { nick: null } }] });
  // GraphQL says nothing about the order of errors.
  expect(new Set(answer.errors?.map(({ path }) => path))).toEqual(
    new Set([['secret'], ['notes', 0, 'author', 'nick']]),
  );
  for (const error of answer.errors ?? [])
    expect(error.extensions).toEqual({ code: 'SERVICE_UNAVAILABLE', retryAfter: 1 });
  expect(JSON.stringify(answer.errors)).not.toMatch(/127\.0\.0\.1|people|ECONN/);
  // The fields of the other subgraph still work; a metric tells operators which one is down.
  expect((await fetch(`${own.url}/health/ready`)).status).toBe(200);
  expect(samplesOf(await own.metrics(), 'rookery_gateway_subgraph_up')).toEqual([
    { labels: { process: 'gateway', subgraph: 'notes' }, value: 1 },
    { labels: { process: 'gateway', subgraph: 'people' }, value: 0 },
  ]);
});
