import { afterAll, beforeAll, expect, test } from 'vitest';
import { startGateway } from '../support/gateway/gateway.ts';
import { notesSdl, peopleSdl } from '../support/gateway/network.ts';
import { startRegistry, type TestRegistry } from './start-registry.ts';

let registry: TestRegistry;
let token: string;
beforeAll(async () => {
  registry = await startRegistry();
  token = await registry.token('report');
  const { body } = await registry.publish({ people: peopleSdl, notes: notesSdl });
  await registry.ask('/v1/environments/production/promote', { version: body.version, author: 'ada' });
});
afterAll(() => registry[Symbol.asyncDispose]());

interface Operation {
  readonly document: string;
  readonly operationName: string | null;
  readonly client: object;
  readonly count: number;
  readonly errors: number;
  readonly inputs: readonly string[];
}
const usage = async (): Promise<Operation[]> =>
  (await registry.ask('/v1/environments/production/operations')).body.operations;
const named = async (name: string) => (await usage()).filter(({ operationName }) => operationName === name);

const startReporting = (sampling = 1, url = registry.url, environment = 'production') =>
  startGateway({
    options: {
      usage: { url, environment, token, gateway: 'gateway-1', sampling, intervalMs: 50 },
    },
  });
const client = (name: string, version: string) => ({
  headers: { 'apollographql-client-name': name, 'apollographql-client-version': version },
});

test('operations are counted by client and version, with coordinates and errors, and never with a value', async () => {
  await using gateway = await startReporting();
  const read = 'query Read { note(id: "hunter2") { text } me { name nick(short: false) } }';
  const write = 'mutation Write($input: WriteInput!) { write(input: $input) { text } }';
  for (const version of ['1', '1', '2']) await gateway.ask(read, {}, client('web', version));
  await gateway.ask(write, { input: { text: 'hunter2' } }, client('app', '1'));
  await gateway.ask('query Fails { broken }');
  await gateway.ask('query Invalid { nowhere }');
  await expect.poll(async () => (await usage()).reduce((sum, { count }) => sum + count, 0)).toBe(5);
  expect((await named('Read')).map(({ client, count }) => ({ client, count }))).toEqual([
    { client: { name: 'web', version: '1' }, count: 2 },
    { client: { name: 'web', version: '2' }, count: 1 },
  ]);
  expect(await named('Write')).toMatchObject([{ inputs: ['WriteInput.text'], errors: 0 }]);
  expect(await named('Fails')).toMatchObject([
    { count: 1, errors: 1, client: { name: '(unknown)', version: null } },
  ]);
  expect(JSON.stringify(await usage())).not.toContain('hunter2');

  const { used, unused } = (await registry.ask('/v1/environments/production/coordinates')).body;
  const find = (coordinate: string) =>
    used.find((one: { coordinate: string }) => one.coordinate === coordinate);
  expect(find('Person.nick(short:)')).toMatchObject({ count: 3, clients: ['web@1', 'web@2'] });
  expect(find('WriteInput.text')).toMatchObject({ count: 1, clients: ['app@1'] });
  expect(unused).toContain('Person.noteLimit');
  expect(unused).not.toContain('Person.name');
  expect(used.length + unused.length).toBeGreaterThan(30);
});

test('coordinates of a returned enum and of all parts that are still known count, whatever else was recorded', async () => {
  const tonesSdl = `
    type Query { tone: Tone light: Tone dark(first: Tone): Tone }
    enum Tone { LIGHT DARK }`;
  const { body } = await registry.publish({ tones: tonesSdl });
  await registry.ask('/v1/environments/staging/promote', { version: body.version, author: 'ada' });
  const sent = { client: { name: 'web', version: null }, count: 1, errors: 0, durationMs: 1, inputs: [] };
  const operations = [
    { ...sent, document: 'query Light { light } query Dark { dark }', operationName: 'Light' },
    { ...sent, document: 'query Gone { tone nowhere { tone } }', operationName: 'Gone', count: 2 },
    { ...sent, document: 'query Broken {', operationName: 'Broken' },
  ];
  await registry.ask('/v1/environments/staging/usage', { operations });
  const answer = await registry.ask('/v1/environments/staging/coordinates');
  expect(answer.status).toBe(200);
  const lastSeen = expect.stringMatching(/^\d{4}-/);
  expect(answer.body.used).toEqual([
    { coordinate: 'Tone.LIGHT', count: 3, clients: ['web'], lastSeen },
    { coordinate: 'Tone.DARK', count: 3, clients: ['web'], lastSeen },
    { coordinate: 'Query.tone', count: 2, clients: ['web'], lastSeen },
    { coordinate: 'Query.light', count: 1, clients: ['web'], lastSeen },
  ]);
  expect(answer.body.unused).toEqual(expect.arrayContaining(['Query.dark', 'Query.dark(first:)']));
});

test('counts add up over reports, and a sample stands for all', async () => {
  await using gateway = await startReporting(0.5);
  let asked = 0;
  while ((await named('Sampled')).length === 0) {
    await gateway.ask('query Sampled { secret }');
    asked++;
  }
  const [{ count } = { count: 0 }] = await named('Sampled');
  // Each one in the sample counts for two.
  expect(count % 2).toBe(0);
  expect(asked).toBeGreaterThan(0);
});

