import { openEventStore } from '@rookery/event-store';
import { postgresAt } from '@rookery/postgres';
import { createLog } from '@rookery/runtime';
import { expect, it } from 'vitest';
import { createHistory } from '../support/events/history.ts';
import { eventually } from '../support/eventually.ts';
import { processTree } from '../support/process-tree.ts';
import { freeze } from '../support/servers/freeze.ts';
import { replicatedPostgres } from '../support/servers/replicated-postgres.ts';

const log = createLog('test', 'silent');

it('connects to the primary of several hosts, and to the standby once it is promoted', async () => {
  await using postgres = await replicatedPostgres();
  await using open = new AsyncDisposableStack();
  const { url } = postgres.database;
  const pool = open.adopt(
    postgresAt(url).openPool({ max: 4, connectionTimeoutMillis: 2_000, query_timeout: 2_000 }),
    (one) => one.end(),
  );
  pool.on('error', () => {});
  const isStandby = async (): Promise<boolean> => {
    const { rows } = await pool.query<{ standby: boolean }>('select pg_is_in_recovery() as standby');
    return rows[0]?.standby ?? true;
  };
  expect(await Promise.all(Array.from({ length: 8 }, isStandby))).toEqual(Array(8).fill(false));

  const store = open.adopt(openEventStore(url, { log }), (one) => one.close());
  const writer = await store.acquireWriter(new AbortController().signal);
  const history = createHistory();
  await writer.append(history.next(20));
  await postgres.promote();
  await writer.lost;
  await eventually(async () => (await isStandby()) === false, { what: 'a connection to the promoted host' });
  expect(await store.head()).toBe(20);
  const next = await store.acquireWriter(new AbortController().signal);
  await next.append(history.next(5));
  expect(await store.head()).toBe(25);
});

it('shows nothing to a writer that the synchronous standby does not have', async () => {
  await using postgres = await replicatedPostgres();
  const { primary, standby } = postgres;
  await using open = new AsyncDisposableStack();
  // The primary alone, as a recorder finds it that starts while the standby is down.
  const url = primary.url.replace(/\/postgres$/, '/rookery');
  const store = open.adopt(openEventStore(url, { log }), (one) => one.close());
  const writer = await store.acquireWriter(new AbortController().signal);
  const history = createHistory();
  await writer.append(history.next(3));
  await freeze(...processTree(standby.pid));
  const lost = writer.append(history.next(2)).catch((error: unknown) => error);
  expect(await lost).toBeInstanceOf(Error);
  // After a restart, the primary shows a commit that nobody has acknowledged.
  await primary.restart();
  await eventually(async () => (await store.head()) === 5, { what: 'the events that were not replicated' });
  const refused = store.acquireWriter(new AbortController().signal);
  await expect(refused).rejects.toThrow();
  standby.signal('SIGCONT');
  const after = await eventually(() => store.acquireWriter(new AbortController().signal), {
    what: 'a writer once the standby is back',
  });
  await after.append(history.next(1));
  await postgres.promote();
  const promoted = open.adopt(
    openEventStore(standby.url.replace(/\/postgres$/, '/rookery'), { log }),
    (one) => one.close(),
  );
  expect(await promoted.head()).toBe(6);
});
