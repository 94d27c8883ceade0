import { type Documents, openDocuments } from '@rookery/document-store';
import type { EventStore } from '@rookery/event-store';
import { loadEventStore } from '@rookery/failover/event-store';
import { loadQueue } from '@rookery/failover/queue';
import { type Feeds, openFeeds } from '@rookery/feeds';
import type { Queue } from '@rookery/message-queue';
import { createLog } from '@rookery/runtime';
import type { OpsConfig } from './environment.ts';

/** The stores, each of which connects on first use. Nothing is prepared: reading must not change anything. */
export interface Stores extends AsyncDisposable {
  readonly documents: Documents;
  readonly eventStore: EventStore;
  readonly feeds: Feeds;
  readonly queue: Queue;
}

export const openStores = async (config: OpsConfig): Promise<Stores> => {
  // Standard output is reserved for the result of the command.
  const log = createLog('ops', 'silent');
  const [documents, openEventStore, openQueue] = await Promise.all([
    openDocuments(config.DOCUMENTS_URL, { log }),
    loadEventStore(config),
    loadQueue(config),
  ]);
  const open = new AsyncDisposableStack();
  open.defer(() => documents.close());
  const once = <S extends { close(): Promise<void> }>(make: () => S): (() => S) => {
    let store: S | undefined;
    return () => {
      if (!store) {
        const opened = make();
        store = opened;
        open.defer(() => opened.close());
      }
      return store;
    };
  };
  const eventStore = once(() => openEventStore(log));
  const feeds = once(() =>
    openFeeds(config.REDIS_URL, { cap: config.FEED_CAP, idleDays: config.FEED_IDLE_DAYS, log }),
  );
  const queue = once(() => openQueue(log));
  return {
    documents,
    get eventStore() {
      return eventStore();
    },
    get feeds() {
      return feeds();
    },
    get queue() {
      return queue();
    },
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
};
