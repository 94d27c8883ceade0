import { createConnection } from 'node:net';
import { text } from 'node:stream/consumers';
import { gatewaySettings, optionsFrom } from '@rookery/gateway';
import { readConfig } from '@rookery/runtime';
import { describe, expect, test } from 'vitest';
import { startGateway, type TestGateway } from '../support/gateway/gateway.ts';

const post = (gateway: TestGateway, body: unknown, headers: Record<string, string> = {}) =>
  fetch(`${gateway.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });

describe('batches, if enabled', () => {
  test('are answered in order, each operation by itself', async () => {
    await using gateway = await startGateway({ limits: { batch: 10 } });
    const response = await post(gateway, [
      { query: '{ secret }' },
      { query: '{ nothing }' },
      { query: 'query A { a: secret } query B { b: secret }', operationName: 'B' },
    ]);
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject([
      { data: { secret: 'shown' } },
      { errors: [{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }] },
      { data: { b: 'shown' } },
    ]);
    for (const count of [0, 11]) {
      const refused = await post(
        gateway,
        Array.from({ length: count }, () => ({ query: '{ secret }' })),
      );
      expect(refused.status).toBe(400);
    }
  });
});

describe('the cost of an operation', () => {
  test('is told to who asks, logged, and refused where it is too high', async () => {
    await using gateway = await startGateway({ limits: { cost: 30 } });
    const query = 'query Notes($n: Int) { notes(first: $n) { id author { name } } }';
    const ask = async (n: number, headers = {}) =>
      (await post(gateway, { query, variables: { n } }, headers)).json() as Promise<Record<string, unknown>>;
    expect(await ask(2)).not.toHaveProperty('extensions');
    const show = { 'x-operation-cost': '1' };
    expect(await ask(2, show)).toMatchObject({ extensions: { cost: { estimated: 4, most: 30 } } });
    const refused = await ask(16, show);
    expect(refused).toMatchObject({
      errors: [{ message: expect.stringContaining('32'), extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }],
      extensions: { cost: { estimated: 32, most: 30 } },
    });
    expect(refused).not.toHaveProperty('data');
    const asked = gateway.network.notes.asked.length;
    await ask(16);
    expect(gateway.network.notes.asked).toHaveLength(asked);
    const costs = gateway
      .log()
      .split('\n')
      .filter((line) => line.includes('"operation":"Notes"'))
      .map((line) => JSON.parse(line).cost);
    expect(costs).toEqual([4, 4, 32, 32]);
  });

  test('also keeps a subscription from being opened', async () => {
    await using gateway = await startGateway({ limits: { cost: 2 } });
    const query = 'subscription { written { author { notes { author { name } } } } }';
    const refused = await gateway
      .live()
      .iterate({ query })
      .next()
      .catch((cause) => cause);
    expect(refused).toMatchObject([{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }]);
    expect(gateway.network.written.listeners).toBe(0);
  });
});

test('a request that takes too long to come is cut off', async () => {
  await using gateway = await startGateway({ limits: { requestTimeoutMs: 300 } });
  const { hostname, port } = new URL(gateway.url);
  for (const begun of [
    'POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-ty',
    'POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"que',
  ]) {
    const socket = createConnection({ host: hostname, port: Number(port) });
    socket.write(begun);
    const answer = await text(socket);
    expect(answer).toMatch(/^HTTP\/1.1 408 /);
  }
});

test('operators change the limits by settings', () => {
  const env = {
    INTERNAL_KEY_FILE: '/nowhere/internal-key.pem',
    REDIS_URL: 'redis://127.0.0.1:1',
    MAX_BODY_BYTES: '1024',
    MAX_TOKENS: '5000',
    MAX_DEPTH: '3',
    MAX_ALIASES: '4',
    MAX_ROOT_FIELDS: '5',
    MAX_DIRECTIVES: '6',
    MAX_COST: '7',
    MAX_BATCH: '8',
    TRUSTED_PROXIES: '10.0.0.0/8, ::1',
    TLS_CERT_FILE: 'a.crt',
    TLS_KEY_FILE: 'a.key',
    TRUSTED_DOCUMENTS: 'https://registry.example/manifest.json',
    TRUSTED_DOCUMENTS_MODE: 'ids',
  };
  const read = (more: Record<string, string> = {}) =>
    optionsFrom(readConfig(gatewaySettings, { ...env, ...more }));
  expect(read()).toMatchObject({
    limits: {
      bodyBytes: 1024,
      tokens: 5000,
      depth: 3,
      aliases: 4,
      rootFields: 5,
      directives: 6,
      cost: 7,
      batch: 8,
    },
    trustedProxies: ['10.0.0.0/8', '::1'],
    tls: { certFile: 'a.crt', keyFile: 'a.key' },
    trustedDocuments: { source: 'https://registry.example/manifest.json', mode: 'ids' },
  });
  expect(() => read({ TLS_KEY_FILE: '' })).toThrow('TLS_CERT_FILE and TLS_KEY_FILE go together');
});
