import { runningEnvironment } from '@rookery/command-line';
import { openDocuments } from '@rookery/document-store';
import { eventStoreSettings, openConfiguredEventStore } from '@rookery/failover/event-store';
import { openConfiguredQueue, queueSettings } from '@rookery/failover/queue';
import { openAccountDatabase } from '@rookery/mutation/accounts';
import { createLog, readConfig } from '@rookery/runtime';
import type { Progress } from '../progress.ts';
import { type BulkLoaded, loadNetwork } from './load.ts';
import type { Network } from './network.ts';

const settings = [...eventStoreSettings, 'DOCUMENTS_URL', 'DOCUMENTS_STANDBY_URL', ...queueSettings] as const;

export interface RunOptions {
  readonly network: Network;
  readonly password: string;
  /** DATA_DIR of the running system. */
  readonly dataDir: string;
  readonly progress: Progress;
}

/** Loads the network into the stores of the running system. */
export const loadIntoRunning = async ({
  network,
  password,
  dataDir,
  progress,
}: RunOptions): Promise<BulkLoaded> => {
  const config = readConfig(settings, { ...runningEnvironment(dataDir), ...process.env });
  // They would have to get the network in the same way.
  const others = [config.EVENT_STORE_BACKUP_URL, config.NATS_REDUNDANT_URL, config.DOCUMENTS_STANDBY_URL];
  if (others.some((url) => url !== undefined))
    throw new Error('a network of this size is not loaded into a system with second servers');
  await using open = new AsyncDisposableStack();
  const log = createLog('demo', 'silent');
  const opened = <S extends { close(): Promise<void> }>(store: S): S => {
    open.defer(() => store.close());
    return store;
  };
  let shown = 0;
  let phase = '';
  // Awaited here, before the stores are closed.
  return await loadNetwork({
    network,
    password,
    url: config.POSTGRES_URL,
    partitionSize: config.EVENT_PARTITION_SIZE,
    eventStore: opened(await openConfiguredEventStore(config, log)),
    accounts: opened(openAccountDatabase(config.POSTGRES_URL, log)),
    documents: opened(await openDocuments(config.DOCUMENTS_URL, { log })),
    queue: opened(await openConfiguredQueue(config, log)),
    log,
    signal: new AbortController().signal,
    onProgress(now, done) {
      if (now !== phase) [phase, shown] = [now, 0];
      progress.phase(now);
      if (done > shown) progress.done(done - shown);
      shown = Math.max(shown, done);
    },
  });
};
