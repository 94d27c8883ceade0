import { setTimeout } from 'node:timers/promises';
import { cut, replicationBarrier } from '@rookery/postgres';
import { jittered, type Logger } from '@rookery/runtime';
import type { Envelope } from '@rookery/schema/events';
import pg from 'pg';
import { Appender } from './append.ts';
import { completeChain } from './chain.ts';
import { type ConnectionTimeouts, connectWriter } from './connections.ts';
import { isMigrating, migrate } from './migrate.ts';
import { defaultPartitionSize, ensurePartitions, type Partition } from './partitions.ts';
import { PlanMode } from './plan-mode.ts';
import { prepareSchema, writerLock } from './schema.ts';
import type { Appended, EventWriter } from './types.ts';

/** Interval at which a standby tries to take the lock, and the writer shows that it is alive. */
const standbyPollMs = 400;
const heartbeatMs = 2_000;

/**
 * A writer that hangs (stopped, or its machine gone) loses its session and the lock after 10 s. It is
 * harmless afterwards, since nothing that it sends on that connection arrives.
 *
 * It looks up events only by index: other plans are cheaper as long as the store is small, and grow with it. Without these
 * plans the estimated costs are so high that Postgres would compile each statement.
 */
export const sessionSettings = `
set idle_session_timeout = '10s';
set idle_in_transaction_session_timeout = '10s';
set tcp_keepalives_idle = 4; set tcp_keepalives_interval = 2; set tcp_keepalives_count = 3;
set tcp_user_timeout = '10s';
set enable_seqscan = off; set enable_hashjoin = off; set enable_mergejoin = off; set jit = off`;

/** Postgres refuses the data of an event, so retries cannot help. Alone in its batch, it is the dead letter. */
export class UnstorableEventError extends Error {
  override readonly name = 'UnstorableEventError';
}

/** The writer gave up its role by itself, which says nothing about its store. */
export class WriterReleasedError extends Error {
  override readonly name = 'WriterReleasedError';
}

/** SQLSTATE classes of invalid data: 22 data exception, 54 program limit exceeded. */
const isDataError = (error: unknown): boolean =>
  error instanceof pg.DatabaseError && /^(22|54)/.test(error.code ?? '');

export interface WriterOptions {
  readonly url: string;
  readonly log: Logger;
  /** Number of events in a new partition. */
  readonly partitionSize: number;
}

