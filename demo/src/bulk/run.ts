import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openDocuments } from '@rookery/document-store';
import { openEventStore } from '@rookery/event-store';
import { openQueue } from '@rookery/message-queue';
import { openAccountDatabase } from '@rookery/mutation/accounts';
import { createLog, readConfig } from '@rookery/runtime';
import type { Progress } from '../progress.ts';
import { type BulkLoaded, loadNetwork } from './load.ts';
import type { Network } from './network.ts';

const settings = [
  'POSTGRES_URL',
  'EVENT_STORE_BACKUP_URL',
  'EVENT_PARTITION_SIZE',
  'EVENT_ARCHIVE_DIR',
  'DOCUMENTS_URL',
  'DOCUMENTS_STANDBY_URL',
  'NATS_URL',
  'NATS_REDUNDANT_URL',
  'QUEUE_REPLICAS',
  'QUEUE_MAX_BYTES',
  'QUEUE_ACK_TIMEOUT',
] as const;

/** Reads the environment of the `npm start` that uses the folder; empty if none does. */
const runningHere = (dataDir: string): Readonly<Record<string, string>> => {
  try {
    return JSON.parse(readFileSync(join(dataDir, 'env.json'), 'utf8'));
  } catch {
    return {};
  }
};

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
  const config = readConfig(settings, { ...runningHere(dataDir), ...process.env });
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
  const { EVENT_PARTITION_SIZE: partitionSize, EVENT_ARCHIVE_DIR: archiveDir } = config;
  let shown = 0;
  let phase = '';
  // Awaited here, before the stores are closed.
  return await loadNetwork({
    network,
    password,
    url: config.POSTGRES_URL,
    partitionSize,
    eventStore: opened(openEventStore(config.POSTGRES_URL, { log, partitionSize, archiveDir })),
    accounts: opened(openAccountDatabase(config.POSTGRES_URL, log)),
    documents: opened(openDocuments(config.DOCUMENTS_URL, { log })),
    queue: opened(
      openQueue({
        url: config.NATS_URL,
        replicas: config.QUEUE_REPLICAS,
        maxBytes: config.QUEUE_MAX_BYTES,
        ackTimeoutMs: config.QUEUE_ACK_TIMEOUT,
        log,
      }),
    ),
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
