import { type Documents, openDocuments } from '@rookery/document-store';
import { eventStoreSettings, openConfiguredEventStore } from '@rookery/failover/event-store';
import { openConfiguredQueue, queueSettings } from '@rookery/failover/queue';
import { standbySettings, startConfiguredStandbys } from '@rookery/failover/standby-read-models';
import { openFeeds } from '@rookery/feeds';
import { QueueMisconfiguredError } from '@rookery/message-queue';
import { type Projection, projections } from '@rookery/read-models/reducers';
import {
  armCrashPoint,
  type Config,
  createMetrics,
  type Listening,
  type Logger,
  policyMetrics,
  type SettingName,
  serveHealth,
  serveMetrics,
} from '@rookery/runtime';
import { Checkpoints } from './checkpoint.ts';
import type { Consumer } from './consume.ts';
import { EventPages } from './event-pages.ts';
import { createProjectorMetrics } from './metrics.ts';
import { startProjection } from './start-projection.ts';
import { createTurns } from './turns.ts';

/** The settings that the projector reads. */
export const projectorSettings = [
  'NODE_ENV',
  'HOST',
  'PROJECTOR_PORT',
  'METRICS_HOST',
  'PROJECTOR_METRICS_PORT',
  ...eventStoreSettings,
  'REDIS_URL',
  'DOCUMENTS_URL',
  ...standbySettings,
  'FEED_CAP',
  'FEED_IDLE_DAYS',
  'FANOUT_LIMIT',
  'CATCH_UP_FROM',
  ...queueSettings,
  'BACKGROUND_NICENESS',
  'CRASH_POINT',
] as const satisfies readonly SettingName[];
export type ProjectorConfig = Config<(typeof projectorSettings)[number]>;

/**
 * Builds and starts the projector, with a consumer for each projection. If its stores are down, it starts
 * anyway and waits for them. Any number of projectors share the work.
 *
 * @returns the addresses of its health and metrics endpoints
 */
export const startProjector = async (
  config: ProjectorConfig,
  log: Logger,
  resources: AsyncDisposableStack,
): Promise<Listening> => {
  armCrashPoint(config);
  const registry = createMetrics('projector');
  const metricsUrl = await serveMetrics(
    registry,
    { host: config.METRICS_HOST, port: config.PROJECTOR_METRICS_PORT },
    resources,
  );
  const policies = policyMetrics(registry);
  const metrics = createProjectorMetrics(registry);

  const documents = await openDocuments(config.DOCUMENTS_URL, { log: log.child({ subsystem: 'documents' }) });
  resources.defer(() => documents.close());
  const eventStore = await openConfiguredEventStore(config, log.child({ subsystem: 'event-store' }), {
    policies,
  });
  resources.defer(() => eventStore.close());
  const feeds = openFeeds(config.REDIS_URL, {
    cap: config.FEED_CAP,
    idleDays: config.FEED_IDLE_DAYS,
    log: log.child({ subsystem: 'feeds' }),
  });
  resources.defer(() => feeds.close());
  const queue = await openConfiguredQueue(config, log.child({ subsystem: 'queue' }), { registry, policies });
  resources.defer(() => queue.close());

  const checkpoints = new WeakMap<Documents, Checkpoints>();
  const checkpointsIn = (store: Documents): Checkpoints => {
    const known = checkpoints.get(store) ?? new Checkpoints(store);
    checkpoints.set(store, known);
    return known;
  };
  const shared = {
    config,
    eventStore,
    queue,
    turns: createTurns(),
    pages: new EventPages(eventStore),
    checkpointsIn,
    metrics,
    log,
  };
  const start = async (projection: Projection): Promise<Consumer> => {
    const target = { consumer: projection.name, document: projection.name, documents, feeds };
    return resources.use(await startProjection(projection, target, shared));
  };

  // A store that is down comes back by itself: its first batch then creates the missing tables.
  await documents
    .prepare()
    .catch((error: unknown) =>
      log.warn({ error }, 'the document store is not prepared yet; its first batch prepares it'),
    );
  await queue.prepare().catch((error: unknown) => {
    if (error instanceof QueueMisconfiguredError) throw error;
  });
  const consumers = await Promise.all(projections.map(start));
  const standbys = await startConfiguredStandbys(
    config,
    {
      documents,
      queue,
      projections,
      start: (projection, target, log, watch) =>
        startProjection(projection, target, { ...shared, log }, watch),
      log,
    },
    resources,
  );

  const url = await serveHealth(
    {
      log,
      // No load balancer sends requests here, so a dependency that is down takes nothing out of rotation.
      ready: {
        own: {
          queue: () => queue.ping(),
          documents: () => documents.ping(),
          projections: () => Promise.all([...consumers, ...standbys].map((consumer) => consumer.check())),
        },
        shown: { feeds: () => feeds.ping() },
      },
    },
    { host: config.HOST, port: config.PROJECTOR_PORT },
    resources,
  );
  return { url, metricsUrl };
};
