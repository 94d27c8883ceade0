import { Counter, Gauge, Histogram, type Registry } from '@rookery/runtime';

/** Counters and timers of the recorder. */
export interface RecorderMetrics {
  /** By outcome: recorded, duplicate, rejected, dead_letter. */
  readonly events: Counter<'outcome'>;
  readonly batchSize: Histogram;
  /** Seconds. */
  readonly appendTime: Histogram;
}

/** Values that are read when the metrics are scraped. */
export interface RecorderGauges {
  /** Events in the queue that are not recorded yet; undefined if the queue does not answer. */
  waiting(): Promise<number | undefined>;
  /** Number of recorded events that are not in RECORDED yet. */
  gap(): number;
  isWriter(): boolean;
}

export const createRecorderMetrics = (registry: Registry): RecorderMetrics => ({
  events: new Counter({
    name: 'rookery_recorder_events_total',
    help: 'Events taken from the queue, by outcome.',
    labelNames: ['outcome'],
    registers: [registry],
  }),
  batchSize: new Histogram({
    name: 'rookery_recorder_batch_events',
    help: 'Messages in one batch.',
    buckets: [1, 5, 20, 50, 100, 200, 500, 1000],
    registers: [registry],
  }),
  appendTime: new Histogram({
    name: 'rookery_recorder_append_seconds',
    help: 'Time to append one batch to the event store.',
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers: [registry],
  }),
});

export const watchRecorder = (registry: Registry, gauges: RecorderGauges): void => {
  const gauge = (name: string, help: string, read: () => Promise<number | undefined>) =>
    new Gauge({
      name,
      help,
      registers: [registry],
      async collect() {
        this.set((await read()) ?? Number.NaN);
      },
    });
  gauge('rookery_recorder_waiting_events', 'Events in the queue that are not recorded yet.', () =>
    gauges.waiting(),
  );
  gauge(
    'rookery_recorder_relay_lag_events',
    'Recorded events that are not published to RECORDED yet.',
    async () => gauges.gap(),
  );
  gauge('rookery_recorder_writer', '1 if this process is the writer, 0 on standby.', async () =>
    gauges.isWriter() ? 1 : 0,
  );
};
