import { afterAll, beforeAll, expect, test } from 'vitest';
import { notesSdl, peopleSdl } from '../support/gateway/network.ts';
import { startRegistry, type TestRegistry } from './start-registry.ts';

let registry: TestRegistry;
beforeAll(async () => {
  registry = await startRegistry();
  await registry.publish({ people: peopleSdl, notes: notesSdl });
});
afterAll(() => registry[Symbol.asyncDispose]());

const without = (field: string) => peopleSdl.replace(new RegExp(` ${field}: \\w+!?`), '');
const check = async (environment: string, sdl: string, more: object = {}) =>
  await registry.ask(`/v1/environments/${environment}/checks`, {
    subgraphs: [{ name: 'people', sdl, file: 'people.graphql' }],
    author: 'ada',
    ...more,
  });
const report = (environment: string, operation: object) =>
  registry.ask(`/v1/environments/${environment}/usage`, {
    operations: [
      {
        operationName: null,
        client: { name: 'web', version: '1' },
        count: 3,
        errors: 0,
        durationMs: 1,
        inputs: [],
        ...operation,
      },
    ],
  });

test('a breaking change fails by the traffic of its environment, and its report is kept', async () => {
  await report('used', { document: 'query Limit { me { noteLimit } }', operationName: 'Limit' });
  await report('unused', { document: '{ me { name } }' });
  const failed = await check('used', without('noteLimit'), { commit: 'abc', message: 'Drop noteLimit' });
  expect(failed).toMatchObject({
    status: 201,
    body: {
      ok: false,
      base: 1,
      report: {
        base: 'version 1',
        exitCode: 1,
        changes: [{ kind: 'FIELD_REMOVED', decision: 'refused' }],
        operations: [{ name: 'Limit', effect: 'broken', clients: [{ name: 'web', version: '1', count: 3 }] }],
      },
    },
  });
  expect((await check('unused', without('noteLimit'))).body).toMatchObject({
    ok: true,
    report: { exitCode: 0, changes: [{ decision: 'unused' }], unaffectedOperations: 1 },
  });
  const { checks } = (await registry.ask('/v1/environments/used/checks')).body;
  expect(checks).toMatchObject([
    { number: failed.body.number, ok: false, commit: 'abc', subgraphs: ['people'] },
  ]);
  const stored = (await registry.ask(`/v1/checks/${failed.body.number}`)).body;
  expect(stored.report).toEqual(failed.body.report);
});

test('a document that an app version ships with counts without traffic, until the version is retired', async () => {
  const environment = 'shipped';
  const client = { name: 'ios', version: '7' };
  await report(environment, { document: '{ me { name } }' });
  await registry.ask(`/v1/environments/${environment}/app-versions`, {
    client,
    documents: [{ id: '1', document: 'query Shipped { me { noteLimit } }' }],
    author: 'ada',
  });
  expect((await check(environment, without('noteLimit'))).body).toMatchObject({
    ok: false,
    report: {
      operations: [{ name: 'Shipped', trusted: true, count: 0 }],
      appVersions: [{ name: 'ios', effect: 'broken' }, { name: 'web' }],
    },
  });
  const retired = { client, author: 'ada', reason: 'gone' };
  await registry.ask(`/v1/environments/${environment}/app-versions/retire`, retired);
  expect((await check(environment, without('noteLimit'))).body.ok).toBe(true);
});

test('an approval lets exactly its change pass', async () => {
  const environment = 'approved';
  await report(environment, { document: '{ me { noteLimit name } }' });
  const [change] = (await check(environment, without('noteLimit'))).body.report.changes;
  const { kind, coordinate, message } = change;
  await registry.ask('/v1/approvals', {
    change: { kind, coordinate, message },
    author: 'ada',
    reason: 'The app hides it.',
  });
  const { report: found } = (await check(environment, without('noteLimit'))).body;
  expect(found.changes).toMatchObject([{ decision: 'accepted', accepted: 'The app hides it.' }]);
  const other = (await check(environment, without('noteLimit').replace(' name: String!', ''))).body;
  expect(other.ok).toBe(false);
});

test('what does not compose, or is no SDL, is a report that fails', async () => {
  expect((await check('broken', 'type Query {')).body).toMatchObject({
    ok: false,
    report: {
      outcome: 'unusable-input',
      compositionErrors: [
        { code: 'SDL_SYNTAX_ERROR', positions: [{ file: 'people.graphql', subgraph: 'people' }] },
      ],
    },
  });
  expect((await check('broken', 'type Query { me: Nowhere }')).body).toMatchObject({
    ok: false,
    report: { outcome: 'composition-failed' },
  });
});

test('refuses unknown names and rules by name, and other tokens', async () => {
  const { status, body } = await check('x', peopleSdl, { remove: ['nowhere'] });
  expect({ status, code: body.error.code }).toEqual({ status: 400, code: 'BAD_USER_INPUT' });
  expect((await check('x', peopleSdl, { rules: { usage: { windowDays: 0 } } })).body.error.message).toMatch(
    /^rules\.usage\.windowDays/,
  );
  const token = await registry.token('publish');
  expect((await registry.ask('/v1/environments/x/checks', {}, { token })).status).toBe(403);
});
