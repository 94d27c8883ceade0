import { openQueue, type Queue, type StreamUsage } from '@rookery/message-queue';
import {
  type Config,
  Gauge,
  type Logger,
  oncePerScrape,
  type PolicyMetrics,
  type Registry,
  type SettingName,
} from '@rookery/runtime';

/** Settings that the queue reads. */
export const queueSettings = [
  'NATS_URL',
  'NATS_REDUNDANT_URL',
  'QUEUE_REPLICAS',
  'QUEUE_MAX_BYTES',
  'QUEUE_ACK_TIMEOUT',
] as const satisfies readonly SettingName[];

export type QueueConfig = Config<(typeof queueSettings)[number]>;

/** Opens the queue of a process. If `watch` is given, the process's metrics show its state. */
export type OpenProcessQueue = (
  log: Logger,
  watch?: { readonly registry: Registry; readonly policies: PolicyMetrics },
) => Queue;

/** Loads what the configured queue needs; the code for a second queue is loaded only if one is configured. */
export const loadQueue = async (config: QueueConfig): Promise<OpenProcessQueue> => {
  const { NATS_REDUNDANT_URL: redundantUrl } = config;
  const open =
    redundantUrl === undefined
      ? openQueue
      : await import('./redundant-queue.ts').then(
          ({ openRedundantQueue }) =>
            (options: Parameters<typeof openQueue>[0]) =>
              openRedundantQueue({ ...options, redundantUrl }),
        );
  return (log, watch) => {
    const queue = open({
      url: config.NATS_URL,
      replicas: config.QUEUE_REPLICAS,
      maxBytes: config.QUEUE_MAX_BYTES,
      ackTimeoutMs: config.QUEUE_ACK_TIMEOUT,
      log,
      ...(watch ? { metrics: watch.policies } : {}),
    });
    if (watch) watchQueue(watch.registry, queue);
    return queue;
  };
};

/** Opens the configured queue. */
export const openConfiguredQueue = async (
  config: QueueConfig,
  ...watched: Parameters<OpenProcessQueue>
): Promise<Queue> => (await loadQueue(config))(...watched);

const watchQueue = (registry: Registry, queue: Queue): void => {
  const each = (name: string, help: string, read: (line: ReturnType<Queue['replicas']>[number]) => number) =>
    new Gauge({
      name,
      help,
      labelNames: ['queue'],
      registers: [registry],
      collect() {
        for (const line of queue.replicas()) this.set({ queue: line.name }, read(line));
      },
    });
  each('rookery_queue_up', '1 if this queue is connected and answers.', ({ up }) => (up ? 1 : 0));
  each(
    'rookery_queue_fallback_events',
    'Events that went to this queue since the start because the one before it did not acknowledge.',
    ({ fallbacks }) => fallbacks,
  );
  watchStreams(registry, queue);
};

const watchStreams = (registry: Registry, queue: Queue): void => {
  // Both gauges are collected at once, and each must have what this very scrape finds.
  const read = oncePerScrape(() => queue.streams().catch(() => []));
  const each = (name: string, help: string, value: (usage: StreamUsage) => number) =>
    new Gauge({
      name,
      help,
      labelNames: ['queue', 'stream'],
      registers: [registry],
      async collect() {
        const usage = await read();
        this.reset();
        for (const one of usage) this.set({ queue: one.queue, stream: one.stream }, value(one));
      },
    });
  each(
    'rookery_queue_stream_bytes',
    'Bytes that this stream holds; no sample if the queue does not answer.',
    ({ bytes }) => bytes,
  );
  each(
    'rookery_queue_stream_limit_bytes',
    'Bytes at which this stream refuses new messages (ORDER: drops old ones).',
    ({ limitBytes }) => limitBytes,
  );
};
