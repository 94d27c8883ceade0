import type { Logger } from '@rookery/service';
import pg from 'pg';

/** Longest wait for a connection, in milliseconds. */
const connectTimeout = 3_000;
/** Longest wait for an answer: the server gives up by itself just before the client does. Milliseconds. */
export const queryTimeout = 5_000;

const base = (url: string, name: string): pg.ClientConfig => ({
  connectionString: url,
  application_name: name,
  connectionTimeoutMillis: connectTimeout,
  query_timeout: queryTimeout,
  statement_timeout: queryTimeout - 500,
  keepAlive: true,
});

/** A small pool for what any process may do: read, park, prepare. */
export const openPool = (url: string, log: Logger): pg.Pool => {
  const pool = new pg.Pool({ ...base(url, 'rookery event store'), max: 4, idleTimeoutMillis: 30_000 });
  // Without a listener, an idle connection that breaks would end the process.
  // Its message alone: pg hangs the whole client on the error.
  pool.on('error', ({ message }) =>
    log.warn({ reason: message }, 'an idle connection to the event store broke'),
  );
  return pool;
};

/**
 * The writer's own connection. It must reach Postgres itself, not a pooler in transaction mode: the lock lives
 * and dies with the session.
 */
export const writerClient = (url: string): pg.Client => new pg.Client(base(url, 'rookery event writer'));

/**
 * Ends a connection without waiting for the server, which may be frozen. The socket is pg's own; its documented
 * end() would wait for the server's goodbye.
 */
export const cut = (client: pg.Client): void => {
  const { connection } = client as unknown as { connection?: { stream?: { destroy(): void } } };
  connection?.stream?.destroy();
};
