import { type ResilienceSetting, resilienceBySubgraph } from '@rookery/gateway';
import { describe, expect, test } from 'vitest';
import { startGateway } from '../support/gateway/gateway.ts';
import { people } from '../support/gateway/network.ts';
import { startGatewayKeys } from '../support/index.ts';
import { startStopwatch } from '../support/stopwatch.ts';

/** A gateway that calls one of its subgraphs in a way of its own. */
const calling = (name: 'people' | 'notes', how: ResilienceSetting, limits = {}) =>
  startGateway({ limits, options: { resilience: resilienceBySubgraph.parse({ [name]: how }) } });
const always = () => true;

let serial = 0;
/** Each another text: the same fetch that is under way already is not made a second time. */
const notes = () => `{ n${++serial}: notes { text } }`;
const code = (answer: { errors?: readonly { extensions: Record<string, unknown> }[] }) =>
  answer.errors?.[0]?.extensions.code;

describe('a query whose subgraph fails', () => {
  test('is tried once more; a mutation is not', async () => {
    await using gateway = await calling('notes', {});
    const { notes: subgraph } = gateway.network;
    subgraph.fails = always;
    const query = await gateway.ask('{ notes { text } }');
    expect(query.errors?.[0]).toMatchObject({ path: ['notes'], extensions: { code: 'SERVICE_UNAVAILABLE' } });
    expect(subgraph.fetches).toBe(2);
    const mutation = await gateway.ask('mutation M { write(input: { text: "x" }) { text } }');
    expect(mutation.errors?.[0]?.path).toEqual(['write']);
    expect(code(mutation)).toBe('SERVICE_UNAVAILABLE');
    expect(subgraph.fetches).toBe(3);
  });

  test('makes no storm: what is tried again in all is bounded by the budget, and the breaker ends it', async () => {
    await using gateway = await calling('notes', { breakerThreshold: 0.9, retries: 3, retryRatio: 0.1 });
    const { notes: subgraph } = gateway.network;
    // Four in ten fail: no breaker minds, and with no budget some two hundred would be tried again.
    subgraph.fails = (n) => n % 5 < 2;
    for (let wave = 0; wave < 15; wave++)
      await Promise.all(Array.from({ length: 20 }, () => gateway.ask(notes())));
    expect(subgraph.fetches).toBeGreaterThan(310);
    expect(subgraph.fetches).toBeLessThanOrEqual(300 + 10 + 30);

    await using broken = await calling('notes', { breakerPause: 60_000 });
    broken.network.notes.fails = always;
    for (let wave = 0; wave < 10; wave++)
      await Promise.all(Array.from({ length: 10 }, () => broken.ask(notes())));
    expect(broken.network.notes.fetches).toBeLessThanOrEqual(20);
    const { data, errors } = await broken.ask('{ slow secret }');
    expect(data).toEqual({ slow: null, secret: 'shown' });
    expect(errors?.[0]).toMatchObject({ path: ['slow'], extensions: { code: 'SERVICE_UNAVAILABLE' } });
  });

  test('is answered again soon after the subgraph is well: one probe finds it out', async () => {
    await using gateway = await calling('notes', { breakerPause: 50 });
    const { notes: subgraph } = gateway.network;
    subgraph.fails = always;
    for (let n = 0; n < 20; n++) await gateway.ask('{ notes { text } }');
    const metrics = await gateway.metrics();
    expect(metrics).toMatch(/rookery_policy_breaker_state\{policy="subgraph notes",state="open"[^}]*\} 1/);
    subgraph.fails = () => false;
    await expect.poll(async () => (await gateway.ask('{ notes { text } }')).errors).toBeUndefined();
    expect((await gateway.ask('{ notes { text } }')).errors).toBeUndefined();
  });
});

test("failures of the client's own making open no breaker", async () => {
  await using gateway = await calling('notes', { breakerPause: 60_000 }, { subgraphBytes: 10_000 });
  for (let n = 0; n < 25; n++) {
    expect(code(await gateway.ask('{ large(bytes: 20000) }'))).toBe('SERVICE_UNAVAILABLE');
    expect(code(await gateway.ask('mutation { fail(code: "BAD_USER_INPUT") { id } }'))).toBe(
      'BAD_USER_INPUT',
    );
  }
  // A response that was too large stays too large.
  expect(gateway.network.notes.fetches).toBe(50);
  expect((await gateway.ask('{ notes { text } }')).errors).toBeUndefined();
});

