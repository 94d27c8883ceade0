import { buildSubgraphSchema } from '@apollo/subgraph';
import { openDocuments } from '@rookery/document-store';
import { eventStoreSettings, openConfiguredEventStore } from '@rookery/failover/event-store';
import { openConfiguredQueue, queueSettings } from '@rookery/failover/queue';
import { createCursors } from '@rookery/graphql-server/cursor';
import { serveSubgraph } from '@rookery/graphql-server/subgraph';
import { createHttp, subgraphConnections } from '@rookery/http-server';
import {
  armCrashPoint,
  type Config,
  createMetrics,
  type Listening,
  type Logger,
  openWatchedSecrets,
  policyMetrics,
  type SettingName,
  serveMetrics,
} from '@rookery/runtime';
import { subgraphTypeDefs } from '@rookery/schema/graphql';
import { createGatewayVerifier } from '@rookery/subgraph-auth';
import { createAccounts } from './accounts/accounts.ts';
import { openAccountDatabase } from './accounts/database.ts';
import { openHandleTable } from './accounts/handle-table.ts';
import { startOutboxSweep } from './accounts/outbox.ts';
import { createPasswords } from './accounts/passwords.ts';
import { createPush } from './accounts/push.ts';
import { openPushTable } from './accounts/push-table.ts';
import { openSessionTable } from './accounts/sessions.ts';
import { openAccountTable } from './accounts/table.ts';
import { createClock } from './clock.ts';
import type { MutationContext } from './context.ts';
import { createExecute } from './execute.ts';
import { createLookup } from './lookup.ts';
import { createCommandMetrics } from './metrics.ts';
import { readiness } from './readiness.ts';
import { resolvers } from './resolvers.ts';
import { serveRevocations } from './revocations-route.ts';
import { openTokens } from './tokens.ts';

/** Settings of the mutation subgraph. */
export const mutationSettings = [
  'NODE_ENV',
  'HOST',
  'MUTATION_PORT',
  'METRICS_HOST',
  'MUTATION_METRICS_PORT',
  'DOCUMENTS_URL',
  'GATEWAY_KEYS_URL',
  'CURSOR_SECRET',
  'TOKEN_KEY_FILE',
  'TOKEN_ISSUER',
  'TOKEN_AUDIENCE',
  'TOKEN_TTL',
  'REFRESH_TTL',
  'SESSION_TTL',
  'HANDLE_RESERVATION',
  'PUSH_SERVICES',
  'LOOKUP_TIMEOUT',
  ...eventStoreSettings,
  ...queueSettings,
  'CRASH_POINT',
] as const satisfies readonly SettingName[];

export type MutationConfig = Config<(typeof mutationSettings)[number]>;

/**
 * Builds and starts the mutation subgraph. It starts whether or not Postgres, the queue and the documents are
 * there, and finds each when it comes.
 * @param resources gets what is to be closed, in order
 * @param options.now this process's clock, in milliseconds since the epoch; tests set it wrong
 * @param options.lingerMs how long a stop waits for clients to leave unused connections; tests do not wait
 * @returns the addresses at which it and its metrics answer
 * @throws ConfigError
 */
export const startMutation = async (
  config: MutationConfig,
  log: Logger,
  resources: AsyncDisposableStack,
  {
    now = Date.now,
    lingerMs = subgraphConnections.lingerMs,
  }: { readonly now?: () => number; readonly lingerMs?: number } = {},
): Promise<Listening> => {
  armCrashPoint(config);
  const registry = createMetrics('mutation');
  const metricsUrl = await serveMetrics(
    registry,
    { host: config.METRICS_HOST, port: config.MUTATION_METRICS_PORT },
    resources,
  );
  const policies = policyMetrics(registry);
  const metrics = createCommandMetrics(registry);
  const clock = createClock(now);
  const tokens = resources.use(
    await openTokens({
      keyFiles: config.TOKEN_KEY_FILE,
      issuer: config.TOKEN_ISSUER,
      audience: config.TOKEN_AUDIENCE,
      ttlSeconds: config.TOKEN_TTL,
      log: log.child({ subsystem: 'tokens' }),
    }),
  );
  const passwords = await createPasswords();

  const queue = await openConfiguredQueue(config, log.child({ subsystem: 'queue' }), { registry, policies });
  resources.defer(() => queue.close());
  // Not awaited: it completes by itself once the server is up. A permanent problem shows in readiness and
  // log.
  queue.prepare().catch((error) => log.warn({ error }, 'the queue is not prepared yet'));

  const documents = await openDocuments(config.DOCUMENTS_URL, { log: log.child({ subsystem: 'documents' }) });
  resources.defer(() => documents.close());

  const events = await openConfiguredEventStore(config, log.child({ subsystem: 'event-store' }), {
    policies,
  });
  resources.defer(() => events.close());

  const database = openAccountDatabase(config.POSTGRES_URL, log.child({ subsystem: 'accounts' }));
  resources.defer(() => database.close());
  const table = openAccountTable(database);
  const sessions = openSessionTable(database, { ttlSeconds: config.TOKEN_TTL });
  const handles = openHandleTable(database, { reservedSeconds: config.HANDLE_RESERVATION });
  resources.use(startOutboxSweep(table, queue, log.child({ subsystem: 'outbox' })));

  const cursorSecrets = resources.use(
    openWatchedSecrets({
      value: config.CURSOR_SECRET,
      setting: 'CURSOR_SECRET',
      log: log.child({ subsystem: 'cursors' }),
    }),
  );
  const cursors = createCursors(cursorSecrets);
  const lookup = createLookup(documents, queue, events, cursors, log.child({ subsystem: 'lookup' }), {
    timeoutMs: config.LOOKUP_TIMEOUT,
    metrics: policies,
  });
  const execute = createExecute({ queue, lookup, clock, sessions, metrics });
  const accounts = createAccounts({
    ...{ table, sessions, handles, queue, passwords, tokens, clock, metrics },
    lifetimes: { idleSeconds: config.REFRESH_TTL, totalSeconds: config.SESSION_TTL },
  });

  const push = createPush({ table: openPushTable(database), events, services: config.PUSH_SERVICES });
  const app = createHttp({ ...subgraphConnections, lingerMs, log, ready: readiness(queue, table) });
  app.get('/.well-known/jwks.json', async (_request, reply) =>
    reply
      .header('cache-control', 'public, max-age=60')
      .type('application/jwk-set+json')
      .send(tokens.keySet()),
  );
  const verifier = createGatewayVerifier({ keysUrl: config.GATEWAY_KEYS_URL, audience: 'mutation' });
  serveRevocations(app, sessions, verifier, log);
  await serveSubgraph<MutationContext>({
    app,
    schema: buildSubgraphSchema([{ typeDefs: subgraphTypeDefs('mutation'), resolvers }]),
    verifier,
    log,
    context: (base) => ({ ...base, execute, accounts, push }),
  });
  const url = await app.listen({ host: config.HOST, port: config.MUTATION_PORT });
  resources.defer(() => app.close());
  return { url, metricsUrl };
};
