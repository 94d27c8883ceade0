import { type Config, type Logger, policyMetrics, type Registry } from '@rookery/service';
import { type Documents, openDocuments } from '@rookery/stores/documents';
import { type Feeds, openFeeds } from '@rookery/stores/feeds';
import { openConfiguredQueue, type Queue, queueSettings } from '@rookery/stores/queue';
import { type Candidates, createCandidates } from './candidates.ts';
import { type Cursors, createCursors } from './cursor.ts';
import { type Hints, openHints } from './hints.ts';
import { countStoreCalls, createQueryMetrics, type QueryMetrics } from './metrics.ts';
import { type ProgressTracker, trackProgress } from './progress.ts';
import { createReadAfter, type ReadAfter } from './read-after.ts';

/** What the process has, once, for all requests. */
export interface Sources {
  readonly documents: Documents;
  readonly feeds: Feeds;
  readonly queue: Queue;
  readonly hints: Hints;
  readonly progress: ProgressTracker;
  readonly readAfter: ReadAfter;
  readonly candidates: Candidates;
  readonly cursors: Cursors;
  readonly metrics: QueryMetrics;
}

/** What the sources read of the environment. */
export const sourceSettings = [
  'DOCUMENTS_URL',
  'REDIS_URL',
  'CURSOR_SECRET',
  'FEED_CAP',
  'FEED_IDLE_DAYS',
  'READ_AFTER_TIMEOUT',
  ...queueSettings,
] as const;

/**
 * Opens them, whether or not the documents, Redis and the queue are there; each is found when it comes.
 * @param resources gets what is to be closed
 * @throws ConfigError
 */
export const openSources = (
  config: Config<(typeof sourceSettings)[number]>,
  registry: Registry,
  log: Logger,
  resources: AsyncDisposableStack,
): Sources => {
  const logFor = (subsystem: string): Logger => log.child({ subsystem });
  const metrics = createQueryMetrics(registry);
  const policies = policyMetrics(registry);

  const documents = openDocuments(config.DOCUMENTS_URL, { log: logFor('documents') });
  resources.defer(() => documents.close());

  const feeds = openFeeds(config.REDIS_URL, {
    cap: config.FEED_CAP,
    idleDays: config.FEED_IDLE_DAYS,
    log: logFor('feeds'),
  });
  resources.defer(() => feeds.close());
  countStoreCalls(registry, { documents, feeds });

  const queue = openConfiguredQueue(config, logFor('queue'), { registry, policies });
  resources.defer(() => queue.close());

  const hints = openHints(config.REDIS_URL, logFor('hints'));
  resources.defer(() => hints.close());

  const progress = trackProgress(documents, hints, logFor('progress'));
  resources.defer(() => progress.close());

  return {
    documents,
    feeds,
    queue,
    hints,
    progress,
    readAfter: createReadAfter(documents, progress, config.READ_AFTER_TIMEOUT, logFor('read-after')),
    candidates: createCandidates({
      documents,
      feeds,
      metrics,
      cap: config.FEED_CAP,
      log: logFor('candidates'),
    }),
    cursors: createCursors(config.CURSOR_SECRET),
    metrics,
  };
};
