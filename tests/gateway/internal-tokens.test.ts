import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { composeSupergraph } from '@rookery/schema/compose';
import { freePort } from '@rookery/stack';
import { gatewayHeader, sharedMark, tokenRefused } from '@rookery/subgraph-auth';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startGateway, type TestGateway } from '../support/gateway/gateway.ts';
import { startSubgraph, type TestSubgraph } from '../support/gateway/subgraph.ts';

const sdl = `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
  type Query { shown: String }
  type Mutation { change: String }
`;
const path = '/.well-known/gateway-keys.json';

let dir: string;
let keyFile: string;
let gateway: TestGateway;
let shop: TestSubgraph;
const resources = new AsyncDisposableStack();

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'rookery-internal-'));
  resources.defer(() => rmSync(dir, { recursive: true, force: true }));
  keyFile = join(dir, 'key.pem');
  const port = await freePort();
  shop = resources.use(
    await startSubgraph(
      'shop',
      sdl,
      { Query: { shown: () => 'shown' }, Mutation: { change: () => 'changed' } },
      `http://127.0.0.1:${port}${path}`,
    ),
  );
  gateway = resources.use(
    await startGateway({
      limits: { batch: 10 },
      options: {
        supergraph: composeSupergraph({ shop: sdl }),
        subgraphs: { shop: shop.url },
        metrics: { host: '127.0.0.1', port },
        internalKeyFiles: [keyFile],
      },
    }),
  );
});
afterAll(() => resources.disposeAsync());

interface KeySet {
  readonly keys: readonly Record<string, unknown>[];
}
const published = async () => (await (await fetch(`${gateway.metricsUrl}${path}`)).json()) as KeySet;

test('the gateway creates its key, and publishes only public parts, on an address that clients cannot reach', async () => {
  const { keys } = await published();
  expect(keys).toEqual([
    { kty: 'OKP', crv: 'Ed25519', x: expect.any(String), kid: expect.any(String), alg: 'EdDSA', use: 'sig' },
  ]);
  expect((await fetch(`${gateway.url}${path}`)).status).toBe(404);
  expect((await gateway.ask('{ shown }')).data).toEqual({ shown: 'shown' });
  expect((await gateway.ask('mutation { change }')).data).toEqual({ change: 'changed' });
});

test('a key that is replaced while requests run refuses none of them', async () => {
  const [before] = (await published()).keys;
  const signing = () => decodeProtectedHeader(shop.tokens.at(-1) ?? '').kid;
  const outcomes: unknown[] = [];
  // Until the new key has signed some of them.
  const asking = (async () => {
    for (let after = 0; after < 20; after += signing() === before?.kid ? 0 : 1) {
      const [read, write] = await Promise.all([gateway.ask('{ shown }'), gateway.ask('mutation { change }')]);
      outcomes.push(read.data, write.data);
      await setTimeout(100); // more traffic would show no more, and slow the tests beside this one
    }
  })();
  const pem = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' });
  writeFileSync(`${keyFile}.new`, pem, { mode: 0o600 });
  renameSync(`${keyFile}.new`, keyFile);
  await expect.poll(async () => (await published()).keys[0]?.kid, { timeout: 20_000 }).not.toBe(before?.kid);
  await asking;
  expect((await published()).keys.map(({ kid }) => kid)).toContain(before?.kid);
  const failed = outcomes.filter((data) => !/shown|changed/.test(JSON.stringify(data)));
  expect(failed).toEqual([]);
});

test('a token names its subgraph, its viewer and its end within a minute', async () => {
  const viewer = crypto.randomUUID();
  const token = await gateway.issuer.token(viewer, { claims: { scope: 'read:all', roles: ['staff'] } });
  await gateway.ask('{ shown }', {}, { token });
  const claims = decodeJwt(shop.tokens.at(-1) ?? '');
  expect(claims).toMatchObject({
    iss: 'rookery-gateway',
    aud: 'shop',
    sub: viewer,
    scope: 'read:all',
    roles: ['staff'],
  });
  expect((claims.exp ?? 0) - (claims.iat ?? 0)).toBeLessThanOrEqual(60);
});

/** Sends several mutations in one request, which the gateway sends on at the same time. @returns their tokens, and what each did */
const changeTogether = async (count: number) => {
  const first = shop.tokens.length;
  const viewer = crypto.randomUUID();
  const response = await fetch(`${gateway.url}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${await gateway.issuer.token(viewer)}`,
    },
    body: JSON.stringify(Array.from({ length: count }, () => ({ query: 'mutation { change }' }))),
  });
  const answers = (await response.json()) as { data: unknown }[];
  const viewers = shop.asked.slice(-count).map((asked) => asked.viewer);
  expect(new Set(viewers)).toEqual(new Set([viewer]));
  return { tokens: shop.tokens.slice(first), data: answers.map(({ data }) => data) };
};
const changed = Array.from({ length: 5 }, () => ({ change: 'changed' }));

test('mutations that are sent together share a signature once the subgraph has said that it takes such tokens', async () => {
  await gateway.ask('mutation { change }');
  expect(shop.tokens.at(-1)).not.toContain(sharedMark);
  const { tokens, data } = await changeTogether(5);
  expect(data).toEqual(changed);
  expect(tokens).toHaveLength(5);
  expect(new Set(tokens.map((token) => token.split(sharedMark)[0])).size).toBe(1);
});

test('mutations whose shared signature an earlier version refuses are sent again with tokens of their own', async () => {
  await gateway.ask('mutation { change }');
  shop.fails = () =>
    shop.tokens.at(-1)?.includes(sharedMark) === true && {
      status: 403,
      headers: { [gatewayHeader]: tokenRefused },
      body: '{"errors":[{"message":"Subgraphs answer the gateway alone."}]}',
    };
  const { tokens, data } = await changeTogether(5);
  shop.fails = () => false;
  expect(data).toEqual(changed);
  const isShared = tokens.map((token) => token.includes(sharedMark));
  expect(isShared.toSorted()).toEqual([...Array(5).fill(false), ...Array(5).fill(true)]);
});
