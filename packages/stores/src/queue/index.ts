import {
  type Config,
  Gauge,
  type Logger,
  oncePerScrape,
  type PolicyMetrics,
  type Registry,
  type SettingName,
} from '@rookery/service';
import { JetStreamQueue, type QueueOptions } from './jetstream.ts';
import { RedundantQueue } from './redundant.ts';
import type { StreamUsage } from './stream-usage.ts';
import type { Queue } from './types.ts';

export { OutOfStep, QueueDisconnected, QueueFull, QueueMisconfigured, QueuePartlyAway } from './errors.ts';
export type { QueueOptions } from './jetstream.ts';
export { MergedBatches } from './merged.ts';
export { isStandby, type Projection, projections, standbyOf } from './projections.ts';
export type { Numbered, Register } from './register.ts';
export type { StreamUsage } from './stream-usage.ts';
export * from './types.ts';

/**
 * Time-outs of the two queues: together, and with the rest of a command, they stay below the 2 s in which it
 * must be answered. If the second is down, the first may use the time of both. Milliseconds.
 */
const shares = { first: 600, second: 800 } as const;
const patience = { first: shares.first + shares.second, second: shares.second } as const;

/**
 * Opens the queue, with a fallback if `redundantUrl` is given. It connects in the background and keeps
 * trying, so that a process can start while NATS is down; requests fail at once meanwhile.
 */
export const openQueue = ({
  redundantUrl,
  ...options
}: QueueOptions & { readonly redundantUrl?: string | undefined }): Queue => {
  if (redundantUrl === undefined) return new JetStreamQueue(options);
  const one = (name: 'first' | 'second', url: string) =>
    new JetStreamQueue({
      ...options,
      name,
      url,
      ackTimeout: Math.min(options.ackTimeout, patience[name]),
      log: options.log.child({ queue: name }),
    });
  return new RedundantQueue(
    one('first', options.url),
    one('second', redundantUrl),
    shares.first,
    options.log,
  );
};

/** Settings of the queue. */
export const queueSettings = [
  'NATS_URL',
  'NATS_REDUNDANT_URL',
  'QUEUE_REPLICAS',
  'QUEUE_MAX_BYTES',
  'QUEUE_ACK_TIMEOUT',
] as const satisfies readonly SettingName[];

/** Opens the queue of the configuration, with the metrics of the process if there are any. */
export const openConfiguredQueue = (
  config: Config<(typeof queueSettings)[number]>,
  log: Logger,
  watch?: { readonly registry: Registry; readonly policies: PolicyMetrics },
): Queue => {
  const queue = openQueue({
    url: config.NATS_URL,
    redundantUrl: config.NATS_REDUNDANT_URL,
    replicas: config.QUEUE_REPLICAS,
    maxBytes: config.QUEUE_MAX_BYTES,
    ackTimeout: config.QUEUE_ACK_TIMEOUT,
    log,
    ...(watch ? { metrics: watch.policies } : {}),
  });
  if (watch) watchQueue(watch.registry, queue);
  return queue;
};

const watchQueue = (registry: Registry, queue: Queue): void => {
  const each = (name: string, help: string, read: (line: ReturnType<Queue['lines']>[number]) => number) =>
    new Gauge({
      name,
      help,
      labelNames: ['queue'],
      registers: [registry],
      collect() {
        for (const line of queue.lines()) this.set({ queue: line.name }, read(line));
      },
    });
  each('rookery_queue_up', '1 if this queue is connected and answers.', ({ up }) => (up ? 1 : 0));
  each(
    'rookery_queue_fallbacks',
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
