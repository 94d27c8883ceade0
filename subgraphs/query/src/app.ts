import { buildSubgraphSchema } from '@apollo/subgraph';
import { type SubgraphContext, serveSubgraph } from '@rookery/graphql-server/subgraph';
import { type SubscriptionStart, subscriptionStart } from '@rookery/graphql-server/subscribe';
import { createHttp, subgraphConnections } from '@rookery/http-server';
import {
  type Config,
  createMetrics,
  type Listening,
  type Logger,
  type SettingName,
  serveMetrics,
} from '@rookery/runtime';
import { subgraphTypeDefs } from '@rookery/schema/graphql';
import { createGatewayVerifier } from '@rookery/subgraph-auth';
import { createContext } from './context.ts';
import { flowReader, watchFlow } from './flow.ts';
import { serveLive } from './live/server.ts';
import { pushSettings, startPush } from './push/push.ts';
import { readiness } from './readiness.ts';
import { resolvers } from './resolvers.ts';
import { openSources, sourceSettings } from './sources.ts';

/** Settings of the query subgraph. */
export const querySettings = [
  'HOST',
  'QUERY_PORT',
  'METRICS_HOST',
  'QUERY_METRICS_PORT',
  'GATEWAY_KEYS_URL',
  ...sourceSettings,
  ...pushSettings,
] as const satisfies readonly SettingName[];

export type QueryConfig = Config<(typeof querySettings)[number]>;

/**
 * Builds and starts the query subgraph. It starts whether or not the documents, Redis and the queue are there,
 * and finds each when it comes.
 * @param resources gets what is to be closed, in order
 * @param options.lingerMs how long a stop waits for clients to leave unused connections; tests do not wait
 * @param options.livePollMs time after which a subscription looks without a hint; tests of hints let none look
 * @returns the addresses at which it and its metrics answer
 * @throws ConfigError
 */
export const startQuery = async (
  config: QueryConfig,
  log: Logger,
  resources: AsyncDisposableStack,
  {
    lingerMs = subgraphConnections.lingerMs,
    livePollMs,
  }: { readonly lingerMs?: number; readonly livePollMs?: number } = {},
): Promise<Listening> => {
  const metrics = createMetrics('query');
  const metricsUrl = await serveMetrics(
    metrics,
    { host: config.METRICS_HOST, port: config.QUERY_METRICS_PORT },
    resources,
  );
  const opened = await openSources(config, metrics, log, resources);
  const vapid = await startPush(config, opened, log.child({ subsystem: 'push' }), resources);
  const sources = { ...opened, pushKey: vapid?.publicKey, livePollMs };
  const app = createHttp({ ...subgraphConnections, lingerMs, log, ready: readiness(sources) });
  const served = {
    app,
    schema: buildSubgraphSchema([{ typeDefs: subgraphTypeDefs('query'), resolvers }]),
    verifier: createGatewayVerifier({ keysUrl: config.GATEWAY_KEYS_URL, audience: 'query' }),
    context: (base: SubgraphContext, start: SubscriptionStart = subscriptionStart(undefined)) =>
      createContext({ ...base, ...start }, sources),
  };
  const readFlow = flowReader(sources);
  watchFlow(metrics, readFlow);
  app.get('/health/flow', async (_request, reply) => {
    const flow = await readFlow();
    return reply.code(flow.flowing ? 200 : 503).send(flow);
  });
  await serveSubgraph({ ...served, log });
  const closeLive = serveLive({ ...served, log: log.child({ subsystem: 'live' }) });
  const url = await app.listen({ host: config.HOST, port: config.QUERY_PORT });
  resources.defer(() => app.close());
  // Closed first: the server would wait for the sockets.
  resources.defer(closeLive);
  return { url, metricsUrl };
};