/** The writer, on a connection that holds the lock. */
export class PostgresWriter implements EventWriter {
  readonly lost: Promise<Error>;
  readonly #client: pg.Client;
  readonly #appender: Appender;
  readonly #planMode: PlanMode;
  readonly #timer: NodeJS.Timeout;
  readonly #resolveLost: (why: Error) => void;
  readonly #options: WriterOptions;
  readonly #ending = new AbortController();
  #gone: Error | undefined;
  #busy = false;
  /** Last partition; undefined while all events are in one table. */
  #newest: Partition | undefined;
  /** Ends with the last use of the connection. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(client: pg.Client, options: WriterOptions) {
    const { log } = options;
    const { promise, resolve } = Promise.withResolvers<Error>();
    this.lost = promise;
    this.#resolveLost = resolve;
    this.#client = client;
    this.#options = options;
    this.#appender = new Appender(client);
    this.#planMode = new PlanMode(client);
    client.on('error', (error) => {
      log.warn({ reason: error.message }, "the event writer's connection broke");
      this.#lose(error);
    });
    client.on('end', () => this.#lose(new Error('the connection of the event writer ended')));
    // Keeps the session alive (see sessionSettings), and detects a server that no longer answers.
    this.#timer = setInterval(() => {
      if (this.#busy) return;
      client.query<{ now: Date }>('select clock_timestamp() as now').then(
        ({ rows: [row] }) => row && this.#appender.setClock(row.now),
        (error: unknown) => this.#lose(error),
      );
    }, heartbeatMs);
    this.#timer.unref();
  }

  #lose(why: unknown): void {
    if (this.#gone) return;
    this.#gone = why instanceof Error ? why : new Error(String(why));
    clearInterval(this.#timer);
    this.#ending.abort(this.#gone);
    cut(this.#client);
    this.#resolveLost(this.#gone);
  }

  get isLost(): boolean {
    return this.#gone !== undefined;
  }

  /** @param term refuses the append, in the same transaction, unless the store is in this term */
  append(events: readonly Envelope[], texts?: readonly Uint8Array[], term?: number): Promise<Appended> {
    return this.#run(async () => {
      await this.#makeRoom((await this.#appender.position()) + events.length);
      await this.#planMode.beforeAppend();
      return this.#appender.append(events, { texts, term });
    });
  }

  /** Creates the partitions of events up to this position, and a spare one, if they are missing. */
  makeRoom(upTo: number): Promise<void> {
    return this.#run(() => this.#makeRoom(upTo));
  }

  async #makeRoom(upTo: number): Promise<void> {
    if (this.#newest !== undefined && upTo >= this.#newest.first) await this.#ensurePartitions(upTo);
  }

  async #ensurePartitions(upTo: number): Promise<void> {
    this.#newest = await ensurePartitions(this.#client, upTo, this.#options.partitionSize);
  }

  /** Starts what the layout of the store needs beside the appends. */
  async keepPartitions(): Promise<void> {
    const { url, log, partitionSize } = this.#options;
    const ensure = () => this.#run(async () => this.#ensurePartitions(await this.#appender.position()));
    await ensure();
    if (!(await this.#run(() => isMigrating(this.#client)))) return;
    const { signal } = this.#ending;
    const migrating = migrate({
      url,
      log,
      partitionSize,
      signal,
      betweenAppends: (work) => this.useKeepingEvents(work),
    });
    void migrating.then(ensure).catch((error: unknown) => {
      if (!signal.aborted)
        log.error({ error }, 'failed to partition the event store; the next writer resumes');
    });
  }

  /** Runs `work` on the connection that holds the lock. A failure that is not due to its data ends the writer. */
  use<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
    return this.#run(async () => {
      try {
        return await this.#work(work);
      } finally {
        this.#appender.forgetHead();
      }
    });
  }

  /** Like `use`, for work that changes no event. */
  useKeepingEvents<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
    return this.#run(() => this.#work(work));
  }

  async #work<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
    await this.#planMode.beforeOther();
    return work(this.#client);
  }

  /** Runs one piece of work after another, so that none gets into a transaction of another. */
  #run<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(() => this.#runNow(work));
    this.#turn = turn.catch(() => {});
    return turn;
  }

  async #runNow<T>(work: () => Promise<T>): Promise<T> {
    if (this.#gone) throw this.#gone;
    this.#busy = true;
    try {
      return await work();
    } catch (error) {
      if (isDataError(error)) {
        await this.#client.query('rollback').catch((e: unknown) => this.#lose(e));
        throw new UnstorableEventError(error instanceof Error ? error.message : String(error), {
          cause: error,
        });
      }
      // After a broken connection it is unknown whether a commit succeeded: only a new writer, which reads
      // the actual state, may continue.
      this.#lose(error);
      throw error;
    } finally {
      this.#busy = false;
    }
  }

  async release(): Promise<void> {
    if (this.#gone) return;
    this.#gone = new WriterReleasedError('the event writer was released');
    clearInterval(this.#timer);
    this.#ending.abort(this.#gone);
    await Promise.race([this.#client.end(), setTimeout(1_000, undefined, { ref: false })]).catch(() => {});
    cut(this.#client);
    this.#resolveLost(this.#gone);
  }
}

/** Makes the session that has the lock the writer. If it fails, the caller closes the connection. */
export const beginWriting = async (client: pg.Client, options: WriterOptions): Promise<PostgresWriter> => {
  await client.query(replicationBarrier);
  const chained = await completeChain(client);
  if (chained > 0) options.log.info({ chained }, 'added the hashes of earlier events');
  const writer = new PostgresWriter(client, options);
  await writer.keepPartitions();
  return writer;
};

export interface AcquireOptions {
  readonly timeoutsMs?: ConnectionTimeouts | undefined;
  /** Number of events in a new partition. */
  readonly partitionSize?: number | undefined;
  /** Tries to take the lock once, and returns undefined if another process holds it. */
  readonly once?: boolean;
}

/**
 * Waits for the lock on a separate connection.
 * @throws the reason of the signal, or an error if the server is down
 */
export const acquire = async (
  url: string,
  log: Logger,
  signal: AbortSignal,
  options: Pick<AcquireOptions, 'partitionSize'> = {},
): Promise<PostgresWriter> => {
  const writer = await tryAcquire(url, log, signal, options);
  if (!writer) throw new Error('the lock was not waited for');
  return writer;
};

export const tryAcquire = async (
  url: string,
  log: Logger,
  signal: AbortSignal,
  { timeoutsMs, partitionSize = defaultPartitionSize, once = false }: AcquireOptions = {},
): Promise<PostgresWriter | undefined> => {
  signal.throwIfAborted();
  const client = await connectWriter(url, signal, timeoutsMs);
  // The waiting query also fails, with the same reason.
  const early = (): void => {};
  client.on('error', early);
  const abort = () => cut(client);
  signal.addEventListener('abort', abort, { once: true });
  try {
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
      await setTimeout(jittered(standbyPollMs, 0.25), undefined, { signal });
    }
    const writer = await beginWriting(client, { url, log, partitionSize });
    client.off('error', early);
    return writer;
  } catch (error) {
    cut(client);
    throw signal.aborted ? signal.reason : error;
  } finally {
    signal.removeEventListener('abort', abort);
  }
};
