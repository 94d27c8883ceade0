import { type Documents, openDocuments } from '@rookery/document-store';
import { openConfiguredQueue, queueSettings } from '@rookery/failover/queue';
import { openReadReplicas, type ReadReplicas } from '@rookery/failover/read-replicas';
import { type Feeds, openFeeds } from '@rookery/feeds';
import type { Queue } from '@rookery/message-queue';
import { type Projection, standbyOf } from '@rookery/read-models';
import {
  type Config,
  type Logger,
  openWatchedSecrets,
  type PolicyMetrics,
  policyMetrics,
  type Registry,
  type SettingName,
} from '@rookery/runtime';
import { type Cursors, createCursors } from './cursor.ts';
import { type Hints, noHints, openHints } from './hints.ts';
import { countStoreCalls, createQueryMetrics, type QueryMetrics } from './metrics.ts';
import { openQueryReplica, type QueryReplica, type ReplicaName } from './query-replica.ts';

/** Resources of the process for all requests. */
export interface Sources {
  /** Replicas of documents, feeds, hints and progress. */
  readonly replicas: ReadReplicas<QueryReplica>;
  /** Hints of the replica that is read, whichever it is. */
  readonly hints: Hints;
  /** The stores of the replicas, for pings and figures. */
  readonly stores: { readonly documents: readonly Documents[]; readonly feeds: readonly Feeds[] };
  readonly queue: Queue;
  readonly cursors: Cursors;
  readonly metrics: QueryMetrics;
  /** Public key for Web Push; absent if nothing is pushed. */
  readonly pushKey?: string | undefined;
  /** Time after which a subscription looks without a hint, while hints can come. Default: 8 s */
  readonly livePollMs?: number | undefined;
}

/** Settings of the sources. */
export const sourceSettings = [
  'DOCUMENTS_URL',
  'DOCUMENTS_READ_URL',
  'DOCUMENTS_STANDBY_URL',
  'REDIS_URL',
  'REDIS_STANDBY_URL',
  'CURSOR_SECRET',
  'FEED_CAP',
  'FEED_IDLE_DAYS',
  'READ_AFTER_TIMEOUT',
  ...queueSettings,
] as const satisfies readonly SettingName[];
export type SourceConfig = Config<(typeof sourceSettings)[number]>;

/**
 * Opens them, whether or not the documents, Redis and the queue are there; each is found when it comes.
 * @param resources gets what is to be closed
 * @throws ConfigError
 */
export const openSources = async (
  config: SourceConfig,
  registry: Registry,
  log: Logger,
  resources: AsyncDisposableStack,
): Promise<Sources> => {
  const metrics = createQueryMetrics(registry);
  const policies: PolicyMetrics = policyMetrics(registry);
  const { DOCUMENTS_READ_URL: readUrl, DOCUMENTS_URL: primaryUrl } = config;
  const { documents, feeds, documentsAt, feedsAt } = createStores(config, metrics, resources);
  const openReplica = async (
    name: ReplicaName,
    documentsUrl: string,
    redisUrl: string | undefined,
    more: Pick<Parameters<typeof openQueryReplica>[0], 'progressOf' | 'impatient'>,
  ): Promise<QueryReplica> => {
    const own = name === 'primary' ? log : log.child({ replica: name });
    const hints = redisUrl === undefined ? noHints : openHints(redisUrl, own.child({ subsystem: 'hints' }));
    resources.defer(() => hints.close());
    const opened = openQueryReplica({
      name,
      documents: await documentsAt(documentsUrl, own),
      fillFrom: await documentsAt(documentsUrl === readUrl ? primaryUrl : documentsUrl, own),
      feeds: redisUrl === undefined ? undefined : feedsAt(redisUrl, own),
      hints,
      ...more,
      readAfterTimeoutMs: config.READ_AFTER_TIMEOUT,
      cap: config.FEED_CAP,
      metrics,
      policies,
      log: own,
    });
    resources.defer(() => opened.progress.close());
    return opened;
  };

  const { DOCUMENTS_STANDBY_URL: standbyDocuments, REDIS_STANDBY_URL: standbyRedis } = config;
  const primary = await openReplica('primary', readUrl ?? primaryUrl, config.REDIS_URL, {
    progressOf: (projection) => projection,
    impatient: standbyDocuments !== undefined || readUrl !== undefined,
  });
  const openStandby = async (): Promise<QueryReplica | undefined> => {
    if (standbyDocuments === undefined && standbyRedis === undefined) {
      // Without a standby of its own, the primary of the engine takes over from its replica.
      const progressOf = (projection: Projection) => projection;
      return readUrl === undefined
        ? undefined
        : openReplica('standby', primaryUrl, config.REDIS_URL, { progressOf, impatient: false });
    }
    return openReplica('standby', standbyDocuments ?? primaryUrl, standbyRedis, {
      // With the primary's documents, only the feeds are its own.
      progressOf: (projection) =>
        standbyDocuments === undefined && projection === 'feeds' ? standbyOf(projection) : projection,
      impatient: false,
    });
  };
  const standby = await openStandby();
  const { replicas, hints } = await selectReplicas(primary, standby, { metrics, log });
  resources.defer(() => replicas.close());

  const secrets = resources.use(
    openWatchedSecrets({
      value: config.CURSOR_SECRET,
      setting: 'CURSOR_SECRET',
      log: log.child({ subsystem: 'cursors' }),
    }),
  );
  const stores = { documents: [...documents.values()], feeds: [...feeds.values()] };
  countStoreCalls(registry, stores);
  const queue = await openConfiguredQueue(config, log.child({ subsystem: 'queue' }), { registry, policies });
  resources.defer(() => queue.close());
  return {
    replicas,
    hints,
    stores,
    queue,
    cursors: createCursors(secrets),
    metrics,
  };
};

