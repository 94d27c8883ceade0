import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { appVersion, trustedDocuments } from '@rookery/registry-protocol';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startGateway } from '../support/gateway/gateway.ts';
import { notesSdl, peopleSdl } from '../support/gateway/network.ts';
import { startRegistry, type TestRegistry } from './start-registry.ts';

let registry: TestRegistry;
beforeAll(async () => {
  registry = await startRegistry();
  await registry.publish({ people: peopleSdl, notes: notesSdl });
});
afterAll(() => registry[Symbol.asyncDispose]());

let environment = '';
let environments = 0;
beforeEach(async () => {
  environment = `apps-${++environments}`;
  await registry.ask(`/v1/environments/${environment}/promote`, { version: 1, author: 'ada' });
});

const at = (path: string) => `/v1/environments/${environment}${path}`;
const client = { name: 'web', version: '1.0' };
const documents = [
  { id: 'me', document: 'query Me { me { name } }' },
  { id: 'notes', document: 'query Notes($n: Int) { notes(first: $n) { text } }' },
];
const publish = (more: object = {}) =>
  registry.ask(at('/app-versions'), { client, documents, author: 'ada', ...more });
const retire = (more: object = {}) =>
  registry.ask(at('/app-versions/retire'), { client, author: 'ada', reason: 'nobody has it', ...more });
const list = async () => appVersion.array().parse((await registry.ask(at('/app-versions'))).body.appVersions);
const trusted = async () =>
  trustedDocuments.parse((await registry.ask(at('/trusted-documents'))).body).documents.map(({ id }) => id);
const manifest = (headers = {}) => registry.ask(at('/manifest'), undefined, { headers });
const report = (document: string, by: object) =>
  registry.ask(at('/usage'), {
    operations: [
      { document, operationName: 'Me', client: by, count: 1, errors: 0, durationMs: 1, inputs: [] },
    ],
  });

describe('an app version', () => {
  test('is published, live once it is used, and then retired by force alone', async () => {
    expect(await publish()).toMatchObject({ status: 201, body: { state: 'published', documents: 2 } });
    await report(documents[0]?.document ?? '', { name: 'web', version: '0.9' });
    expect(await list()).toMatchObject([{ client, state: 'published', lastSeen: null }]);
    await report(documents[0]?.document ?? '', client);
    expect(await list()).toMatchObject([{ state: 'live', lastSeen: expect.stringMatching(/^2/) }]);
    const refused = await retire();
    expect(refused).toMatchObject({ status: 409, body: { error: { code: 'CONFLICT' } } });
    expect(await trusted()).toEqual(['me', 'notes']);
    expect(await retire({ force: true })).toMatchObject({
      status: 200,
      body: { state: 'retired', changed: true, retiredBy: 'ada', retiredReason: 'nobody has it' },
    });
    expect(await trusted()).toEqual([]);
    expect((await retire()).body.changed).toBe(false);
    // The same documents again bring it back.
    expect(await publish()).toMatchObject({ status: 201, body: { state: 'live', retiredReason: null } });
    expect(await trusted()).toEqual(['me', 'notes']);
    const { entries } = (await registry.ask('/v1/audit?limit=3')).body;
    expect(entries.map(({ action }: { action: string }) => action)).toEqual([
      'publish-operations',
      'retire-operations',
      'publish-operations',
    ]);
  });

  test('never changes: the same documents, however formatted, are the same, and others need a new version', async () => {
    await publish();
    const reformatted = documents.map(({ id, document }) => ({
      id,
      document: document.replaceAll(' {', '\n{'),
    }));
    expect(await publish({ documents: reformatted.toReversed() })).toMatchObject({
      status: 200,
      body: { created: false },
    });
    const changed = [{ id: 'me', document: 'query Me { me { id } }' }];
    expect(await publish({ documents: changed })).toMatchObject({
      status: 409,
      body: { error: { message: expect.stringContaining('never changes') } },
    });
    // An id means one operation in all versions that are trusted.
    const next = { client: { name: 'web', version: '2.0' }, documents: changed };
    expect(await publish(next)).toMatchObject({
      status: 409,
      body: { error: { message: expect.stringContaining('me (web 1.0)') } },
    });
    await retire();
    expect((await publish(next)).status).toBe(201);
    expect((await publish()).status).toBe(409);
  });

  test.each([
    ['that is not GraphQL', 'query {', /^x: Syntax Error/],
    [
      'with two operations',
      'query A { me { id } } query B { me { id } }',
      /^x: the document has 2 operations/,
    ],
    ['that the delivered schema lacks', '{ nowhere }', /^x: Cannot query field "nowhere"/],
  ])('with a document %s is refused', async (_what, document, reason) => {
    const { status, body } = await publish({ documents: [...documents, { id: 'x', document }] });
    expect({ status, code: body.error.code }).toEqual({ status: 400, code: 'BAD_USER_INPUT' });
    expect(body.error.message).toMatch(reason);
    expect(await list()).toEqual([]);
  });

  test.each([
    ['a document', 'document', '{ me { id } } # \0'],
    ['a document', 'document', '{ me { id } } # \ud800'],
    ['an id', 'id', 'x\0'],
  ])('with %s that Postgres cannot store is refused', async (_what, field, text) => {
    const more = { ...{ id: 'x', document: '{ me { id } }' }, [field]: text };
    const { status, body } = await publish({ documents: [...documents, more] });
    expect({ status, code: body.error.code }).toEqual({ status: 400, code: 'BAD_USER_INPUT' });
    expect(body.error.message).toBe(`documents.2.${field}: must be text without NUL and lone surrogates`);
  });

  test('needs its scopes', async () => {
    const reader = { token: await registry.token('read') };
    const checker = { token: await registry.token('check') };
    expect((await registry.ask(at('/app-versions'), {}, checker)).status).toBe(403);
    expect((await registry.ask(at('/app-versions'), undefined, checker)).status).toBe(200);
    expect((await registry.ask(at('/trusted-documents'), undefined, reader)).status).toBe(403);
    expect((await registry.ask(at('/manifest'), undefined, checker)).status).toBe(403);
  });
});

