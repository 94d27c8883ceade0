import { buildSubgraphSchema } from '@apollo/subgraph';
import { subgraphTypeDefs } from '@rookery/schema/graphql';
import {
  type Config,
  createHttp,
  createMetrics,
  type Logger,
  type SettingName,
  type SubgraphContext,
  serveSubgraph,
} from '@rookery/service';
import { openDocuments } from '@rookery/stores/documents';
import { openFeeds } from '@rookery/stores/feeds';
import { openQueue } from '@rookery/stores/queue';
import { createCandidates } from './candidates.ts';
import { createContext, type QueryContext, type Sources } from './context.ts';
import { createCursors } from './cursor.ts';
import { openHints } from './hints.ts';
import { serveLive } from './live/server.ts';
import { countStoreCalls, createQueryMetrics } from './metrics.ts';
import { trackProgress } from './progress.ts';
import { createReadAfter } from './read-after.ts';
import { readiness } from './readiness.ts';
import { resolvers } from './resolvers.ts';

/** What this process reads of the environment. */
export const querySettings = [
  'HOST',
  'QUERY_PORT',
  'DOCUMENTS_URL',
  'REDIS_URL',
  'NATS_URL',
  'INTERNAL_SECRET',
  'CURSOR_SECRET',
  'FEED_CAP',
  'FEED_IDLE_DAYS',
  'READ_AFTER_TIMEOUT',
  'QUEUE_MAX_BYTES',
  'QUEUE_REPLICAS',
  'QUEUE_ACK_TIMEOUT',
] as const satisfies readonly SettingName[];

export type QueryConfig = Config<(typeof querySettings)[number]>;

/**
 * Builds and starts the query subgraph. It starts whether or not the documents, Redis and the queue are there,
 * and finds each when it comes.
 * @param resources gets what is to be closed, in order
 * @returns the address at which it listens
 * @throws ConfigError
 */
export const startQuery = async (
  config: QueryConfig,
  log: Logger,
  resources: AsyncDisposableStack,
): Promise<string> => {
  const registry = createMetrics('query');
  const metrics = createQueryMetrics(registry);

  const documents = openDocuments(config.DOCUMENTS_URL, { log: log.child({ subsystem: 'documents' }) });
  resources.defer(() => documents.close());

  const feeds = openFeeds(config.REDIS_URL, {
    cap: config.FEED_CAP,
    idleDays: config.FEED_IDLE_DAYS,
    log: log.child({ subsystem: 'feeds' }),
  });
  resources.defer(() => feeds.close());
  countStoreCalls(registry, { documents, feeds });

  const queue = openQueue({
    url: config.NATS_URL,
    replicas: config.QUEUE_REPLICAS,
    maxBytes: config.QUEUE_MAX_BYTES,
    ackTimeout: config.QUEUE_ACK_TIMEOUT,
    log: log.child({ subsystem: 'queue' }),
  });
  resources.defer(() => queue.close());

  const hints = openHints(config.REDIS_URL, log.child({ subsystem: 'hints' }));
  resources.defer(() => hints.close());

  const progress = trackProgress(documents, hints, log.child({ subsystem: 'progress' }));
  resources.defer(() => progress.close());

  const sources: Sources = {
    documents,
    queue,
    hints,
    progress,
    readAfter: createReadAfter(documents, progress, config.READ_AFTER_TIMEOUT, log),
    candidates: createCandidates({
      documents,
      feeds,
      metrics,
      cap: config.FEED_CAP,
      log: log.child({ subsystem: 'candidates' }),
    }),
    cursors: createCursors(config.CURSOR_SECRET),
    metrics,
  };

  const app = createHttp({
    log,
    metrics: registry,
    ready: readiness({ documents, feeds, queue, progress }),
  });
  const schema = buildSubgraphSchema([{ typeDefs: subgraphTypeDefs('query'), resolvers }]);
  const secret = config.INTERNAL_SECRET;
  const context = (base: SubgraphContext): QueryContext => createContext(base, sources);
  await serveSubgraph({ app, schema, secret, log, context });
  const closeLive = serveLive({ app, schema, secret, context, log: log.child({ subsystem: 'live' }) });
  const address = await app.listen({ host: config.HOST, port: config.QUERY_PORT });
  resources.defer(() => app.close());
  // Before the server is closed: it would wait for the sockets.
  resources.defer(closeLive);
  return address;
};
