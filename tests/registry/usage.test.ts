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

const startReporting = (sampling = 1, url = registry.url) =>
  startGateway({
    options: {
      usage: { url, environment: 'production', token, sampling, intervalMs: 50 },
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
