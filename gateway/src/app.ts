import './telemetry/apollo-telemetry.ts';
import { createHttp } from '@rookery/http-server';
import { createMetrics, type Listening, type Logger, policyMetrics, serveMetrics } from '@rookery/runtime';
import { openSigningKeys } from '@rookery/runtime/signing-keys';
import { Authenticate, type Session } from './auth/authenticate.ts';
import { InternalTokens } from './auth/internal-tokens.ts';
import { Revocations } from './auth/revocations.ts';
import { trustedProxies } from './http/client-address.ts';
import { HeaderPropagation } from './http/client-headers.ts';
import { Origins } from './http/cors.ts';
import { serveGraphiql } from './http/graphiql.ts';
import { serveGraphqlHttp } from './http/graphql-http.ts';
import { serveLanding } from './http/landing.ts';
import { servePlainPosts } from './http/plain-posts.ts';
import { setSecurityHeaders } from './http/security-headers.ts';
import { tlsServer } from './http/tls.ts';
import type { GatewayOptions } from './options.ts';
import { policiesOfToken } from './permissions/grants.ts';
import { Permissions } from './permissions/permissions.ts';
import { AutomaticQueries } from './persisted/automatic.ts';
import { PersistedQueries } from './persisted/resolve.ts';
import { TrustedDocuments } from './persisted/trusted.ts';
import { Operations } from './pipeline/operations.ts';
import { OperationRates } from './rate-limit/operation-rates.ts';
import { SharedBuckets } from './rate-limit/shared-buckets.ts';
import { awaitRedis, connectRedis } from './redis.ts';
import { connectRegistry } from './registry/connect.ts';
import { UsageReports } from './registry/usage-reports.ts';
import { HttpStreams } from './sse/http-streams.ts';
import { defaultResilience } from './subgraphs/resilience.ts';
import { SubgraphClient } from './subgraphs/subgraph-client.ts';
import { type LiveConnection, LiveConnections } from './subscriptions/live-connections.ts';
import { Subscriptions } from './subscriptions/subscribe.ts';
import { checkNamedSubgraphs, logUnknownSubgraphs, urlOfSubgraph } from './supergraph/addresses.ts';
import { type SupergraphOutcome, SupergraphSource } from './supergraph/source.ts';
import { Supergraph } from './supergraph/supergraph.ts';
import { AccessLog } from './telemetry/access-log.ts';
import { gatewayMetrics, watchCertificate, watchSubgraphs } from './telemetry/metrics.ts';
import { closeCodes } from './websocket/close-codes.ts';
import { WebSockets } from './websocket/web-socket.ts';

export { defaultLimits, type GatewayLimits, limitSettings } from './limits/limits.ts';
export {
  type GatewayOptions,
  gatewaySettings,
  optionsFrom,
} from './options.ts';
export { type ResilienceSetting, resilienceBySubgraph } from './subgraphs/resilience.ts';
export { closeCodes } from './websocket/close-codes.ts';

/** Common inputs of the parts of the gateway. */
interface Base {
  readonly options: GatewayOptions;
  readonly log: Logger;
  readonly resources: AsyncDisposableStack;
  readonly registry: ReturnType<typeof createMetrics>;
  readonly metrics: ReturnType<typeof gatewayMetrics>;
  readonly tokens: InternalTokens;
}

/** Parts that both transports pass requests to. */
interface Handlers {
  readonly operations: Operations;
  readonly authenticate: Authenticate;
  readonly accessLog: AccessLog;
  readonly tokens: InternalTokens;
  readonly headerPropagation: HeaderPropagation;
  readonly log: Logger;
}

/**
 * Builds and starts the gateway. Its resources go onto `resources`; disposing of them is a graceful stop: not
 * ready, no new connections, sockets closed with 1001, running requests answered.
 */
