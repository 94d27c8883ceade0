import {
  armCrashPoint,
  type Config,
  createHttp,
  createMetrics,
  type Logger,
  policyMetrics,
  type SettingName,
} from '@rookery/service';
import { type Documents, openDocuments } from '@rookery/stores/documents';
import { eventStoreSettings, openConfiguredEventStore } from '@rookery/stores/event-store';
import { openFeeds } from '@rookery/stores/feeds';
import { MergedBatches, openConfiguredQueue, QueueMisconfigured, queueSettings } from '@rookery/stores/queue';
import { createLiveApply } from './apply-live.ts';
import { type Consumer, consume } from './consume.ts';
import { createFanOut } from './fan-out.ts';
import { createProjectorMetrics } from './metrics.ts';
import { createParking } from './parking.ts';
import { followProgress } from './progress.ts';
import { readProgress } from './progress-document.ts';
import { type Projection, projections } from './projections/index.ts';
import { Tail } from './tail.ts';

/** The settings that the projector reads. */
export const projectorSettings = [
  'NODE_ENV',
  'HOST',
  'PROJECTOR_PORT',
  ...eventStoreSettings,
  'REDIS_URL',
  'DOCUMENTS_URL',
  'FEED_CAP',
  'FEED_IDLE_DAYS',
  'FANOUT_LIMIT',
  ...queueSettings,
  'CRASH_POINT',
] as const satisfies readonly SettingName[];
export type ProjectorConfig = Config<(typeof projectorSettings)[number]>;

/** Events of a batch at the most. */
const batchSize = 256;

/**
 * Builds the projector and starts it, with a consumer for each projection. It starts without its stores too, and
 * waits for them; any number of projectors share the work.
 *
 * @returns the address of its health and metrics
 */
export const startProjector = async (
  config: ProjectorConfig,
  log: Logger,
  resources: AsyncDisposableStack,
): Promise<string> => {
  armCrashPoint(config);
  const registry = createMetrics('projector');
  const policies = policyMetrics(registry);
  const metrics = createProjectorMetrics(registry);

  const documents = openDocuments(config.DOCUMENTS_URL, { log: log.child({ subsystem: 'documents' }) });
  resources.defer(() => documents.close());
  const eventStore = openConfiguredEventStore(config, log.child({ subsystem: 'event-store' }), { policies });
  resources.defer(() => eventStore.close());
  const feeds = openFeeds(config.REDIS_URL, {
    cap: config.FEED_CAP,
    idleDays: config.FEED_IDLE_DAYS,
    log: log.child({ subsystem: 'feeds' }),
  });
  resources.defer(() => feeds.close());
  const queue = openConfiguredQueue(config, log.child({ subsystem: 'queue' }), { registry, policies });
  resources.defer(() => queue.close());

  const start = async ({ name, ...projection }: Projection): Promise<Consumer> => {
    const own = log.child({ projection: name });
    const fanOut = (live: Documents) =>
      createFanOut({
        documents: live,
        feeds,
        cap: config.FEED_CAP,
        limit: config.FANOUT_LIMIT,
        log: own.child({ subsystem: 'fan-out' }),
        onMissed: () => metrics.missed.inc(),
      });
    const progress = followProgress({ projection: name, queue, documents, feeds, log: own, metrics });
    resources.use(progress);
    const recorded = await queue.recorded(name, batchSize);
    // One queue alone has nothing new while its RECORDED is away; with two, recording goes on.
    const batches =
      config.NATS_REDUNDANT_URL === undefined
        ? recorded
        : new MergedBatches([
            recorded,
            new Tail({
              store: eventStore,
              queue,
              position: async () => (await readProgress(documents, name)).position,
              applied: progress.passed,
              log: own,
            }),
          ]);
    const consumer = consume({
      projection: name,
      batches,
      apply: createLiveApply({ name, ...projection }, { documents, fanOut }),
      documents,
      parking: createParking({ projection: name, eventStore, log: own, metrics }),
      progress,
      log: own,
      metrics,
    });
    return resources.use(consumer);
  };

  // A store that is away now will come: then the first batch finds it missing its tables, and makes them.
  await documents
    .prepare()
    .catch((error: unknown) => log.warn({ error }, 'the documents are not prepared yet'));
  await queue.prepare().catch((error: unknown) => {
    if (error instanceof QueueMisconfigured) throw error;
  });
  const consumers = await Promise.all(projections.map(start));

  const http = createHttp({
    log,
    metrics: registry,
    ready: {
      queue: () => queue.ping(),
      documents: () => documents.ping(),
      feeds: () => feeds.ping(),
      projections: () => Promise.all(consumers.map((consumer) => consumer.check())),
    },
  });
  resources.defer(() => http.close());
  return http.listen({ host: config.HOST, port: config.PROJECTOR_PORT });
};