/** Creates what opens the stores: each is opened once, and its calls are timed. */
const createStores = (
  { DOCUMENTS_READ_URL: readUrl, FEED_CAP: cap, FEED_IDLE_DAYS: idleDays }: SourceConfig,
  metrics: QueryMetrics,
  resources: AsyncDisposableStack,
) => {
  const timeOf = (store: 'documents' | 'feeds') => {
    const histogram = metrics.storeSeconds.labels({ store });
    return (seconds: number) => histogram.observe(seconds);
  };
  const [documentCall, feedCall] = [timeOf('documents'), timeOf('feeds')];
  const documents = new Map<string, Documents>();
  const feeds = new Map<string, Feeds>();
  const documentsAt = async (url: string, log: Logger): Promise<Documents> => {
    const opened =
      documents.get(url) ??
      (await openDocuments(url, {
        replica: url === readUrl,
        joinsGets: true,
        log: log.child({ subsystem: 'documents' }),
        onCall: documentCall,
      }));
    if (!documents.has(url)) resources.defer(() => opened.close());
    documents.set(url, opened);
    return opened;
  };
  const feedsAt = (url: string, log: Logger): Feeds => {
    const opened = openFeeds(url, {
      cap,
      idleDays,
      log: log.child({ subsystem: 'feeds' }),
      onCall: feedCall,
    });
    resources.defer(() => opened.close());
    feeds.set(url, opened);
    return opened;
  };
  return { documents, feeds, documentsAt, feedsAt };
};

/** Selects the replica to read, and switches the hints along with it. */
const selectReplicas = async (
  primary: QueryReplica,
  standby: QueryReplica | undefined,
  { metrics, log }: { readonly metrics: QueryMetrics; readonly log: Logger },
): Promise<Pick<Sources, 'replicas' | 'hints'>> => {
  const switched = standby && (await import('./switch-hints.ts')).switchHints(primary.hints);
  const show = (current: QueryReplica): void => {
    metrics.currentReplica.set({ replica: primary.name }, primary === current ? 1 : 0);
    if (standby) metrics.currentReplica.set({ replica: standby.name }, standby === current ? 1 : 0);
  };
  show(primary);
  const replicas = await openReadReplicas({
    primary,
    standby,
    onFailover: (to) => {
      metrics.failovers.inc({ to: to.name });
      show(to);
      switched?.use(to.hints);
    },
    onStandbyCheck: (isUsable) => metrics.standbyUsable.set(isUsable ? 1 : 0),
    log: log.child({ subsystem: 'replicas' }),
  });
  return { replicas, hints: switched ?? primary.hints };
};
