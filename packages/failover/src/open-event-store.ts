import { type EventStore, openEventStore, type StoreTerm } from '@rookery/event-store';
import type { FencingTokenStore } from '@rookery/message-queue';
import type { Config, Logger, PolicyMetrics, SettingName } from '@rookery/runtime';

/** Settings that the event store reads. */
export const eventStoreSettings = [
  'POSTGRES_URL',
  'EVENT_STORE_BACKUP_URL',
  'EVENT_PARTITION_SIZE',
  'EVENT_ARCHIVE_DIR',
] as const satisfies readonly SettingName[];

export type EventStoreConfig = Config<(typeof eventStoreSettings)[number]>;

/** Opens the event store of a process. A process that writes two stores needs `fencingTokens`. */
export type OpenProcessEventStore = (
  log: Logger,
  options?: { readonly fencingTokens?: FencingTokenStore<StoreTerm>; readonly policies?: PolicyMetrics },
) => EventStore;

/** Loads what the configured event store needs; the code for a backup store is loaded only if one is configured. */
export const loadEventStore = async (config: EventStoreConfig): Promise<OpenProcessEventStore> => {
  const {
    POSTGRES_URL: url,
    EVENT_STORE_BACKUP_URL: backupUrl,
    EVENT_PARTITION_SIZE: partitionSize,
    EVENT_ARCHIVE_DIR: archiveDir,
  } = config;
  if (backupUrl === undefined) return (log) => openEventStore(url, { log, partitionSize, archiveDir });
  const { openTwoStores } = await import('./two-stores.ts');
  return (log, { fencingTokens, policies } = {}) =>
    openTwoStores({ url, backupUrl, log, fencingTokens, partitionSize, metrics: policies });
};

/** Opens the configured event store. */
export const openConfiguredEventStore = async (
  config: EventStoreConfig,
  ...options: Parameters<OpenProcessEventStore>
): Promise<EventStore> => (await loadEventStore(config))(...options);
