import type { EventStore, StoreTerm } from '@rookery/event-store';
import { openTwoStores } from '@rookery/failover/two-stores';
import { openQueue, type Queue } from '@rookery/message-queue';
import { createLog } from '@rookery/runtime';
import pg from 'pg';
import { type FreshServer, freshNats, freshPostgres } from '../support/index.ts';

export const log = createLog('test', process.env.TEST_LOG ?? 'silent');

/** Two Postgres servers and a queue of one's own. */
export interface TwoServers extends AsyncDisposable {
  readonly primary: FreshServer;
  readonly backup: FreshServer;
  readonly nats: FreshServer;
  readonly queue: Queue;
  /** The environment of a recorder on these. */
  readonly env: Readonly<Record<string, string>>;
  readonly urls: { readonly postgres: string; readonly nats: string };
  /** The store as a process with the right to write opens it; each call is another process's. */
  open(): EventStore;
  /** Every row, whole, of one server. */
  rows(server: FreshServer): Promise<string[]>;
}

export const twoServers = async (): Promise<TwoServers> => {
  await using undo = new AsyncDisposableStack();
  const [primary, backup, nats] = await Promise.all([freshPostgres(), freshPostgres(), freshNats()]);
  for (const server of [primary, backup, nats]) undo.use(server);
  const queue = openQueue({ url: nats.url, replicas: 1, maxBytes: 2 ** 26, ackTimeoutMs: 1_000, log });
  undo.defer(() => queue.close());
  await queue.prepare();
  const resources = undo.move();
  return {
    primary,
    backup,
    nats,
    queue,
    env: { EVENT_STORE_BACKUP_URL: backup.url },
    urls: { postgres: primary.url, nats: nats.url },
    open() {
      const store = openTwoStores({
        url: primary.url,
        backupUrl: backup.url,
        fencingTokens: queue.fencingTokenStore<StoreTerm>('event-store'),
        log,
      });
      resources.defer(() => store.close());
      return store;
    },
    rows: (server) => rowsOf(server.url),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
};

const rowsOf = async (url: string): Promise<string[]> => {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: 2_000,
    query_timeout: 5_000,
  });
  client.on('error', () => {});
  await client.connect();
  try {
    const { rows } = await client.query<{ row: string }>(
      `select position || ' ' || id || ' ' || md5(event::text) || ' ' || recorded_at || ' ' || encode(hash, 'hex') as row
       from event_store.events order by position`,
    );
    return rows.map(({ row }) => row);
  } finally {
    await client.end();
  }
};
