import { openDocuments } from '@rookery/document-store';
import { openFeeds } from '@rookery/feeds';
import { type CheckpointDoc, projections } from '@rookery/read-models';
import { createLog } from '@rookery/runtime';
import type { OpsConfig } from './environment.ts';
import { metricOf, metricsAt } from './metric.ts';
import { reach } from './reach.ts';

/** A fallback, as shown by `ops status`. */
export interface Fallback {
  readonly name: string;
  readonly state: string;
  readonly about: string;
  readonly well: boolean;
}

/** Behavior of the system while the first server is down and the fallback, configured by one address, is missing. */
export const without = {
  NATS_REDUNDANT_URL: 'mutations are refused with SERVICE_UNAVAILABLE, reads go on',
  EVENT_STORE_BACKUP_URL: 'what is accepted waits in the queue',
  DOCUMENTS_STANDBY_URL: 'reads are refused with SERVICE_UNAVAILABLE',
  REDIS_STANDBY_URL: 'feeds are read from the documents, subscriptions look every second',
} as const;

/** Returns the row of a fallback that is not configured. */
export const noFallback = (name: string, setting: keyof typeof without): Fallback => ({
  name,
  state: 'none',
  about: `while the first is down ${without[setting]}; set ${setting} to add a fallback`,
  well: true,
});

const log = createLog('ops', 'silent');

/** Returns whether the query subgraph reads from the standby; undefined if it does not answer. */
const readsFromStandby = async ({
  QUERY_URL,
  QUERY_METRICS_PORT,
}: OpsConfig): Promise<boolean | undefined> => {
  const standby = await metricOf(metricsAt(QUERY_URL, QUERY_METRICS_PORT), 'rookery_query_current_replica', {
    replica: 'standby',
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
  const documents = standby.adopt(await openDocuments(url, { log }), (d) => d.close());
  const { ok, reason = '' } = await reach(() => documents.ping());
  if (!ok) return row('standby documents', ok, used, reason);
  const progress = await documents
    .collection<CheckpointDoc>('progress')
    .getMany(projections)
    .catch(() => new Map<string, { readonly doc: CheckpointDoc }>());
  const position = Math.min(...projections.map((name) => progress.get(name)?.doc.position ?? 0));
  const behind = head === undefined ? '' : `${Math.max(0, head - position)} events behind`;
  // A standby that was never filled is not read, since its emptiness would be taken for the truth.
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

/**
 * Returns the state of the standby documents and the standby Redis.
 * @param head head of the event store, if known
 */
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
