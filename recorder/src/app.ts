import { openAuditLog, type StoreTerm, watchAudits, watchEventStore } from '@rookery/event-store';
import { eventStoreSettings, openConfiguredEventStore } from '@rookery/failover/event-store';
import { openConfiguredQueue, queueSettings } from '@rookery/failover/queue';
import { QueueMisconfiguredError } from '@rookery/message-queue';
import {
  armCrashPoint,
  type Config,
  createMetrics,
  type Listening,
  type Logger,
  policyMetrics,
  serveHealth,
  serveMetrics,
} from '@rookery/runtime';
import { createRecorderMetrics, watchRecorder } from './metrics.ts';
import { publishHeads } from './publish-heads.ts';
import { Recorder } from './recorder.ts';

/** The settings that the recorder reads. */
export const recorderSettings = [
  'NODE_ENV',
  'HOST',
  'RECORDER_PORT',
  'METRICS_HOST',
  'RECORDER_METRICS_PORT',
  ...eventStoreSettings,
  ...queueSettings,
  'AUDIT_HEADS_URL',
  'BACKGROUND_NICENESS',
  'CRASH_POINT',
] as const;
export type RecorderConfig = Config<(typeof recorderSettings)[number]>;

/**
 * Builds and starts the recorder. If Postgres or NATS is down, the recorder starts anyway and waits for them.
 * @returns the addresses of its health and metrics endpoints
 */
export const startRecorder = async (
  config: RecorderConfig,
  log: Logger,
  resources: AsyncDisposableStack,
): Promise<Listening> => {
  armCrashPoint(config);
  const registry = createMetrics('recorder');
  const metricsUrl = await serveMetrics(
    registry,
    { host: config.METRICS_HOST, port: config.RECORDER_METRICS_PORT },
    resources,
  );
  const policies = policyMetrics(registry);
  const queue = await openConfiguredQueue(config, log.child({ subsystem: 'queue' }), { registry, policies });
  resources.defer(() => queue.close());
  const store = await openConfiguredEventStore(config, log.child({ subsystem: 'event-store' }), {
    fencingTokens: queue.fencingTokenStore<StoreTerm>('event-store'),
    policies,
  });
  resources.defer(() => store.close());
  watchEventStore(registry, store);
  const recorder = new Recorder({ store, queue, metrics: createRecorderMetrics(registry), log });
  resources.defer(() => recorder.stop());
  const own = log.child({ subsystem: 'audit' });
  const auditLog = openAuditLog(config.POSTGRES_URL, { log: own });
  resources.defer(() => auditLog.close());
  watchAudits(registry, auditLog);
  if (config.AUDIT_HEADS_URL !== undefined) {
    const { openHeads } = await import('@rookery/audit');
    const heads = openHeads(config.AUDIT_HEADS_URL, { log: own });
    resources.defer(() => heads.close());
    const isWriter = () => recorder.state === 'recording';
    resources.use(publishHeads({ auditLog, heads, log: own, isWriter }));
  }
  watchRecorder(registry, {
    waiting: async () => (await queue.consumer('recorder').catch(() => undefined))?.waiting,
    gap: () => recorder.gap,
    isWriter: () => recorder.state === 'recording',
  });

  const url = await serveHealth(
    {
      log,
      // No load balancer sends requests here, so a dependency that is down takes nothing out of rotation.
      ready: {
        own: {
          eventStore: () => store.ping(),
          queue: () => queue.ping(),
          writer: () => recorder.check(),
        },
      },
    },
    { host: config.HOST, port: config.RECORDER_PORT },
    resources,
  );
  await queue.prepare().catch((error: unknown) => {
    // A queue that is down comes back by itself; a misconfigured queue needs an operator.
    if (error instanceof QueueMisconfiguredError) throw error;
  });
  return { url, metricsUrl };
};
