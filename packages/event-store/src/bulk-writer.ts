import { setTimeout } from 'node:timers/promises';
import { postgresAt } from '@rookery/postgres';
import type { Logger } from '@rookery/runtime';
import type { Envelope } from '@rookery/schema/events';
import type pg from 'pg';
import { link, readHead } from './append.ts';
import type { ChainHead } from './chain.ts';
import { connectWriter } from './connections.ts';
import { defaultPartitionSize } from './partitions.ts';
import { restoreRows } from './restore.ts';
import { prepareSchema, writerLock } from './schema.ts';
import { beginWriting, type PostgresWriter, sessionSettings } from './writer.ts';

/** Appends many new events, as the only writer of the store. */
export interface BulkWriter extends AsyncDisposable {
  /**
   * Appends events that the store lacks, in one transaction. The caller knows that they are new, and that none has an
   * idempotency key that is recorded. The next batch may be passed while this one is written: they keep their order, and
   * none is written after one that failed.
   */
  append(events: readonly Envelope[]): Promise<void>;
  /** Last position, including that of batches that are being written. */
  readonly position: number;
  /** Resolves when the lock is lost. */
  readonly lost: Promise<Error>;
}

export interface BulkWriterOptions {
  readonly log: Logger;
  readonly signal: AbortSignal;
  /** Number of events in a new partition. */
  readonly partitionSize?: number;
}

/** Interval at which the holder of the lock is ended until this session has it. */
const takeOverIntervalMs = 50;

/** Ends the session that holds the lock, once the given session waits for it: then it is the next to get it. */
const endHolder = `
select pg_terminate_backend(holder.pid) from pg_locks as holder
where holder.locktype = 'advisory' and holder.granted and holder.classid = 0 and holder.objid = $1
  and holder.database = (select oid from pg_database where datname = current_database())
  and exists (
    select from pg_locks as next
    where next.pid = $2 and next.locktype = 'advisory' and next.objid = $1 and not next.granted
  )`;

/**
 * Takes the role of the writer from a running recorder, which becomes a standby and continues after this writer: whatever is
 * accepted meanwhile waits in the queue.
 */
export const openBulkWriter = async (
  url: string,
  { log, signal, partitionSize = defaultPartitionSize }: BulkWriterOptions,
): Promise<BulkWriter> => {
  const client = await takeLock(url, signal);
  try {
    const writer = await beginWriting(client, { url, log, partitionSize });
    const { head, clock } = await writer.useKeepingEvents(readHead);
    return new PostgresBulkWriter({ writer, head, clock, partitionSize });
  } catch (error) {
    await client.end();
    throw error;
  }
};

const takeLock = async (url: string, signal: AbortSignal): Promise<pg.Client> => {
  const client = await connectWriter(url, signal);
  const other = await postgresAt(url).connect({ application_name: 'rookery event writer' }, signal);
  try {
    await client.query(sessionSettings);
    await prepareSchema(client);
    const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
    let taken = false;
    const taking = client.query('select pg_advisory_lock($1)', [writerLock]).then(() => {
      taken = true;
    });
    const ending = (async () => {
      while (!taken) {
        signal.throwIfAborted();
        await other.query(endHolder, [writerLock, rows[0]?.pid]);
        await setTimeout(takeOverIntervalMs);
      }
    })();
    await Promise.all([taking, ending]);
    return client;
  } catch (error) {
    await client.end();
    throw error;
  } finally {
    await other.end();
  }
};

interface PostgresBulkWriterOptions {
  readonly writer: PostgresWriter;
  /** Last event of the store. */
  readonly head: ChainHead;
  /** Clock of the store, as in the recorder's appends. */
  readonly clock: () => Date;
  readonly partitionSize: number;
}

class PostgresBulkWriter implements BulkWriter {
  readonly #writer: PostgresWriter;
  readonly #clock: () => Date;
  readonly #partitionSize: number;
  #head: ChainHead;
  #written: Promise<void> = Promise.resolve();

  constructor({ writer, head, clock, partitionSize }: PostgresBulkWriterOptions) {
    this.#writer = writer;
    this.#head = head;
    this.#clock = clock;
    this.#partitionSize = partitionSize;
  }

  get position(): number {
    return this.#head.position;
  }

  get lost(): Promise<Error> {
    return this.#writer.lost;
  }

  append(events: readonly Envelope[]): Promise<void> {
    const recordedAt = this.#clock().toISOString();
    const given = events.map((event) => ({ event, text: JSON.stringify(event) }));
    const { linked, end } = link(this.#head, given, recordedAt);
    this.#head = end;
    this.#written = this.#written.then(() =>
      this.#writer.use((client) => restoreRows(client, linked, this.#partitionSize)),
    );
    return this.#written;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#written.catch(() => {});
    await this.#writer.release();
  }
}
