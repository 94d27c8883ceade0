import { openDocuments } from '@rookery/document-store';
import { openEventStore } from '@rookery/event-store';
import { openQueue } from '@rookery/message-queue';
import { openAccountDatabase } from '@rookery/mutation/accounts';
import { createLog, readConfig } from '@rookery/runtime';
import { onTestFinished } from 'vitest';
import type { System } from './start-system.ts';

const log = createLog('test', 'silent');

/** Opens the stores that a network is loaded into, and closes them after the test. */
export const openNetworkStores = async (databaseUrl: string, natsUrl: string) => {
  const opened = <S extends { close(): Promise<void> }>(store: S): S => {
    onTestFinished(() => store.close());
    return store;
  };
  const config = readConfig(['QUEUE_MAX_BYTES', 'QUEUE_ACK_TIMEOUT'], {});
  return {
    url: databaseUrl,
    eventStore: opened(openEventStore(databaseUrl, { log })),
    accounts: opened(openAccountDatabase(databaseUrl, log)),
    documents: opened(await openDocuments(databaseUrl, { log })),
    queue: opened(
      openQueue({
        url: natsUrl,
        replicas: 1,
        maxBytes: config.QUEUE_MAX_BYTES,
        ackTimeoutMs: config.QUEUE_ACK_TIMEOUT,
        log,
      }),
    ),
  };
};
export type NetworkStores = Awaited<ReturnType<typeof openNetworkStores>>;

/** Opens the stores of a system. */
export const openStoresOf = ({ servers }: System): Promise<NetworkStores> =>
  openNetworkStores(servers.database.url, servers.nats.url);
