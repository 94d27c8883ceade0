import { postgresAt } from '@rookery/postgres';
import type { Logger } from '@rookery/runtime';
import type pg from 'pg';

/** Milliseconds. */
export interface ConnectionTimeouts {
  /** Maximum wait for a connection. */
  readonly connect: number;
  /** Maximum wait for an answer; the server cancels just before the client gives up. */
  readonly query: number;
}

const timeoutsMs: ConnectionTimeouts = { connect: 3_000, query: 5_000 };
/** Time-outs if there is another store to continue with. */
export const shortTimeoutsMs: ConnectionTimeouts = { connect: 1_500, query: 2_500 };

const settings = (name: string, { connect, query }: ConnectionTimeouts) => ({
  application_name: name,
  connectionTimeoutMillis: connect,
  query_timeout: query,
  statement_timeout: query - 500,
  keepAlive: true,
});

/** Opens a small pool for any process: read, add dead letters, prepare. */
export const openPool = (url: string, log: Logger, wait: ConnectionTimeouts = timeoutsMs): pg.Pool => {
  const config = { ...settings('rookery event store', wait), max: 4, idleTimeoutMillis: 30_000 };
  const pool = postgresAt(url).openPool(config);
  // Without a listener, an idle connection that breaks would end the process.
  // Its message alone: pg hangs the whole client on the error.
  pool.on('error', ({ message }) =>
    log.warn({ reason: message }, 'an idle connection to the event store broke'),
  );
  return pool;
};

/**
 * Opens the connection of the writer. It must reach Postgres itself and not a pooler in transaction mode, since the
 * lock belongs to the session.
 */
export const connectWriter = (
  url: string,
  signal: AbortSignal,
  wait: ConnectionTimeouts = timeoutsMs,
): Promise<pg.Client> => postgresAt(url).connect(settings('rookery event writer', wait), signal);
