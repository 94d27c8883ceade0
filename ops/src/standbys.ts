import { createLog } from '@rookery/service';
import { openDocuments, type ProgressDoc } from '@rookery/stores/documents';
import { openFeeds } from '@rookery/stores/feeds';
import { projections } from '@rookery/stores/queue';
import type { OpsConfig } from './environment.ts';
import { metricOf, metricsAt } from './metric.ts';
import { reach } from './reach.ts';

/** One fallback, as `ops status` shows it. */
export interface Fallback {
  readonly name: string;
  readonly state: string;
  readonly about: string;
  readonly well: boolean;
}

/** Each fallback is one address. Without it the system runs, and this is what it then does while the first is away. */
export const without = {
  NATS_REDUNDANT_URL: 'mutations are refused with SERVICE_UNAVAILABLE, reads go on',
  EVENT_STORE_BACKUP_URL: 'what is accepted waits in the queue',
  DOCUMENTS_STANDBY_URL: 'reads are refused with SERVICE_UNAVAILABLE',
  REDIS_STANDBY_URL: 'feeds are read from the documents, subscriptions look every second',
} as const;

/** The row of a fallback that is not configured. */
export const noFallback = (name: string, setting: keyof typeof without): Fallback => ({
  name,
  state: 'none',
  about: `while the first is away ${without[setting]}; ${setting} would have one`,
  well: true,
});

const log = createLog('ops', 'silent');

/** Whether the query subgraph reads from the standby; undefined where it does not answer. */
const readsFromStandby = async ({
  QUERY_URL,
  QUERY_METRICS_PORT,
}: OpsConfig): Promise<boolean | undefined> => {
  const standby = await metricOf(metricsAt(QUERY_URL, QUERY_METRICS_PORT), 'rookery_query_place', {
    place: 'standby',
  });
  return standby === undefined ? undefined : standby === 1;
};

const row = (name: string, ok: boolean, used: boolean | undefined, about: string): Fallback => ({
  name,
  state: !ok ? 'DOWN' : used ? 'IN USE' : used === undefined ? 'up' : 'ready',
  about:
    ok && used === undefined
      ? [about, 'the query subgraph does not answer whether it reads from it'].filter(Boolean).join('; ')
      : about,
  well: ok && used !== true,
});

const documentsRow = async (url: string, used: boolean | undefined, head: number | undefined) => {
  await using standby = new AsyncDisposableStack();
  const documents = standby.adopt(openDocuments(url, { log }), (d) => d.close());
  const { ok, reason = '' } = await reach(() => documents.ping());
  if (!ok) return row('standby documents', ok, used, reason);
  const progress = await documents
    .collection<ProgressDoc>('progress')
    .getMany(projections)
    .catch(() => new Map<string, { readonly doc: ProgressDoc }>());
  const position = Math.min(...projections.map((name) => progress.get(name)?.doc.position ?? 0));
  const behind = head === undefined ? '' : `${Math.max(0, head - position)} events behind`;
  // Nobody reads what has never been fed: its emptiness would be taken for true.
  if (position === 0 && head !== 0)
    return { name: 'standby documents', state: 'FILLING', about: behind, well: false };
  return row('standby documents', ok, used, behind);
};

const redisRow = async (url: string, used: boolean | undefined, config: OpsConfig) => {
  await using standby = new AsyncDisposableStack();
  const { FEED_CAP: cap, FEED_IDLE_DAYS: idleDays } = config;
  const feeds = standby.adopt(openFeeds(url, { cap, idleDays, log }), (f) => f.close());
  const { ok, reason = '' } = await reach(() => feeds.ping());
  return row('standby Redis', ok, used, reason);
};

/** What stands in for documents and Redis, and whether it does so now. head: of the event store, where it is known. */
export const readStandbys = async (config: OpsConfig, head: number | undefined): Promise<Fallback[]> => {
  const { DOCUMENTS_STANDBY_URL: documents, REDIS_STANDBY_URL: redis } = config;
  const used = documents || redis ? await readsFromStandby(config) : undefined;
  return Promise.all([
    documents
      ? documentsRow(documents, used, head)
      : noFallback('standby documents', 'DOCUMENTS_STANDBY_URL'),
    redis ? redisRow(redis, used, config) : noFallback('standby Redis', 'REDIS_STANDBY_URL'),
  ]);
};