describe('what one client brings about', () => {
  const graphql = JSON.stringify({
    errors: [{ message: 'Not yours.', extensions: { code: 'FORBIDDEN', secretPlace: '10.1.2.3' } }],
  });

  test.each([
    ['a 4xx of GraphQL', { status: 401, body: graphql }, 'FORBIDDEN', undefined],
    ['403', { status: 403, body: graphql }, 'FORBIDDEN', undefined],
    ['a 4xx without GraphQL', { status: 404, body: '<html>' }, 'INTERNAL_SERVER_ERROR', undefined],
    ['a 4xx of JSON', { status: 400, body: '{"statusCode":400}' }, 'INTERNAL_SERVER_ERROR', undefined],
    ['a redirect', { status: 302, headers: { location: '/' } }, 'INTERNAL_SERVER_ERROR', undefined],
    ['nonsense', { status: 200, body: '<html>' }, 'SERVICE_UNAVAILABLE', 1],
    ['429 that says when', { status: 429, headers: { 'retry-after': '7' } }, 'RATE_LIMITED', 7],
    ['429 of GraphQL', { status: 429, body: graphql }, 'FORBIDDEN', undefined],
  ] as const)('opens no breaker and is not tried again: %s', async (_what, answer, expected, retryAfter) => {
    await using gateway = await calling('notes', { breakerPause: 60_000 });
    const { notes: subgraph } = gateway.network;
    subgraph.fails = () => answer;
    for (let n = 0; n < 25; n++) {
      const { data, errors } = await gateway.ask('{ notes { text } secret }');
      expect(data ?? null).toBeNull();
      expect(errors?.[0]?.extensions).toMatchObject({ code: expected, ...(retryAfter && { retryAfter }) });
      expect(JSON.stringify(errors)).not.toContain('10.1.2.3');
    }
    expect(subgraph.fetches).toBe(25);
    subgraph.fails = () => false;
    expect((await gateway.ask('{ notes { text } }')).errors).toBeUndefined();
  });

  test('takes at most half of the places and of the queue from the others', async () => {
    await using gateway = await calling('notes', { concurrency: 4, queue: 4 });
    const [ada = '', grace = ''] = await Promise.all(people.map(({ id }) => gateway.issuer.token(id)));
    const subgraph = gateway.network.notes;
    const { promise: held, resolve: letGo } = Promise.withResolvers<void>();
    subgraph.hold = held;
    let refused = 0;
    const { promise: eightRefused, resolve } = Promise.withResolvers<void>();
    const hostile = Array.from({ length: 12 }, async () => {
      const answer = await gateway.ask(notes(), {}, { token: ada });
      if (answer.errors !== undefined && ++refused === 8) resolve();
    });
    // Two in flight and two waiting.
    await eightRefused;
    expect(subgraph.fetches).toBeLessThanOrEqual(2);
    subgraph.hold = Promise.resolve();
    expect((await gateway.ask(notes(), {}, { token: grace })).errors).toBeUndefined();
    letGo();
    await Promise.all(hostile);
    expect(refused).toBe(8);
  });
});

test('a subgraph that asks for time is not tried again, and the client is told for how long', async () => {
  await using gateway = await calling('notes', {});
  const { notes: subgraph } = gateway.network;
  subgraph.fails = () => ({ status: 503, headers: { 'retry-after': '30' } });
  const { errors } = await gateway.ask('{ notes { text } }');
  expect(errors?.[0]?.extensions).toMatchObject({ code: 'SERVICE_UNAVAILABLE', retryAfter: 30 });
  expect(subgraph.fetches).toBe(1);
});

test('a subgraph that does not accept the token of the gateway is unavailable: that is not about the client', async () => {
  await using another = await startGatewayKeys();
  await using gateway = await startGateway({ options: { internalKeyFiles: [another.keyFile] } });
  const { errors } = await gateway.ask('{ secret }');
  expect(errors).toMatchObject([{ path: ['secret'], extensions: { code: 'SERVICE_UNAVAILABLE' } }]);
});

test('the time of a whole request is bounded, whatever its subgraphs may take', async () => {
  await using gateway = await calling('notes', {}, { requestTimeoutMs: 2_000 });
  const took = startStopwatch();
  const { data, errors } = await gateway.ask('{ slow secret }');
  expect(took()).toBeLessThan(5_000);
  expect(data).toEqual({ slow: null, secret: 'shown' });
  expect(errors).toMatchObject([{ path: ['slow'], extensions: { code: 'SERVICE_UNAVAILABLE' } }]);
});

test('more at once than a subgraph may be asked are SERVICE_UNAVAILABLE at once', async () => {
  await using gateway = await calling('notes', { concurrency: 2, queue: 1 }, { requestTimeoutMs: 60_000 });
  const subgraph = gateway.network.notes;
  const { promise: held, resolve: letGo } = Promise.withResolvers<void>();
  subgraph.hold = held;
  const codes: unknown[] = [];
  const threeRefused = Promise.withResolvers<void>();
  const asked = Array.from({ length: 6 }, async () => {
    codes.push(code(await gateway.ask(notes())));
    if (codes.length === 3) threeRefused.resolve();
  });
  // At once: the subgraph answers nobody until it is let go.
  await threeRefused.promise;
  expect(codes.slice(0, 3)).toEqual(Array(3).fill('SERVICE_UNAVAILABLE'));
  expect(subgraph.fetches).toBeLessThanOrEqual(2);
  letGo();
  await Promise.all(asked);
  expect(subgraph.fetches).toBeLessThanOrEqual(3);
  expect((await gateway.ask('{ notes { text } }')).errors).toBeUndefined();
});

test('what may not be null takes its parent with it, and the outage alone is told', async () => {
  await using gateway = await calling('people', { retries: 0 });
  await gateway.network.people.stop();
  const { data, errors } = await gateway.ask(
    '{ notes(first: 1) { text author { nick } } note(id: "x") { id } }',
  );
  expect(data).toEqual({ notes: [{ text: 'first', author: { nick: null } }], note: null });
  expect(errors).toHaveLength(1);
  const more = await gateway.ask('{ notes(first: 1) { text author { name } } }');
  expect(more.data).toBeNull();
  expect(more.errors).toMatchObject([
    { path: ['notes', 0, 'author', 'name'], extensions: { code: 'SERVICE_UNAVAILABLE' } },
  ]);
});