export const startGateway = async (
  options: GatewayOptions,
  log: Logger,
  resources: AsyncDisposableStack,
): Promise<Listening> => {
  const { limits } = options;
  const registry = createMetrics('gateway');
  const tokens = await openTokens(options, log, resources);
  const metricsUrl = await serveMetricsAndKeys(options, registry, tokens, resources);
  const metrics = gatewayMetrics(registry);
  const base: Base = { options, log, resources, registry, metrics, tokens };

  const { source, supergraph, onOutcome } = createSupergraph(base);
  const subscriptions = createSubscriptions(base);
  const connections = new LiveConnections();
  const { revocations, authenticate } = createSessions(base, connections);
  const usage = options.usage && resources.use(new UsageReports(options.usage, log));
  const accessLog = new AccessLog(log, metrics, usage?.operations);
  const headerPropagation = new HeaderPropagation(options.subgraphHeaders);
  const origins = new Origins(options.origins, log);
  const redis =
    options.redisUrl === undefined ? undefined : resources.use(connectRedis(options.redisUrl, log));
  const operations = await createOperations(base, supergraph, subscriptions, redis, usage);
  await Promise.all([supergraph.load(), revocations.start(), redis && awaitRedis(redis)]);
  prepareReplacements(base, supergraph, connections);
  void source?.follow((sdl) => supergraph.replace(sdl), onOutcome);

  const handlers = { operations, authenticate, accessLog, tokens, headerPropagation, log };
  const streams = new HttpStreams({
    connections,
    metrics,
    streamsPerConnection: limits.operationsPerSocket,
    log,
  });
  const trustedProxy = trustedProxies(options.trustedProxies ?? []);
  const stopping = new AbortController();
  const app = await createApp(base, handlers, { supergraph, origins, streams, trustedProxy, stopping });
  const sockets = new WebSockets({
    ...handlers,
    server: app.server,
    supergraph,
    origins,
    trustedProxy,
    metrics,
    maxMessage: limits.bodyBytes,
    operationsPerSocket: limits.operationsPerSocket,
    initTimeoutMs: limits.initTimeoutMs,
    connections,
  });
  resources.defer(async () => {
    stopping.abort();
    sockets.drain();
    streams.drain();
    // Still listening, so that whoever balances the load hears that it is not ready any more.
    const { closed } = await connections.closeGently(() => true, closeCodes.goingAway, limits.drainSpreadMs);
    await Promise.all([closed, app.close()]);
    sockets.close();
  });
  const listening = await app.listen(options.listen);
  const url = options.tls === undefined ? listening : listening.replace(/^http:/, 'https:');
  log.info({ url, metricsUrl }, 'listening');
  return { url, metricsUrl };
};

const openTokens = async (
  { internalKeyFiles: files }: GatewayOptions,
  log: Logger,
  resources: AsyncDisposableStack,
): Promise<InternalTokens> =>
  new InternalTokens(resources.use(await openSigningKeys({ files, setting: 'INTERNAL_KEY_FILE', log })));

/**
 * Serves metrics and the keys of internal tokens on the address that clients can't reach. Subgraphs verify by these keys,
 * so they must be served before the first request to a subgraph.
 */
const serveMetricsAndKeys = (
  options: GatewayOptions,
  registry: Base['registry'],
  tokens: InternalTokens,
  resources: AsyncDisposableStack,
): Promise<string> =>
  serveMetrics(registry, options.metrics, resources, {
    '/.well-known/gateway-keys.json': () => ({
      type: 'application/jwk-set+json',
      body: JSON.stringify(tokens.keySet),
    }),
  });

/** Creates the supergraph and the clients of its subgraphs. The source is undefined if the supergraph is fixed. */
const createSupergraph = ({ options, log, resources, registry, metrics }: Base) => {
  const { supergraph: given, limits } = options;
  const policies = policyMetrics(registry);
  const source = typeof given === 'string' ? undefined : resources.use(new SupergraphSource(given, log));
  const registryReports = connectRegistry(options.registry, source, log, resources);
  const onOutcome = (outcome: SupergraphOutcome) => {
    metrics.supergraphs.inc({ outcome: outcome.what });
    registryReports?.note(outcome);
  };
  const supergraph = resources.use(
    new Supergraph({
      first: (serve) => (source ? source.first(serve, registryReports?.note) : serve(String(given))),
      log,
      limits,
      introspection: !options.production,
      keepReplacedMs: limits.requestTimeoutMs,
      overrides: options.overrides,
      onPlan: (cached) => metrics.plans.inc({ cache: cached ? 'hit' : 'miss' }),
      onJoin: () => metrics.joinedQueries.inc(),
      urlOf: (name, routingUrl) => urlOfSubgraph(options, name, routingUrl),
      connect: (name, url) =>
        new SubgraphClient({
          name,
          url,
          log,
          metrics,
          policies,
          resilience: options.resilience[name] ?? defaultResilience,
          requestTimeoutMs: limits.requestTimeoutMs,
          maxBytes: limits.subgraphBytes,
        }),
    }),
  );
  watchSubgraphs(registry, () => (supergraph.isLoaded ? supergraph.subgraphs : new Map()));
  return { source, supergraph, onOutcome };
};

