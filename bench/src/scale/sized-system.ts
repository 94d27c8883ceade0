import { type BulkLoaded, createNetwork, loadNetwork, type Network } from '@rookery/demo/bulk';
import { type Documents, openDocuments } from '@rookery/document-store';
import { type EventStore, openEventStore } from '@rookery/event-store';
import { openQueue, type Queue } from '@rookery/message-queue';
import { openAccountDatabase } from '@rookery/mutation/accounts';
import { readConfig } from '@rookery/runtime';
import { processNames } from '@rookery/stack';
import { type FreshServer, freshPostgres, type System, startSystem } from '@rookery/tests/support';
import pg from 'pg';
import { logIn, type Member, password } from '../member.ts';
import { everyTenth, type Say } from '../progress.ts';
import { quiet } from '../quiet-log.ts';

/** Numbers of followings of the readers whose pages are measured. */
export const followings = [10, 1_000, 5_000] as const;
const readersEach = 3;
/** Posts and shares of each chronicler: every reader's feed shows FEED_CAP items and a whole segment beyond them. */
const chronicle = 240;

/**
 * For all sizes the same, and enough for the largest that is measured without a flag: a quarter of a machine of 8 GiB, as the
 * manual of Postgres advises.
 */
const sharedBuffersMiB = 2_048;

/** A whole Rookery with a network of one size. */
export interface SizedSystem {
  readonly people: number;
  readonly network: Network;
  readonly loaded: BulkLoaded;
  readonly system: System;
  readonly postgres: FreshServer;
  readonly documents: Documents;
  readonly eventStore: EventStore;
  readonly queue: Queue;
  readonly mostFollowed: Member;
  readonly ordinary: Member;
  /** Readers by their number of followings; only those numbers that the network has enough people for. */
  readonly readers: ReadonlyMap<number, readonly Member[]>;
}

/** Starts servers, writes a network into them in bulk, and starts the processes. */
export const startSized = async (
  people: number,
  resources: AsyncDisposableStack,
  say: Say,
): Promise<SizedSystem> => {
  const postgres = resources.use(await freshPostgres({ sharedBuffersMiB }));
  const system = resources.use(
    await startSystem({ postgresUrl: postgres.url, processes: [], env: { LOG_LEVEL: 'warn' } }),
  );
  const sizes = followings.filter((count) => count <= people);
  const readers = sizes.flatMap((count) => Array.from({ length: readersEach }, () => count));
  const network = createNetwork({ people, readers, chronicle });
  const stores = await openStores(system, resources);
  say(`about ${network.expectedEvents.toLocaleString('en')} events`);
  const loaded = await loadNetwork({
    ...stores,
    network,
    password,
    url: system.servers.database.url,
    log: quiet,
    signal: new AbortController().signal,
    onProgress: everyTenth(say),
  });
  // Otherwise autovacuum does it later, beside some measurement.
  say('vacuum and statistics');
  await vacuum(system.servers.database.url);
  say('starting the processes');
  await Promise.all(processNames.map((name) => system.start(name)));
  await system.ready();

  const enter = async (handle: string): Promise<Member> => {
    const member = await logIn(system.gatewayUrl, handle);
    resources.use(member.client);
    return member;
  };
  const members = new Map<number, readonly Member[]>();
  for (const [i, count] of sizes.entries()) {
    const handles = network.handles.readers.slice(i * readersEach, (i + 1) * readersEach);
    const own: Member[] = [];
    for (const handle of handles) own.push(await enter(handle));
    members.set(count, own);
  }
  return {
    people,
    network,
    loaded,
    system,
    postgres,
    ...stores,
    mostFollowed: await enter(network.handles.mostFollowed),
    ordinary: await enter(network.handles.ordinary),
    readers: members,
  };
};

const vacuum = async (url: string): Promise<void> => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query('vacuum (analyze)');
  } finally {
    await client.end();
  }
};

const openStores = async (system: System, resources: AsyncDisposableStack) => {
  const opened = <S extends { close(): Promise<void> }>(store: S): S => {
    resources.defer(() => store.close());
    return store;
  };
  const config = readConfig(['QUEUE_REPLICAS', 'QUEUE_MAX_BYTES', 'QUEUE_ACK_TIMEOUT'], system.env);
  return {
    documents: opened(await openDocuments(system.documentsUrl, { log: quiet })),
    eventStore: opened(openEventStore(system.servers.database.url, { log: quiet })),
    accounts: opened(openAccountDatabase(system.servers.database.url, quiet)),
    queue: opened(
      openQueue({
        url: system.servers.nats.url,
        replicas: config.QUEUE_REPLICAS,
        maxBytes: config.QUEUE_MAX_BYTES,
        ackTimeoutMs: config.QUEUE_ACK_TIMEOUT,
        log: quiet,
      }),
    ),
  };
};
