import { createLog } from '@rookery/service';
import { type Documents, openDocuments } from '@rookery/stores/documents';
import { type EventStore, openConfiguredEventStore } from '@rookery/stores/event-store';
import { type Feeds, openFeeds } from '@rookery/stores/feeds';
import { openConfiguredQueue, type Queue } from '@rookery/stores/queue';
import type { OpsConfig } from './environment.ts';

/** The stores, each opened on first use. Nothing is prepared: reading must not change anything. */
export interface Stores extends AsyncDisposable {
  readonly documents: Documents;
  readonly eventStore: EventStore;
  readonly feeds: Feeds;
  readonly queue: Queue;
}

export const openStores = (config: OpsConfig): Stores => {
  // Standard output is reserved for the result of the command.
  const log = createLog('ops', 'silent');
  const open = new AsyncDisposableStack();
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
  const documents = once(() => openDocuments(config.DOCUMENTS_URL, { log }));
  const eventStore = once(() => openConfiguredEventStore(config, log));
  const feeds = once(() =>
    openFeeds(config.REDIS_URL, { cap: config.FEED_CAP, idleDays: config.FEED_IDLE_DAYS, log }),
  );
  const queue = once(() => openConfiguredQueue(config, log));
  return {
    get documents() {
      return documents();
    },
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
