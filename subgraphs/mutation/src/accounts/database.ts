import { setTimeout as delay } from 'node:timers/promises';
import { unavailable } from '@rookery/graphql-server';
import { postgresAt, replicationBarrier } from '@rookery/postgres';
import type { Logger } from '@rookery/runtime';
import type pg from 'pg';
import { makeTables } from './make-tables.ts';

/**
 * Asks Postgres. Every method throws RookeryError SERVICE_UNAVAILABLE if it does not answer, and UniqueViolationError if a
 * value that must be unique is taken.
 */
export interface AccountDatabase {
  /** Resolves once the tables exist, however long it takes to make them. Other methods do not wait so long for them. */
  prepare(): Promise<void>;
  query<Row extends pg.QueryResultRow>(sql: string, values?: unknown[]): Promise<pg.QueryResult<Row>>;
  /** All of it or nothing. Only one of those that lock `revocations` runs at a time. */
  transaction<T>(work: (ask: Ask) => Promise<T>, lock?: 'revocations'): Promise<T>;
  /**
   * Resolves once the synchronous standby, if there is one, has everything that was committed before, however long that
   * takes: to give up would leave a session in Postgres that goes on waiting.
   */
  replicated(): Promise<void>;
  close(): Promise<void>;
}

export type Ask = <Row extends pg.QueryResultRow>(
  sql: string,
  values?: unknown[],
) => Promise<pg.QueryResult<Row>>;

/** A statement gives a value to a second row that only one can have. */
export class UniqueViolationError extends Error {
  override name = 'UniqueViolationError';
}
const uniqueViolation = '23505';

const applicationName = 'rookery accounts';
/** Longest wait for a connection, and for an answer, in milliseconds: both together stay under 2 s. */
const timeoutMs = 900;
/** Longest delay of a timer. */
const maxTimeoutMs = 2 ** 31 - 1;
/** The one statement that may wait longer. pg accepts a time-out for a statement, which its types lack. */
const barrier: pg.QueryConfig & { readonly query_timeout: number } = {
  text: replicationBarrier,
  query_timeout: maxTimeoutMs,
};

/**
 * Opens the database of the accounts. It connects on first use and creates its tables then, so that this
 * process can start and serve everything else while Postgres is down.
 */
export const openAccountDatabase = (url: string, log: Logger): AccountDatabase => {
  const server = postgresAt(url);
  const pool = server.openPool({
    application_name: applicationName,
    max: 10,
    connectionTimeoutMillis: timeoutMs,
    query_timeout: timeoutMs,
    statement_timeout: timeoutMs,
    keepAlive: true,
  });
  // Without a listener, an idle connection that breaks would end the process.
  pool.on('error', ({ message }) =>
    log.warn({ reason: message }, 'an idle connection to the accounts broke'),
  );

  const answered = async <T>(asked: Promise<T>): Promise<T> => {
    try {
      return await asked;
    } catch (error) {
      if ((error as { readonly code?: unknown }).code === uniqueViolation)
        throw new UniqueViolationError('a value is taken', { cause: error });
      log.warn({ reason: error instanceof Error ? error.message : error }, 'the accounts did not answer');
      throw unavailable();
    }
  };

  const closing = new AbortController();
  let prepared: Promise<void> | undefined;
  const prepare = (): Promise<void> => {
    prepared ??= answered(makeTables(server, applicationName, closing.signal)).catch((error) => {
      prepared = undefined;
      throw error;
    });
    return prepared;
  };
  /** Waits as long as for a connection and an answer. If it takes longer, the tables go on being made for those who ask later. */
  const prepareInTime = async (): Promise<void> => {
    const late = Promise.withResolvers<never>();
    const giveUp = () => {
      log.warn('the tables of the accounts are not ready yet');
      late.reject(unavailable());
    };
    const timer = setTimeout(giveUp, 2 * timeoutMs);
    await Promise.race([prepare(), late.promise]).finally(() => clearTimeout(timer));
  };

  return {
    prepare,
    query: async (sql, values = []) => {
      await prepareInTime();
      return answered(pool.query(sql, values));
    },
    replicated: async () => {
      await prepareInTime();
      await answered(pool.query(barrier));
    },
    transaction: async (work, lock) => {
      await prepareInTime();
      const client = await answered(pool.connect());
      const ask: Ask = (sql, values = []) => answered(client.query(sql, values));
      let broken: Error | undefined;
      try {
        await ask('begin');
        if (lock) await ask('select pg_advisory_xact_lock(hashtext($1))', [`rookery ${lock}`]);
        const result = await work(ask);
        await ask('commit');
        return result;
      } catch (error) {
        broken = await client.query('rollback').then(
          () => undefined,
          (cause) => cause,
        );
        throw error;
      } finally {
        client.release(broken);
      }
    },
    close: async () => {
      closing.abort();
      // A frozen server never says goodbye.
      const enough = new AbortController();
      const late = delay(timeoutMs, undefined, { signal: enough.signal }).catch(() => {});
      await Promise.race([pool.end(), late]);
      enough.abort();
    },
  };
};
