import { Script } from 'node:vm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startGateway, type TestGateway } from '../support/gateway/gateway.ts';

// The long tier uses the page in Chromium.
let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway[Symbol.asyncDispose]());

const get = (path: string, headers: Record<string, string> = {}) => fetch(gateway.url + path, { headers });

test('everything that GraphiQL loads comes from the gateway, and its policy allows no other address', async () => {
  const response = await get('/graphiql');
  const policy = response.headers.get('content-security-policy') ?? '';
  expect(policy).toMatch(/^default-src 'none'; /);
  expect(policy).not.toMatch(/\*|https?:|wss?:/);
  const page = await response.text();
  const ownScript = await (await get('/graphiql/page.js')).text();
  const loaded = [
    ...[...page.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, path = '']) => path),
    ...[...ownScript.matchAll(/'([\w.]+\.worker\.js)'/g)].map(([, name]) => `/graphiql/${name}`),
  ].filter((path) => path !== 'data:,');
  expect(loaded.length).toBeGreaterThan(6);
  for (const path of loaded) {
    const file = await get(path);
    expect([path, file.status]).toEqual([path, 200]);
    const text = await file.text();
    // Names the file in what it throws.
    if (path.endsWith('.js')) new Script(text, { filename: path });
  }
  // The page's own script takes these from the others.
  expect(await (await get('/graphiql/graphiql.js')).text()).toContain('renderYogaGraphiQL');
  expect(await (await get('/graphiql/graphql-ws.js')).text()).toContain('createClient');
});

test('its files are compressed and revalidated', async () => {
  const path = '/graphiql/graphiql.js';
  const first = await get(path);
  expect(first.headers.get('content-encoding')).toBe('gzip');
  const etag = first.headers.get('etag') ?? '';
  expect((await get(path, { 'if-none-match': etag })).status).toBe(304);
  expect((await get('/graphiql/..%2fpackage.json')).status).toBe(404);
});