test('a check names each open subscription that a change breaks, over every transport, until it ends', async () => {
  const environment = '/v1/environments/live';
  await registry.ask(`${environment}/promote`, { version: 1, author: 'ada' });
  // Without any traffic nothing would count as unused.
  await registry.ask(`${environment}/usage`, { operations: [counted] });
  const openNow = async () => (await registry.ask(`${environment}/subscriptions`)).body;
  const check = async () => {
    const sdl = peopleSdl.replace(' noteLimit: Int', '');
    const { body } = await registry.ask(`${environment}/checks`, {
      subgraphs: [{ name: 'people', sdl, file: 'people.graphql' }],
      author: 'ada',
    });
    return body.report;
  };
  expect(await check()).toMatchObject({ ok: true, openSubscriptions: [] });
  {
    // Nothing of it is in the sample, so that no request counts.
    await using gateway = await startReporting(Number.MIN_VALUE, registry.url, 'live');
    const query = 'subscription Arrivals { arrived { noteLimit } }';
    const named = { 'apollographql-client-name': 'web', 'apollographql-client-version': '1.4.0' };
    const [first, second] = [gateway.live(undefined, named), gateway.live(undefined, named)];
    const ends = [first, second].map((one) => one.iterate({ query }));
    for (const events of ends) void events.next();
    const stop = new AbortController();
    await fetch(`${gateway.url}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'text/event-stream',
        ...client('ios', '7').headers,
      },
      body: JSON.stringify({ query }),
      signal: stop.signal,
    });
    void gateway.live().iterate({ query: 'subscription Written { written { text } }' }).next();
    await expect.poll(openNow).toMatchObject({ open: 4 });
    const of = (name: string, version: string | null, open: number) =>
      expect.objectContaining({ client: { name, version }, open, gateways: 1 });
    expect((await openNow()).subscriptions).toEqual([
      of('web', '1.4.0', 2),
      ...[expect.anything(), expect.anything()],
    ]);
    expect((await openNow()).subscriptions).toEqual(
      expect.arrayContaining([of('ios', '7', 1), of('(unknown)', null, 1)]),
    );
    const broken = { name: 'Arrivals', effect: 'broken' };
    expect(await check()).toMatchObject({
      ok: false,
      changes: [{ coordinate: 'Person.noteLimit', decision: 'refused' }],
      operations: [{ ...broken, kind: 'subscription', openSubscriptions: 3, count: 0 }],
      openSubscriptions: [
        { ...broken, client: { name: 'web', version: '1.4.0' }, open: 2 },
        { ...broken, client: { name: 'ios', version: '7' }, open: 1 },
      ],
    });
    const { used } = (await registry.ask(`${environment}/coordinates`)).body;
    expect(used).toContainEqual(
      expect.objectContaining({ coordinate: 'Person.noteLimit', clients: ['ios@7', 'web@1.4.0'] }),
    );
    stop.abort();
    await first.dispose();
    await expect.poll(openNow).toMatchObject({ open: 2 });
    expect((await check()).openSubscriptions).toMatchObject([{ ...broken, open: 1 }]);
  }
  // The gateway has stopped, and said so.
  await expect.poll(openNow).toEqual({ subscriptions: [], open: 0 });
  expect(await check()).toMatchObject({ ok: true, openSubscriptions: [] });
});

test('requests go on while the registry is down, and what it cannot take is dropped', async () => {
  await using gateway = await startReporting(1, 'http://127.0.0.1:1');
  await gateway.ask('query Lost { secret }');
  await expect.poll(() => gateway.log()).toContain('failed to report usage; it is dropped');
  expect((await gateway.ask('{ secret }')).data).toEqual({ secret: 'shown' });
});

test('an operation that does not fit into a report is dropped alone', async () => {
  await using gateway = await startReporting();
  await Promise.all([
    gateway.ask(`query ${'n'.repeat(201)} { secret }`),
    gateway.ask('query Beside { secret }'),
    gateway.ask(`query ${'m'.repeat(200)} { secret }`),
  ]);
  await expect.poll(() => named('Beside')).toMatchObject([{ count: 1 }]);
  await expect.poll(() => named('m'.repeat(200))).toMatchObject([{ count: 1 }]);
  await expect.poll(() => gateway.log()).toContain('"dropped":1');
  expect(gateway.log()).not.toContain('failed to report usage');
  expect(await named('n'.repeat(201))).toEqual([]);
});

const unnamed = { name: null, version: null };
const counted = {
  document: '{ me { name } }',
  operationName: null,
  client: unnamed,
  count: 1,
  errors: 0,
  durationMs: 1,
  inputs: [],
};

test.each([
  ['no operation', { operations: [] }],
  ['variables', { operations: [{ ...counted, variables: { x: 1 } }] }],
  ['a document that Postgres cannot store', { operations: [{ ...counted, document: '{ me } # \0' }] }],
  [
    'a name that Postgres cannot store',
    { operations: [{ ...counted, client: { ...unnamed, name: '\ud800' } }] },
  ],
])('a report with %s is refused', async (_what, body) => {
  const { status } = await registry.ask('/v1/environments/production/usage', body);
  expect(status).toBe(400);
});
