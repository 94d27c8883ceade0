import { Counter, Gauge, Histogram, type Registry } from '@rookery/runtime';

export type LiveField =
  | 'friendsFeed'
  | 'friendsFeedEvents'
  | 'followRequests'
  | 'notifications'
  | 'post'
  | 'readMarkers';

/** Creates the metrics of the query subgraph. */
export const createQueryMetrics = (registry: Registry) => ({
  reads: new Histogram({
    name: 'rookery_query_read_seconds',
    help: 'Time of a read, by field and outcome',
    labelNames: ['field', 'outcome'] as const,
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
    registers: [registry],
  }),
  feedReads: new Counter({
    name: 'rookery_query_feed_reads_total',
    help: 'Reads of friends feeds, by source of the candidates',
    labelNames: ['source'] as const,
    registers: [registry],
  }),
  fills: new Counter({
    name: 'rookery_query_feed_fills_total',
    help: 'Friends feeds filled from the documents',
    registers: [registry],
  }),
  currentReplica: new Gauge({
    name: 'rookery_query_current_replica',
    help: '1 for the replica that is read from: primary, or its standby',
    labelNames: ['replica'] as const,
    registers: [registry],
  }),
  standbyUsable: new Gauge({
    name: 'rookery_query_standby_usable',
    help: '1 if reads could go to the standby: it answers, and every projection of it has been fed',
    registers: [registry],
  }),
  failovers: new Counter({
    name: 'rookery_query_failovers_total',
    help: 'Times that reads moved from one replica to another',
    labelNames: ['to'] as const,
    registers: [registry],
  }),
  pushes: new Counter({
    name: 'rookery_query_pushes_total',
    help: 'Messages to push services, by outcome: sent, gone (the browser has ended it), refused, failed, or dropped',
    labelNames: ['outcome'] as const,
    registers: [registry],
  }),
  stale: new Counter({
    name: 'rookery_query_stale_total',
    help: 'Answers that were marked as stale',
    registers: [registry],
  }),
  storeSeconds: new Histogram({
    name: 'rookery_query_store_seconds',
    help: 'Time of a round trip to a store',
    labelNames: ['store'] as const,
    buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
    registers: [registry],
  }),
  subscriptions: new Gauge({
    name: 'rookery_query_live_subscriptions',
    help: 'Live subscriptions that are open, by field',
    labelNames: ['field'] as const,
    registers: [registry],
  }),
  deliverySeconds: new Histogram({
    name: 'rookery_query_live_delivery_seconds',
    help: 'From the acceptance of an item to its live delivery, by field, in seconds; items that a resumed stream catches up on are not counted',
    labelNames: ['field'] as const,
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
    registers: [registry],
  }),
  deliveries: new Counter({
    name: 'rookery_query_live_deliveries_total',
    help: 'Live events delivered, by field',
    labelNames: ['field'] as const,
    registers: [registry],
  }),
});

type Store = 'documents' | 'feeds';
/** Counters that a store keeps. */
interface CountedStore {
  readonly calls: number;
  /** Rows that it returned. */
  readonly rows?: number;
}

/** Creates the metrics of the calls to the stores and of the rows that they have returned, as the stores count them. */
export const countStoreCalls = (
  registry: Registry,
  stores: Readonly<Record<Store, readonly CountedStore[]>>,
): void => {
  const create = (name: string, help: string, read: (store: CountedStore) => number | undefined) =>
    new Counter({
      name,
      help,
      labelNames: ['store'] as const,
      registers: [registry],
      collect() {
        this.reset();
        for (const [store, all] of Object.entries(stores)) {
          const counts = all.flatMap((one) => read(one) ?? []);
          if (counts.length > 0)
            this.inc(
              { store },
              counts.reduce((sum, count) => sum + count, 0),
            );
        }
      },
    });
  create('rookery_query_store_calls_total', 'Round trips to the stores', ({ calls }) => calls);
  create('rookery_query_store_rows_total', 'Rows that the stores returned', ({ rows }) => rows);
};

export type QueryMetrics = ReturnType<typeof createQueryMetrics>;

/** Times a read and notes how it ended. */
export const timed = async <T>(metrics: QueryMetrics, field: string, read: () => Promise<T>): Promise<T> => {
  const stop = metrics.reads.startTimer({ field });
  try {
    const answer = await read();
    stop({ outcome: 'ok' });
    return answer;
  } catch (error) {
    stop({ outcome: 'error' });
    throw error;
  }
};
