import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError, createLog, readConfig } from '@rookery/runtime';
import { expect, test } from 'vitest';
import { startGateway } from './app.ts';
import { gatewaySettings, optionsFrom } from './options.ts';

/** Starts a gateway without subgraphs and Redis, with these settings in addition. */
const start = async (settings: NodeJS.ProcessEnv): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), 'rookery-gateway-'));
  const env = {
    ...{ GATEWAY_PORT: '0', GATEWAY_METRICS_PORT: '0', REDIS_URL: 'redis://127.0.0.1:1' },
    ...{ MUTATION_URL: 'http://127.0.0.1:1', QUERY_URL: 'http://127.0.0.1:1' },
    INTERNAL_KEY_FILE: join(folder, 'internal-key.pem'),
    ...settings,
  };
  await using resources = new AsyncDisposableStack();
  resources.defer(() => rmSync(folder, { recursive: true, force: true }));
  // A start awaits the list of revoked sessions for five seconds, and nobody serves one here.
  const { revocationsUrl: _, ...options } = optionsFrom(readConfig(gatewaySettings, env));
  await startGateway(options, createLog('test', 'silent'), resources);
};

test('starts without any of these', () => start({}));

test.each<[NodeJS.ProcessEnv, string]>([
  [{ TLS_CERT_FILE: '/nowhere.pem' }, 'TLS_CERT_FILE and TLS_KEY_FILE go together'],
  [
    { TLS_CERT_FILE: '/no.crt', TLS_KEY_FILE: '/no.key' },
    "TLS_CERT_FILE and TLS_KEY_FILE are not readable: ENOENT: no such file or directory, open '/no.crt'",
  ],
  [
    {
      SUBGRAPH_URLS: 'shop=http://shop/graphql',
      SUBGRAPH_HEADERS: 'review=x-tenant',
      SUBGRAPH_POLICIES: '{"querry":{"timeout":3000}}',
    },
    'SUBGRAPH_URLS names shop; the supergraph has mutation, query\n' +
      'SUBGRAPH_POLICIES names querry; the supergraph has mutation, query\n' +
      'SUBGRAPH_HEADERS names review; the supergraph has mutation, query',
  ],
  [
    { SUBGRAPH_URLS: 'query=shop', SUBGRAPH_HEADERS: 'query=cookie', SUPERGRAPH_HEADERS: 'hunter2' },
    'SUBGRAPH_URLS is wrong: "query" is not an address that starts with http:// or https://\n' +
      'SUBGRAPH_HEADERS is wrong: cookie never goes from a client to a subgraph\n' +
      'SUPERGRAPH_HEADERS is wrong: part 1 is not name: value',
  ],
  [
    { TRUSTED_DOCUMENTS: '/manifest.json', TRUSTED_DOCUMENTS_HEADERS: 'authorization: hunter2' },
    'TRUSTED_DOCUMENTS_HEADERS is for an http(s) address in TRUSTED_DOCUMENTS',
  ],
  [
    { SUPERGRAPH_HEADERS: 'authorization: hunter2' },
    'SUPERGRAPH_HEADERS is for an http(s) address in SUPERGRAPH',
  ],
])('does not start with %o, and says why in a line for each setting', async (settings, lines) => {
  const refused = await start(settings).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(ConfigError);
  expect((refused as ConfigError).message).toBe(lines);
});
