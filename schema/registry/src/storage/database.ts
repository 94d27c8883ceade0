import { postgresAt } from '@rookery/postgres';
import type { Logger } from '@rookery/runtime';
import type pg from 'pg';
import { RegistryError } from '../errors.ts';
import { migrate } from './tables.ts';

/** Runs statements: the pool, or one transaction. */
export type Queryable = Pick<pg.Client, 'query'>;

const timeoutsMs = { connect: 3_000, query: 5_000 } as const;
/** Longest wait of a publication for the one before it, which may compose a large graph, in milliseconds. */
const transactionTimeoutMs = 60_000;

/** SQLSTATE classes of a server that is down, starting or stopping. */
const isUnavailable = (error: unknown): boolean => {
  const { code, message } = error as { code?: unknown; message?: unknown };
  if (typeof code === 'string')
    return /^(08|57P|53|E[A-Z]+$)/.test(code) || code === '25006' || code === '57014';
  return /timeout|terminated|Connection/i.test(String(message));
};

const unavailable = () =>
  new RegistryError('SERVICE_UNAVAILABLE', 'The storage of the registry is unavailable. Try again later.');

/** The tables of the registry in Postgres. */
export class Database implements AsyncDisposable {
  readonly #pool: pg.Pool;
  readonly #log: Logger;
  #migrated: Promise<void> | undefined;

  constructor(url: string, log: Logger) {
    this.#log = log;
    this.#pool = postgresAt(url).openPool({
      application_name: 'rookery registry',
      connectionTimeoutMillis: timeoutsMs.connect,
      query_timeout: transactionTimeoutMs,
      statement_timeout: timeoutsMs.query,
      keepAlive: true,
      max: 8,
      idleTimeoutMillis: 30_000,
    });
    // Without a listener, an idle connection that breaks would end the process.
    this.#pool.on('error', ({ message }) => log.warn({ reason: message }, 'an idle connection broke'));
  }

  /** Runs one statement. @throws RegistryError SERVICE_UNAVAILABLE if Postgres does not answer */
  async query<R extends pg.QueryResultRow>(sql: string, values: unknown[] = []): Promise<R[]> {
    return this.read(async (client) => (await client.query<R>(sql, values)).rows);
  }

  /** Runs reads outside of a transaction. @throws RegistryError SERVICE_UNAVAILABLE if Postgres does not answer */
  async read<T>(work: (client: Queryable) => Promise<T>): Promise<T> {
    return this.#guard(async () => {
      await this.ready();
      return work(this.#pool);
    });
  }

  /** Runs work in one transaction. @throws RegistryError SERVICE_UNAVAILABLE if Postgres does not answer */
  async transaction<T>(work: (client: Queryable) => Promise<T>): Promise<T> {
    return this.#guard(async () => {
      await this.ready();
      const client = await this.#pool.connect();
      let broken: Error | undefined;
      try {
        await client.query('begin');
        const result = await work(client);
        await client.query('commit');
        return result;
      } catch (error) {
        broken = await client.query('rollback').then(
          () => undefined,
          (failure: Error) => failure,
        );
        throw error;
      } finally {
        client.release(broken);
      }
    });
  }

  /** Resolves once the tables exist. The first call that reaches Postgres creates them. */
  ready(): Promise<void> {
    this.#migrated ??= this.#migrate().catch((error: unknown) => {
      this.#migrated = undefined;
      throw error;
    });
    return this.#migrated;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool.end();
  }

  async #migrate(): Promise<void> {
    const client = await this.#pool.connect();
    try {
      await migrate(client);
    } finally {
      client.release();
    }
  }

  async #guard<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof RegistryError || !isUnavailable(error)) throw error;
      this.#log.warn({ reason: (error as Error).message }, 'the storage is unavailable');
      throw unavailable();
    }
  }
}
