import { generateKeyPairSync } from 'node:crypto';
import { checkOrder, SignatureError, signSupergraph, verifySupergraph } from '@rookery/registry-protocol';
import fc from 'fast-check';
import type { JSONWebKeySet } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startFaultProxy } from '../support/index.ts';
import { startRegistry, type TestRegistry } from './start-registry.ts';

const sdl = (field: string) => `type Query { ${field}: Int }`;

let registry: TestRegistry;
beforeAll(async () => {
  registry = await startRegistry();
});
afterAll(() => registry[Symbol.asyncDispose]());

const publish = async (field: string): Promise<number> =>
  (await registry.publish({ numbers: sdl(field) })).body.version;
const promote = (environment: string, version: number) =>
  registry.ask(`/v1/environments/${environment}/promote`, { version, author: 'ada' });
const rollback = (environment: string, version?: number) =>
  registry.ask(`/v1/environments/${environment}/rollback`, { version, author: 'ada', reason: 'it broke' });
const keys = async () =>
  (await fetch(`${registry.metricsUrl}/.well-known/registry-keys.json`)).json() as Promise<JSONWebKeySet>;
const fetchSigned = async (environment: string) => {
  const { text } = await registry.ask(`/v1/environments/${environment}/supergraph`);
  return verifySupergraph(text, await keys(), environment);
};

describe('a launch', () => {
  test('delivers a version, forwards by promote and backwards by rollback alone', async () => {
    const [a, b, c] = [await publish('a'), await publish('b'), await publish('c')];
    expect((await registry.ask('/v1/environments/ways/supergraph')).status).toBe(404);
    expect((await rollback('ways')).status).toBe(409);
    expect(await promote('ways', a)).toMatchObject({ status: 201, body: { launch: 1, version: a } });
    expect(await promote('ways', a)).toMatchObject({ status: 200, body: { launch: 1, created: false } });
    expect((await rollback('ways')).status).toBe(409);
    expect(await promote('ways', c)).toMatchObject({ status: 201, body: { launch: 2 } });
    expect(await promote('ways', b)).toMatchObject({
      status: 409,
      body: { error: { code: 'CONFLICT', message: expect.stringContaining('use rollback') } },
    });
    expect((await fetchSigned('ways')).statement).toMatchObject({ version: c, rollback: false });
    // The newest older version that was delivered, which is not b.
    expect(await rollback('ways')).toMatchObject({ status: 201, body: { launch: 3, version: a } });
    expect((await fetchSigned('ways')).statement).toMatchObject({ launch: 3, version: a, rollback: true });
    expect((await rollback('ways', c)).status).toBe(409);
    expect((await promote('ways', 9_999)).status).toBe(404);
    expect((await promote('Ways', a)).status).toBe(400);
    const { launches } = (await registry.ask('/v1/environments/ways/launches')).body;
    expect(launches).toMatchObject([
      { launch: 3, action: 'rollback', reason: 'it broke', author: 'ada' },
      { launch: 2, action: 'promote' },
      { launch: 1, action: 'promote' },
    ]);
    const issued = launches.map(({ issuedAt }: { issuedAt: number }) => issuedAt);
    expect(issued).toEqual(issued.toSorted((x: number, y: number) => y - x));
  });

  test('has one ETag on every replica, and a new one for the next launch', async () => {
    await using other = await startRegistry({ of: registry });
    await promote('tags', await publish('tag'));
    const path = '/v1/environments/tags/supergraph';
    const first = await registry.ask(path);
    const etag = first.headers.get('etag') ?? '';
    expect(first.text).toContain('tag: Int');
    expect((await other.ask(path)).headers.get('etag')).toBe(etag);
    const unchanged = await other.ask(path, undefined, { headers: { 'if-none-match': etag } });
    expect({ status: unchanged.status, text: unchanged.text }).toEqual({ status: 304, text: '' });
    await promote('tags', await publish('tag2'));
    // The other replica did not make the launch.
    const next = await other.ask(path, undefined, { headers: { 'if-none-match': etag } });
    expect(next.status).toBe(200);
    expect(next.text).toContain('tag2: Int');
  });

  test('is delivered on while Postgres is down, and nothing else is answered', async () => {
    const at = new URL(registry.database.url);
    await using undo = new AsyncDisposableStack();
    const proxy = await startFaultProxy({ host: at.hostname, port: Number(at.port) });
    undo.defer(() => proxy.close());
    await using behind = await startRegistry({ of: registry, through: (url) => proxy.through(url) });
    await promote('outage', await publish('kept'));
    const path = '/v1/environments/outage/supergraph';
    const before = await behind.ask(path);
    proxy.set({ kind: 'cut' });
    const during = await behind.ask(path);
    expect({ status: during.status, text: during.text }).toEqual({ status: 200, text: before.text });
    const refused = await behind.publish({ numbers: sdl('late') });
    expect(refused).toMatchObject({ status: 503, body: { error: { code: 'SERVICE_UNAVAILABLE' } } });
    expect(refused.text).not.toMatch(/postgres|127\.0\.0\.1/i);
    expect((await behind.ask('/v1/versions')).status).toBe(503);
    proxy.set({ kind: 'pass' });
    expect((await behind.publish({ numbers: sdl('late') })).status).toBe(201);
  });
});

describe('a signed supergraph', () => {
  const { privateKey: key, publicKey } = generateKeyPairSync('ed25519');
  const jwks = { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'k' }] };
  const statement = { environment: 'production', launch: 1, version: 1, rollback: false, issuedAt: 1 };

  test('is refused if any character of it was changed, cut or added', async () => {
    const signed = await signSupergraph(sdl('a'), statement, { key, kid: 'k' });
    expect((await verifySupergraph(signed, jwks, 'production')).sdl).toBe(sdl('a'));
    await fc.assert(
      fc.asyncProperty(
        fc.nat(signed.length - 1),
        fc.nat(3),
        fc.string({ maxLength: 3 }),
        async (at, removed, added) => {
          const changed = signed.slice(0, at) + added + signed.slice(at + removed);
          fc.pre(changed !== signed);
          // The last character of a signature in base64url has bits that mean nothing.
          fc.pre(at + Math.max(removed, 1) < signed.indexOf('\n') || at > signed.indexOf('\n'));
          await expect(verifySupergraph(changed, jwks, 'production')).rejects.toThrow(SignatureError);
        },
      ),
    );
    await expect(verifySupergraph(signed, jwks, 'staging')).rejects.toThrow(/for the environment production/);
    await expect(verifySupergraph(sdl('a'), jwks, 'production')).rejects.toThrow(/not signed/);
  });

  test('follows another one only forwards in time, and to an older version only by a rollback', () => {
    const served = { ...statement, version: 5, launch: 7, issuedAt: 100, sha256: 'a'.repeat(64) };
    const next = (change: object) => () => checkOrder({ ...served, ...change }, served);
    expect(next({})).not.toThrow();
    expect(next({ version: 6, issuedAt: 101 })).not.toThrow();
    expect(next({ version: 6, issuedAt: 99 })).toThrow(SignatureError);
    expect(next({ version: 4, issuedAt: 101 })).toThrow(SignatureError);
    expect(next({ version: 4, issuedAt: 101, rollback: true })).not.toThrow();
    expect(next({ version: 4, issuedAt: 99, rollback: true })).toThrow(SignatureError);
    expect(() => checkOrder(served, undefined)).not.toThrow();
  });
});