const createSubscriptions = ({ options: { limits }, log, resources, metrics, tokens }: Base): Subscriptions =>
  resources.use(
    new Subscriptions({
      tokens,
      bufferedEvents: limits.bufferedEvents,
      recovery: limits.recovery,
      maxBytes: limits.subgraphBytes,
      metrics,
      log,
    }),
  );

/** Creates the checks of client tokens. A connection is closed once its session is revoked. */
const createSessions = ({ options, log, resources, tokens }: Base, connections: LiveConnections) => {
  const revocations = resources.use(
    new Revocations({
      url: options.revocationsUrl,
      tokens,
      // Each time all of them: one may have been opened while its session was being revoked.
      onLook: () =>
        connections.closeWhere(
          ({ session }) => session !== undefined && revocations.isRevoked(session),
          closeCodes.revoked,
        ),
      log,
    }),
  );
  const isRevoked = (session: Session) => revocations.isRevoked(session);
  const authenticate = resources.use(new Authenticate({ ...options.tokens, isRevoked, log }));
  return { revocations, authenticate };
};

const createOperations = async (
  { options, log, resources }: Base,
  supergraph: Supergraph,
  subscriptions: Subscriptions,
  redis: ReturnType<typeof connectRedis> | undefined,
  usage: UsageReports | undefined,
): Promise<Operations> => {
  const { limits, production, rateLimits, policies = policiesOfToken } = options;
  const trusted =
    options.trustedDocuments &&
    resources.use(await TrustedDocuments.load({ ...options.trustedDocuments, log }));
  return new Operations({
    supergraph,
    subscriptions,
    persistedQueries: new PersistedQueries({ automatic: new AutomaticQueries({ redis, log }), trusted }),
    limits,
    rates: rateLimits && new OperationRates(resources.use(new SharedBuckets(redis, log)), rateLimits),
    permissions: new Permissions({ policies, log }),
    usage,
    hints: !production,
    log,
  });
};

/**
 * Prepares for replacements of the supergraph: clients with live operations reconnect after each.
 * @throws Error if a setting names a subgraph that the supergraph lacks
 */
const prepareReplacements = (
  { options, log }: Base,
  supergraph: Supergraph,
  connections: LiveConnections,
): void => {
  const subgraphNames = () => new Set(supergraph.subgraphs.keys());
  checkNamedSubgraphs(options, subgraphNames());
  const isLive = ({ subscriptions: running }: LiveConnection) => running > 0;
  supergraph.onReplaced(() => logUnknownSubgraphs(options, subgraphNames(), log));
  supergraph.onReplaced(
    () => void connections.closeGently(isLive, closeCodes.schemaChanged, options.limits.drainSpreadMs),
  );
};

interface AppParts {
  readonly supergraph: Supergraph;
  readonly origins: Origins;
  readonly streams: HttpStreams;
  readonly trustedProxy: ReturnType<typeof trustedProxies>;
  readonly stopping: AbortController;
}

/** Creates the HTTP server, which does not listen yet. */
const createApp = async (
  { options: { limits, production, tls }, log, registry }: Base,
  handlers: Handlers,
  { supergraph, origins, streams, trustedProxy, stopping }: AppParts,
) => {
  const onCertificate = watchCertificate(registry);
  const app = createHttp({
    log,
    bodyLimit: limits.bodyBytes,
    receiveTimeoutMs: limits.requestTimeoutMs,
    lingerMs: limits.lingerMs,
    trustProxy: trustedProxy,
    ...(tls && {
      serve: (handler) =>
        tlsServer(
          {
            ...tls,
            receiveTimeoutMs: limits.requestTimeoutMs,
            onCertificate,
            log,
          },
          handler,
        ),
    }),
    // A loaded supergraph is enough: a subgraph that is down must not take the whole API out of rotation.
    ready: {
      own: {
        gateway: async () => {
          if (stopping.signal.aborted) throw new Error('stopping');
        },
        supergraph: async () => supergraph.graph,
      },
    },
  });
  setSecurityHeaders(app);
  await origins.register(app);
  const calls = { ...handlers, batch: limits.batch };
  await serveGraphqlHttp(app, { ...calls, streams });
  if (!production) await serveGraphiql(app);
  serveLanding(app, { graphiql: !production });
  servePlainPosts(app, { ...calls, origins, trustedProxy, bodyLimit: limits.bodyBytes });
  return app;
};