test('the manifest has an ETag that changes with the app versions alone', async () => {
  const empty = await manifest();
  expect(empty.body).toEqual({ format: 'apollo-persisted-query-manifest', version: 1, operations: [] });
  await publish();
  const full = await manifest();
  expect(full.body.operations).toEqual([
    { id: 'me', name: 'Me', type: 'query', body: documents[0]?.document },
    { id: 'notes', name: 'Notes', type: 'query', body: documents[1]?.document },
  ]);
  const etag = full.headers.get('etag') ?? '';
  expect((await manifest({ 'if-none-match': etag })).status).toBe(304);
  await publish({ client: { name: 'app', version: '1' } });
  // The documents are the same ones.
  expect((await manifest({ 'if-none-match': etag })).status).toBe(304);
  await retire();
  await retire({ client: { name: 'app', version: '1' } });
  expect((await manifest({ 'if-none-match': etag })).body.operations).toEqual([]);
});

test('a gateway trusts the documents of the registry, and keeps them on disk for a start without it', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'rookery-manifests-'));
  try {
    await publish();
    const token = await registry.token('read');
    const trustedDocuments = {
      source: `${registry.url}${at('/manifest')}`,
      headers: { authorization: `Bearer ${token}` },
      mode: 'ids' as const,
      lastGood: join(dir, 'manifest.json'),
      refreshIntervalMs: 50,
    };
    const byId = { extensions: { persistedQuery: { version: 1, sha256Hash: 'me' } } };
    const ask = (gateway: { readonly url: string }) =>
      fetch(`${gateway.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(byId),
      }).then((response) => response.json());
    {
      await using gateway = await startGateway({ options: { trustedDocuments } });
      expect(await ask(gateway)).toEqual({ data: { me: null } });
    }
    const nowhere = { ...trustedDocuments, source: 'http://127.0.0.1:1/' };
    {
      await using gateway = await startGateway({ options: { trustedDocuments: nowhere } });
      expect(await ask(gateway)).toEqual({ data: { me: null } });
    }
    await using gateway = await startGateway({ options: { trustedDocuments } });
    await retire();
    await expect.poll(() => ask(gateway)).toMatchObject({ errors: [{ message: 'PersistedQueryNotFound' }] });
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});
