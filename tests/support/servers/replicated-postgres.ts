import { until } from '../eventually.ts';
import type { FreshDatabase } from './fresh-database.ts';
import { type FreshServer, freshPostgres, freshPostgresStandby } from './fresh-servers.ts';
import { runSql } from './run-sql.ts';

/** A primary, and a standby without which it commits nothing. */
export interface ReplicatedPostgres extends AsyncDisposable {
  readonly primary: FreshServer;
  readonly standby: FreshServer;
  /** A database whose address has both hosts, the standby first. */
  readonly database: FreshDatabase;
  /** Ends the primary, unless that has happened, and promotes the standby. */
  promote(): Promise<void>;
}

export const replicatedPostgres = async (): Promise<ReplicatedPostgres> => {
  await using undo = new AsyncDisposableStack();
  const primary = undo.use(await freshPostgres());
  const standby = undo.use(await freshPostgresStandby(primary, 'second'));
  await runSql(primary.url, 'create database rookery');
  await runSql(primary.url, "alter system set synchronous_standby_names = 'second'");
  await runSql(primary.url, 'select pg_reload_conf()');
  await until('the standby is synchronous', async () => {
    const states = await runSql(primary.url, 'select sync_state from pg_stat_replication');
    return states.some(({ sync_state }) => sync_state === 'sync');
  });
  const url = primary.url.replace('@', `@${new URL(standby.url).host},`).replace(/\/postgres$/, '/rookery');
  const nothing = async () => {};
  const resources = undo.move();
  return {
    primary,
    standby,
    database: { name: 'rookery', url, drop: nothing, [Symbol.asyncDispose]: nothing },
    async promote() {
      await primary.kill();
      await runSql(standby.url, 'select pg_promote()');
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
};
