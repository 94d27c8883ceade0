import { setTimeout } from 'node:timers/promises';
import type { Envelope } from '@rookery/schema/events';
import type { Logger } from '@rookery/service';
import pg from 'pg';
import { append } from './append.ts';
import { completeChain } from './chain.ts';
import { cut, type Patience, writerClient } from './connections.ts';
import { prepareSchema, writerLock } from './schema.ts';
import type { Appended, EventWriter } from './types.ts';

/** How often a standby asks for the lock, and the writer shows that it lives. Milliseconds. */
const standbyPoll = 400;
const heartbeat = 2_000;

/**
 * A writer that hangs (stopped, or its machine gone) loses its session, and the lock with it, after 10 s; it
 * can't do harm afterwards, since what it sends on that connection never arrives.
 */
const sessionSettings = `
set idle_session_timeout = '10s';
set idle_in_transaction_session_timeout = '10s';
set tcp_keepalives_idle = 4; set tcp_keepalives_interval = 2; set tcp_keepalives_count = 3;
set tcp_user_timeout = '10s'`;

/** Events whose data Postgres refuses: trying again can't help. Alone in its batch, it is the one to set aside. */
export class Unstorable extends Error {
  override readonly name = 'Unstorable';
}

/** The writer gave up its place by itself: that says nothing of its store. */
export class Released extends Error {
  override readonly name = 'Released';
}

/** SQLSTATE classes of what is wrong with the data itself: 22 data exception, 54 program limit exceeded. */
const isDataError = (error: unknown): boolean =>
  error instanceof pg.DatabaseError && /^(22|54)/.test(error.code ?? '');

/** The one that appends, on a connection that holds the lock. */
export class PostgresWriter implements EventWriter {
  readonly lost: Promise<Error>;
  readonly #client: pg.Client;
  readonly #timer: NodeJS.Timeout;
  readonly #settleLost: (why: Error) => void;
  #gone: Error | undefined;
  #busy = false;

  constructor(client: pg.Client, log: Logger) {
    const { promise, resolve } = Promise.withResolvers<Error>();
    this.lost = promise;
    this.#settleLost = resolve;
    this.#client = client;
    client.on('error', (error) => {
      log.warn({ reason: error.message }, "the event writer's connection broke");
      this.#lose(error);
    });
    client.on('end', () => this.#lose(new Error('the connection of the event writer ended')));
    // Keeps the session alive (see sessionSettings), and finds out about a server that no longer answers.
    this.#timer = setInterval(() => {
      if (this.#busy) return;
      client.query('select 1').catch((error: unknown) => this.#lose(error));
    }, heartbeat);
    this.#timer.unref();
  }

  #lose(why: unknown): void {
    if (this.#gone) return;
    this.#gone = why instanceof Error ? why : new Error(String(why));
    clearInterval(this.#timer);
    cut(this.#client);
    this.#settleLost(this.#gone);
  }

  get isLost(): boolean {
    return this.#gone !== undefined;
  }

  append(events: readonly Envelope[], guard?: (client: pg.Client) => Promise<void>): Promise<Appended> {
    return this.use((client) => append(client, events, guard));
  }

  /** Works on the connection that holds the lock. What fails for another reason than its data ends the writer. */
  async use<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
    if (this.#gone) throw this.#gone;
    this.#busy = true;
    try {
      return await work(this.#client);
    } catch (error) {
      if (isDataError(error)) {
        await this.#client.query('rollback').catch((e: unknown) => this.#lose(e));
        throw new Unstorable(error instanceof Error ? error.message : String(error), { cause: error });
      }
      // Whether a commit went through is unknown after a broken connection: only a new writer, which looks at
      // what is there, may go on.
      this.#lose(error);
      throw error;
    } finally {
      this.#busy = false;
    }
  }

  async release(): Promise<void> {
    if (this.#gone) return;
    this.#gone = new Released('the event writer was released');
    clearInterval(this.#timer);
    await Promise.race([this.#client.end(), setTimeout(1_000, undefined, { ref: false })]).catch(() => {});
    cut(this.#client);
    this.#settleLost(this.#gone);
  }
}

export interface AcquireOptions {
  readonly patience?: Patience;
  /** Asks for the lock once, and answers undefined where somebody else has it. */
  readonly once?: boolean;
}

/** Waits for the lock on a connection of its own. @throws what the signal says, or that the server is away */
export const acquire = async (url: string, log: Logger, signal: AbortSignal): Promise<PostgresWriter> => {
  const writer = await tryAcquire(url, log, signal);
  if (!writer) throw new Error('the lock was not waited for');
  return writer;
};

export const tryAcquire = async (
  url: string,
  log: Logger,
  signal: AbortSignal,
  { patience, once = false }: AcquireOptions = {},
): Promise<PostgresWriter | undefined> => {
  signal.throwIfAborted();
  const client = writerClient(url, patience);
  // The query that waits fails too, with the same reason.
  const early = (): void => {};
  client.on('error', early);
  const abort = () => cut(client);
  signal.addEventListener('abort', abort, { once: true });
  try {
    await client.connect();
    await client.query(sessionSettings);
    await prepareSchema(client);
    for (;;) {
      signal.throwIfAborted();
      const { rows } = await client.query<{ mine: boolean }>('select pg_try_advisory_lock($1) as mine', [
        writerLock,
      ]);
      if (rows[0]?.mine) break;
      if (once) {
        cut(client);
        return undefined;
      }
      await setTimeout(standbyPoll * (0.75 + Math.random() / 2), undefined, { signal });
    }
    const chained = await completeChain(client);
    if (chained > 0) log.info({ chained }, 'events of before have been given their hashes');
    const writer = new PostgresWriter(client, log);
    client.off('error', early);
    return writer;
  } catch (error) {
    cut(client);
    throw signal.aborted ? signal.reason : error;
  } finally {
    signal.removeEventListener('abort', abort);
  }
};
