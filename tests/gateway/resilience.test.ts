import { describe, expect, test } from 'vitest';
import { type Resilience, resilienceBySubgraph } from '../../gateway/src/resilience.ts';
import { startGateway } from './world/gateway.ts';

/** A gateway that calls one of its subgraphs in a way of its own. */
const calling = (name: 'people' | 'notes', how: Partial<Resilience>, limits = {}) =>
  startGateway({ limits, options: { resilience: resilienceBySubgraph.parse({ [name]: how }) } });
const always = () => true;

let serial = 0;
/** Each another text: the same fetch that is under way already is not made a second time. */
const notes = () => `{ n${++serial}: notes { text } }`;
const slow = () => `{ s${++serial}: slow }`;
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
    expect(metrics).toMatch(/policy_breaker_state\{policy="subgraph notes",state="open"[^}]*\} 1/);
    subgraph.fails = () => false;
    await expect
      .poll(async () => (await gateway.ask('{ notes { text } }')).errors, { timeout: 5_000 })
      .toBeUndefined();
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
  // What is too large once is too large again.
  expect(gateway.network.notes.fetches).toBe(50);
  expect((await gateway.ask('{ notes { text } }')).errors).toBeUndefined();
});

test('the time of a whole request is bounded, whatever its subgraphs may take', async () => {
  await using gateway = await calling('notes', {}, { requestTimeout: 2_000 });
  const before = performance.now();
  const { data, errors } = await gateway.ask('{ slow secret }');
  expect(performance.now() - before).toBeLessThan(5_000);
  expect(data).toEqual({ slow: null, secret: 'shown' });
  expect(errors).toMatchObject([{ path: ['slow'], extensions: { code: 'SERVICE_UNAVAILABLE' } }]);
});

test('more at once than a subgraph may be asked are SERVICE_UNAVAILABLE at once', async () => {
  await using gateway = await calling('notes', { concurrency: 2, queue: 1 }, { requestTimeout: 2_000 });
  await gateway.ask('{ secret }');
  const before = performance.now();
  const times = await Promise.all(
    Array.from({ length: 6 }, async () => {
      expect(code(await gateway.ask(slow()))).toBe('SERVICE_UNAVAILABLE');
      return performance.now() - before;
    }),
  );
  expect(times.filter((time) => time < 1_500).length).toBeGreaterThanOrEqual(3);
  expect(gateway.network.notes.fetches).toBeLessThanOrEqual(3);
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
