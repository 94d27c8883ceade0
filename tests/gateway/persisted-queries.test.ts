import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../support/eventually.ts';
import { type Answer, startGateway, type TestGateway } from '../support/gateway/gateway.ts';
import { freshRedis } from '../support/index.ts';
import { startStopwatch } from '../support/stopwatch.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const post = async (gateway: TestGateway, body: object): Promise<Answer> => {
  const response = await fetch(`${gateway.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { ...((await response.json()) as object), status: response.status, headers: response.headers };
};
const persisted = (hash: string) => ({ persistedQuery: { version: 1, sha256Hash: hash } });
const code = ({ errors }: Answer) => errors?.[0]?.extensions.code;
const shown = { secret: 'shown' };

describe('automatic persisted queries', () => {
  test('are known to every gateway, and an outage of Redis costs at most one more request', async () => {
    await using redis = await freshRedis();
    await using first = await startGateway({ options: { redisUrl: redis.url } });
    await using second = await startGateway({ options: { redisUrl: redis.url } });
    const query = '{ secret }';
    const byHash = { extensions: persisted(sha256(query)) };
    await expect
      .poll(async () => {
        await post(first, { query, ...byHash });
        return (await post(second, byHash)).data;
      })
      .toEqual(shown);

    await redis.kill();
    expect((await post(first, byHash)).data).toEqual(shown);
    const other = '{ secret stale }';
    const otherByHash = { extensions: persisted(sha256(other)) };
    const took = startStopwatch();
    expect(code(await post(first, otherByHash))).toBe('PERSISTED_QUERY_NOT_FOUND');
    expect((await post(first, { query: other, ...otherByHash })).data).toMatchObject(shown);
    expect((await post(first, otherByHash)).data).toMatchObject(shown);
    expect(took()).toBeLessThan(1_000);
    // The connection notices by itself, not by the request.
    await until('it is logged', () => first.log().includes('Redis is down'));
    expect(first.log().split('Redis is down')).toHaveLength(2);
  });

  test('are refused in another version, and if the hash is no string', async () => {
    await using gateway = await startGateway();
    for (const extension of [
      { version: 2, sha256Hash: 'x' },
      { version: 1 },
      { version: 1, sha256Hash: {} },
      'x',
    ])
      expect(
        code(await post(gateway, { query: '{ secret }', extensions: { persistedQuery: extension } })),
      ).toBe('BAD_REQUEST');
  });

  test('keep to the limits', async () => {
    await using gateway = await startGateway();
    const query = `{ ${Array.from({ length: 20 }, (_, n) => `a${n}: secret`).join(' ')} }`;
    const answer = await post(gateway, { query, extensions: persisted(sha256(query)) });
    expect(code(answer)).toBe('GRAPHQL_VALIDATION_FAILED');
    // It is not kept, because it can never run.
    expect(code(await post(gateway, { extensions: persisted(sha256(query)) }))).toBe(
      'PERSISTED_QUERY_NOT_FOUND',
    );
  });
});

describe('trusted documents', () => {
  const known = 'query Known { secret }';
  const unknown = 'query Unknown { secret }';
  const manifestOf = (...bodies: string[]) =>
    JSON.stringify({
      format: 'apollo-persisted-query-manifest',
      version: 1,
      operations: bodies.map((body) => ({ id: sha256(body), name: 'Known', type: 'query', body })),
    });
  let dir: string;
  let source: string;
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), `manifest-${randomBytes(4).toString('hex')}-`));
    source = join(dir, 'manifest.json');
    writeFileSync(source, manifestOf(known));
  });
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  const start = (mode: 'log' | 'refuse' | 'ids') =>
    startGateway({ options: { trustedDocuments: { source, mode } } });
  const byId = { extensions: persisted(sha256(known)) };

  test('first step: what is not known is logged, and runs', async () => {
    await using gateway = await start('log');
    expect((await post(gateway, byId)).data).toEqual(shown);
    expect((await post(gateway, { query: known })).data).toEqual(shown);
    expect(gateway.log()).not.toContain('unknown operation');
    expect((await post(gateway, { query: unknown })).data).toEqual(shown);
    expect(gateway.log()).toContain('unknown operation');
    expect(gateway.log()).toContain(sha256(unknown));
    const registered = { query: unknown, extensions: persisted(sha256(unknown)) };
    expect((await post(gateway, registered)).data).toEqual(shown);
    expect((await post(gateway, { extensions: persisted(sha256(unknown)) })).data).toEqual(shown);
  });

  test('second step: what is not known is refused, also as a hash that a client made up', async () => {
    await using gateway = await start('refuse');
    expect((await post(gateway, byId)).data).toEqual(shown);
    expect((await post(gateway, { query: known })).data).toEqual(shown);
    for (const body of [{ query: unknown }, { query: unknown, extensions: persisted(sha256(unknown)) }]) {
      const answer = await post(gateway, body);
      expect(answer.status).toBe(403);
      expect(code(answer)).toBe('FORBIDDEN');
    }
    const byHash = await post(gateway, { extensions: persisted(sha256(unknown)) });
    expect(code(byHash)).toBe('PERSISTED_QUERY_NOT_FOUND');
    // Over a socket as well.
    const refused = await gateway
      .live()
      .iterate({ query: unknown })
      .next()
      .catch((cause) => cause);
    expect(refused).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
    const events = gateway.live().iterate({ query: '', extensions: persisted(sha256(known)) });
    expect((await events.next()).value).toEqual({ data: shown });
  });

  test('third step: ids alone', async () => {
    await using gateway = await start('ids');
    expect((await post(gateway, byId)).data).toEqual(shown);
    for (const query of [known, unknown]) expect(code(await post(gateway, { query }))).toBe('FORBIDDEN');
  });

  test('without a manifest the gateway does not start', async () => {
    await expect(
      startGateway({ options: { trustedDocuments: { source: join(dir, 'missing.json'), mode: 'refuse' } } }),
    ).rejects.toThrow('missing.json');
  });
});
