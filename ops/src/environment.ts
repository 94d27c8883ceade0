import { resolve } from 'node:path';
import { runningEnvironment } from '@rookery/command-line';
import { eventStoreSettings } from '@rookery/failover/event-store';
import { queueSettings } from '@rookery/failover/queue';
import { type Config, readConfig, type SettingName } from '@rookery/runtime';

/** Settings that the operator commands read. */
export const opsSettings = [
  'HOST',
  'GATEWAY_URL',
  'GATEWAY_PORT',
  'GATEWAY_METRICS_PORT',
  'MUTATION_URL',
  'MUTATION_METRICS_PORT',
  'QUERY_URL',
  'QUERY_METRICS_PORT',
  'RECORDER_URL',
  'RECORDER_PORT',
  'PROJECTOR_URL',
  'PROJECTOR_PORT',
  ...eventStoreSettings,
  'AUDIT_HEADS_URL',
  'REDIS_URL',
  'REDIS_STANDBY_URL',
  'DOCUMENTS_URL',
  'DOCUMENTS_STANDBY_URL',
  'TOKEN_TTL',
  'FEED_CAP',
  'FEED_IDLE_DAYS',
  'FANOUT_LIMIT',
  ...queueSettings,
] as const satisfies readonly SettingName[];
export type OpsConfig = Config<(typeof opsSettings)[number]>;

type Env = Readonly<Record<string, string | undefined>>;

const clone = resolve(import.meta.dirname, '../..');

/**
 * Reads the configuration from the environment. Settings that it lacks come from the running `npm start`,
 * which stores the environment of its processes in DATA_DIR/env.json.
 * @throws ConfigError
 */
export const readOpsConfig = (env: Env): OpsConfig =>
  readConfig(opsSettings, { ...runningEnvironment(resolve(clone, env.DATA_DIR || '.rookery')), ...env });
