import { setTimeout } from 'node:timers/promises';
import type { Logger } from '@rookery/runtime';
import pg from 'pg';
import type { PostgresServer } from './index.ts';

/** Milliseconds. */
interface MaintenanceLimits {
  /** Maximum wait for a connection. */
  readonly connect: number;
  /** Maximum wait for a lock: of other processes that do the same work, and of a table. */
  readonly lock: number;
  /** Maximum wait for an answer that takes the server no time. */
  readonly answer: number;
  /** Interval between checks of a statement that is running. */
  readonly check: number;
  /** Time without a successful check after which the server counts as down. */
  readonly silence: number;
}

const defaultLimits: MaintenanceLimits = {
  connect: 10_000,
  lock: 120_000,
  answer: 10_000,
  check: 10_000,
  silence: 60_000,
};

export interface MaintenanceOptions {
  readonly server: PostgresServer;
  /** Name of the connections in `pg_stat_activity`. */
  readonly applicationName: string;
  readonly log: Logger;
  readonly limits?: MaintenanceLimits;
}

/**
 * Runs statements in transactions, one after the other: those of one list in one transaction. Processes that name the same work
 * run one transaction at a time.
 * @throws pg.DatabaseError if the server refuses a statement: with SQLSTATE 55P03 if a lock was not free in time
 * @throws Error if there is no connection, or the server is down
 */
export type Maintain = (work: string, transactions: readonly (readonly string[])[]) => Promise<void>;

/** Postgres ends the work of a client that has gone, instead of keeping its locks until the statement is over. */
const sessionSettings = '-c client_connection_check_interval=5s';
/** Interval between log entries of a statement that is running, in milliseconds. */
const reportEveryMs = 60_000;

/**
 * Returns a function that runs statements on whole tables. Its time depends on the size of the table, so it has no
 * limit. It fails instead once the server does not confirm over a second connection that it is still working: a server that
 * freezes, fails over or has lost the connection is noticed, whatever the size of the table.
 */
export const createMaintenance = (options: MaintenanceOptions): Maintain => {
  const { server, applicationName, log, limits = defaultLimits } = options;
  return async (work, transactions) => {
    const client = await server.connect({
      application_name: applicationName,
      connectionTimeoutMillis: limits.connect,
      lock_timeout: limits.lock,
      keepAlive: true,
      options: sessionSettings,
    });
    client.on('error', ({ message }) => log.warn({ reason: message, work }, 'lost a connection to Postgres'));
    try {
      const watched = { ...options, limits };
      const { rows } = await client.query<{ pid: number }>(askPid(limits));
      using session = watchSession(rows[0]?.pid ?? 0, work, watched);
      for (const statements of transactions) {
        const done = client.query(transactionOf(work, statements));
        // If the session is lost first, this fails as well, and nobody waits for it any more.
        done.catch(() => {});
        await Promise.race([done, session.lost]);
      }
    } finally {
      await client.end().catch(() => {});
    }
  };
};

const askPid = ({ answer }: MaintenanceLimits): pg.QueryConfig & { readonly query_timeout: number } => ({
  text: 'select pg_backend_pid() as pid',
  query_timeout: answer,
});

/** Returns all statements of one transaction, which the server runs without waiting for the client in between. */
const transactionOf = (work: string, statements: readonly string[]): string =>
  [
    'begin',
    `select pg_advisory_xact_lock(hashtextextended(${pg.escapeLiteral(work)}, 0))`,
    ...statements,
    'commit',
  ].join(';\n');

type Watching = Required<MaintenanceOptions>;

/** @returns `lost`, which is rejected once the session has ended or the server is down */
const watchSession = (
  pid: number,
  work: string,
  options: Watching,
): Disposable & { readonly lost: Promise<never> } => {
  const stopping = new AbortController();
  const lost = checkSession(pid, work, options, stopping.signal);
  lost.catch(() => {});
  return { lost, [Symbol.dispose]: () => stopping.abort() };
};

const checkSession = async (
  pid: number,
  work: string,
  { server, applicationName, log, limits }: Watching,
  signal: AbortSignal,
): Promise<never> => {
  const startedAt = performance.now();
  let confirmedAt = startedAt;
  let reports = 0;
  for (;;) {
    await setTimeout(limits.check, undefined, { signal });
    const isOpen = await isSessionOpen(pid, server, applicationName, limits).catch(() => undefined);
    const now = performance.now();
    if (isOpen === false) throw new Error(`Postgres has lost the connection that ${work} was using`);
    if (isOpen) confirmedAt = now;
    else if (now - confirmedAt >= limits.silence)
      throw new Error(`Postgres has not answered for ${Math.round((now - confirmedAt) / 1_000)} s`);
    if (now - startedAt >= (reports + 1) * reportEveryMs) {
      reports += 1;
      log.info(
        { work, seconds: Math.round((now - startedAt) / 1_000) },
        'a statement on a whole table is still running',
      );
    }
  }
};

const isSessionOpen = async (
  pid: number,
  server: PostgresServer,
  applicationName: string,
  { connect, answer }: MaintenanceLimits,
): Promise<boolean> => {
  const client = await server.connect({
    application_name: `${applicationName} check`,
    connectionTimeoutMillis: connect,
    statement_timeout: answer,
    query_timeout: answer,
  });
  client.on('error', () => {});
  try {
    const text = 'select from pg_stat_activity where pid = $1 and application_name = $2';
    return (await client.query(text, [pid, applicationName])).rows.length > 0;
  } finally {
    await client.end().catch(() => {});
  }
};
