import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { after, before, test } from 'node:test';
import { WebSocket } from 'ws';
import { startSubgraph, type TestSubgraph } from './support.ts';

let subgraph: TestSubgraph;
before(async () => {
  subgraph = await startSubgraph();
});
after(() => subgraph[Symbol.asyncDispose]());

const add = (postId: string, text: string) =>
  `mutation { addSample(input: { postId: "${postId}", text: ${JSON.stringify(text)} }) {
    sample { id text author { id } post { id } } } }`;

test('adds for the signed-in user, and gives it to the post and to the user', async () => {
  const { status, body } = await subgraph.ask(add('p1', 'Hello.'), { viewer: 'u1' });
  assert.equal(status, 200);
  const { id, ...rest } = body.data.addSample.sample;
  assert.deepEqual(rest, { text: 'Hello.', author: { id: 'u1' }, post: { id: 'p1' } });
  const found = await subgraph.ask(`{ sample(id: "${id}") { text } other: sample(id: "other") { text } }`);
  assert.deepEqual(found.body, { data: { sample: { text: 'Hello.' }, other: null } });
  // This is how the gateway asks for the fields of entities.
  const entities = await subgraph.ask(
    `query ($keys: [_Any!]!) { _entities(representations: $keys) {
      ... on Post { samples { id } } ... on User { samples { id } } ... on Sample { text } } }`,
    {
      variables: {
        keys: [
          { __typename: 'Post', id: 'p1' },
          { __typename: 'User', id: 'u1' },
          { __typename: 'Sample', id },
          { __typename: 'Post', id: 'other' },
        ],
      },
    },
  );
  assert.deepEqual(entities.body, {
    data: { _entities: [{ samples: [{ id }] }, { samples: [{ id }] }, { text: 'Hello.' }, { samples: [] }] },
  });
});

test('says what is wrong with an input', async () => {
  const { body } = await subgraph.ask(add('p1', ''), { viewer: 'u1' });
  assert.equal(body.data.addSample, null);
  assert.deepEqual(body.errors[0].extensions, { code: 'BAD_USER_INPUT', field: 'input.text' });
  const anonymous = await subgraph.ask(add('p1', 'Hello.'));
  assert.deepEqual(anonymous.body.errors[0].extensions, { code: 'UNAUTHENTICATED' });
});

const refusals: readonly [what: string, ask: () => ReturnType<TestSubgraph['ask']>][] = [
  [
    'without a token',
    () => subgraph.ask('{ __typename }', { headers: { 'content-type': 'application/json' } }),
  ],
  ['with a token for another subgraph', () => subgraph.ask('{ __typename }', { audience: 'other' })],
  ['with an old token', () => subgraph.ask('{ __typename }', { issuedAt: Date.now() - 3_600_000 })],
  [
    'to write with the token of another body',
    () => subgraph.ask(add('p1', 'x'), { viewer: 'u1', body: '{}' }),
  ],
  [
    'to write with the token of a query',
    () =>
      subgraph.ask(add('p1', 'x'), {
        headers: {
          'content-type': 'application/json',
          'x-rookery-gateway': subgraph.gateway.token({ viewer: 'u1' }),
        },
      }),
  ],
];
for (const [what, ask] of refusals)
  test(`refuses whoever asks ${what}`, async () => {
    const { status, headers, body } = await ask();
    assert.equal(status, 403);
    assert.equal(headers.get('x-rookery-gateway'), 'refused');
    assert.equal(body.data, undefined);
  });

const added = (args: string) => `subscription { sampleAdded(${args}) { cursor sample { text } } }`;
const event = (cursor: string, text: string) => ({
  data: { sampleAdded: { cursor, sample: { text } } },
});

test('sends what is added live, and what a cursor missed', async () => {
  const live = subgraph.subscribe(added('postId: "p2"'));
  const { value: start } = await live.next();
  await subgraph.ask(add('p2', 'one'), { viewer: 'u1' });
  await subgraph.ask(add('p2', 'two'), { viewer: 'u1' });
  const begin = Number(start.extensions.checkpoint);
  const expected = [event(String(begin + 1), 'one'), event(String(begin + 2), 'two')];
  for (const one of expected) assert.deepEqual((await live.next()).value, one);
  await live.return?.();
  const missed = subgraph.subscribe(added(`postId: "p2", after: "${begin}"`));
  await missed.next();
  for (const one of expected) assert.deepEqual((await missed.next()).value, one);
  await missed.return?.();
});

test('refuses a cursor that is none', async () => {
  const { value } = await subgraph.subscribe(added('postId: "p2", after: "x"')).next();
  assert.deepEqual(value.errors[0].extensions, { code: 'BAD_USER_INPUT', field: 'after' });
});

test('writes nothing over a socket, whose tokens are bound to no body', async () => {
  const written = subgraph.subscribe(add('p2', 'x'), { viewer: 'u1' });
  await assert.rejects(
    written.next(),
    ([error]) => error.message === 'Only subscriptions come over a socket.',
  );
});

test('refuses a socket without a token', async () => {
  const socket = new WebSocket(subgraph.url.replace('http', 'ws'), 'graphql-transport-ws');
  await once(socket, 'open');
  socket.send(JSON.stringify({ type: 'connection_init' }));
  const [code] = await once(socket, 'close');
  assert.equal(code, 4403);
});

test('closes its sockets when it stops, and completes nothing', async () => {
  await using other = await startSubgraph();
  const health = () => fetch(new URL('/health/ready', other.url));
  assert.equal((await health()).status, 200);
  const live = other.subscribe(added('postId: "p1"'));
  await live.next();
  const lost = assert.rejects(live.next(), { code: 1001 });
  await other.stop();
  await lost;
  await assert.rejects(health());
});

test('answers what still comes over an open connection when it stops', async () => {
  await using other = await startSubgraph();
  const agent = new Agent({ keepAlive: true });
  const health = async (path: string) => {
    const sent = request(new URL(path, other.url), { agent }).end();
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    await once(response.resume(), 'end');
    return { status: response.statusCode, connection: response.headers.connection };
  };
  assert.deepEqual(await health('/health/live'), { status: 200, connection: 'keep-alive' });
  const stopped = other.stop();
  assert.deepEqual(await health('/health/live'), { status: 200, connection: 'close' });
  await stopped;
  agent.destroy();
});
