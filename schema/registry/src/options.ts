import type { Config } from '@rookery/runtime';
import type { RegistryServerOptions } from './app.ts';

/** The settings that the registry reads. */
export const registrySettings = [
  'HOST',
  'REGISTRY_PORT',
  'METRICS_HOST',
  'REGISTRY_METRICS_PORT',
  'REGISTRY_POSTGRES_URL',
  'REGISTRY_KEY_FILE',
  'REGISTRY_KEEP_DAYS',
  'REGISTRY_WEBHOOK_TARGETS',
  'POSTGRES_URL',
  'NATS_URL',
  'REGISTRY_NATS_URL',
  'SUPERGRAPH_KEYS_FILE',
] as const;

type RegistryConfig = Config<(typeof registrySettings)[number]>;

/** The options of the process, from its configuration. */
export const optionsFrom = (config: RegistryConfig): RegistryServerOptions => ({
  listen: { host: config.HOST, port: config.REGISTRY_PORT },
  metrics: { host: config.METRICS_HOST, port: config.REGISTRY_METRICS_PORT },
  postgresUrl: config.REGISTRY_POSTGRES_URL ?? config.POSTGRES_URL,
  natsUrl: config.REGISTRY_NATS_URL ?? config.NATS_URL,
  publicKeysFile: config.SUPERGRAPH_KEYS_FILE,
  keyFiles: config.REGISTRY_KEY_FILE,
  keepDays: config.REGISTRY_KEEP_DAYS,
  webhooks: { targets: config.REGISTRY_WEBHOOK_TARGETS },
});
