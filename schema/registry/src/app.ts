import type { AddressInfo } from 'node:net';
import { createHttp } from '@rookery/http-server';
import {
  createMetrics,
  type ListenAddress,
  type Listening,
  type Logger,
  serveMetrics,
} from '@rookery/runtime';
import { openSigningKeys } from '@rookery/runtime/signing-keys';
import { Announcer } from './announcer.ts';
import { Checks } from './checks.ts';
import { Composer } from './compose/composer.ts';
import { Deliveries } from './deliveries.ts';
import { answerErrors } from './http/errors.ts';
import { addRoutes } from './http/routes.ts';
import { Manifests } from './manifests.ts';
import { Operations } from './operations.ts';
import { addPage } from './page/routes.ts';
import { PublicKeysFile } from './public-keys-file.ts';
import { Registry } from './registry.ts';
import { Retention } from './retention.ts';
import { Database } from './storage/database.ts';
import { TokenVerifier } from './storage/tokens.ts';
import { type WebhookOptions, WebhookSender } from './webhooks/sender.ts';

/** Everything that a registry is made from: no part of it reads the environment. */
export interface RegistryServerOptions {
  readonly listen: ListenAddress;
  readonly metrics: ListenAddress;
  readonly postgresUrl: string;
  /** NATS over which launches are announced; undefined: gateways find them by polling. */
  readonly natsUrl?: string | undefined;
  /** Ed25519 private keys: the first signs (created if it does not exist), all are published. */
  readonly keyFiles: readonly string[];
  /** File for the public keys, which gateways read; undefined: it is not written. */
  readonly publicKeysFile?: string | undefined;
  /** Days for which usage, reports of checks and deliveries of webhooks are kept. */
  readonly keepDays: number;
  readonly webhooks: WebhookOptions;
  /** Milliseconds for which a stop waits for clients to leave unused connections. Default: that of the HTTP server. */
  readonly lingerMs?: number;
}

/**
 * Builds and starts the registry's server. Its resources go onto `resources`; disposing of them answers running requests
 * first.
 */
export const startRegistry = async (
  {
    listen,
    metrics,
    postgresUrl,
    natsUrl,
    keyFiles,
    publicKeysFile,
    keepDays,
    webhooks,
    lingerMs,
  }: RegistryServerOptions,
  log: Logger,
  resources: AsyncDisposableStack,
): Promise<Listening> => {
  const keys = resources.use(await openSigningKeys({ files: keyFiles, setting: 'REGISTRY_KEY_FILE', log }));
  if (publicKeysFile !== undefined) resources.use(await PublicKeysFile.open(publicKeysFile, keys, log));
  const metricsUrl = await serveMetrics(createMetrics('registry'), metrics, resources, {
    '/.well-known/registry-keys.json': () => ({
      type: 'application/jwk-set+json',
      body: JSON.stringify(keys.current.published),
    }),
  });
  const database = resources.use(new Database(postgresUrl, log));
  const composer = resources.use(new Composer(log));
  const announcer = natsUrl === undefined ? undefined : resources.use(new Announcer(natsUrl, log));
  const registry = new Registry({
    database,
    composer,
    onLaunch: (launch) => announcer?.announce(launch),
    log,
  });
  const deliveries = new Deliveries(database, keys, log);
  const manifests = new Manifests(database, log);
  const operations = new Operations({ database, composer, log });
  const tokens = new TokenVerifier(database);
  // Without Postgres it still delivers what it delivered last.
  const app = createHttp({
    log,
    ready: { own: { registry: async () => {} } },
    ...(lingerMs === undefined ? {} : { lingerMs }),
  });
  answerErrors(app, log);
  const checks = new Checks(database, composer);
  addRoutes(app, { registry, checks, operations, database, deliveries, manifests, tokens, composer });
  addPage(app, { registry, database, composer, tokens, log });
  await app.listen(listen);
  resources.defer(() => app.close());
  resources.use(new Retention({ database, keepDays, log }));
  resources.use(new WebhookSender(database, webhooks, log));
  database
    .ready()
    .catch(({ message }: Error) =>
      log.warn(
        { reason: message },
        'the storage is unavailable; it is prepared by the first request that reaches it',
      ),
    );
  const { address, port } = app.server.address() as AddressInfo;
  return { url: `http://${address.includes(':') ? `[${address}]` : address}:${port}`, metricsUrl };
};
