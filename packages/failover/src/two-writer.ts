import { setTimeout } from 'node:timers/promises';
import type { Appended, EventWriter } from '@rookery/event-store';
import { FencedWriterError, holdTerm } from '@rookery/event-store/term';
import type { PostgresWriter } from '@rookery/event-store/writer';
import type { Logger } from '@rookery/runtime';
import type { Envelope } from '@rookery/schema/events';
import type pg from 'pg';
import { columnsOf, eventsBehind, headOf, lastShared, readRows, trim, writeRows } from './mirror.ts';

/** Number of rows that are copied in one transaction. */
const page = 1_000;
/** Maximum lag that is resolved at once, while recording waits. */
export const maxInlineLag = 5_000;
/** Interval at which a writer with one store checks for the other. */
const checkIntervalMs = 1_000;

/**
 * Refuses, within the transaction, writes of an older term.
 * @throws FencedWriterError
 */
const demandTerm = async (client: pg.Client, term: number): Promise<void> => {
  const { rowCount } = await client.query(holdTerm, [term]);
  if (rowCount !== 1) throw new FencedWriterError(`the event store is no longer in term ${term}`);
};

/**
 * Copies the events that `target` lacks from `source`. Events of `target` after the last shared position were
 * never relayed. They are first appended to `source`, which drops those that it has at other positions, and
 * then removed, so that no event known only to the target is lost.
 * @param appendToSource appends at the end of the source
 */
export const makeEqual = async (
  source: PostgresWriter,
  target: PostgresWriter,
  appendToSource: (events: readonly Envelope[]) => Promise<unknown>,
  log: Logger,
): Promise<void> => {
  const shared = await source.use((one) => target.use((other) => lastShared(one, other)));
  const surplus = (await target.use(headOf)) - shared;
  if (surplus > 0) {
    for (let at = shared; ; at += page) {
      const events = await target.use((client) => eventsBehind(client, at, page));
      if (events.length === 0) break;
      await appendToSource(events);
    }
    log.warn({ shared, surplus }, 'removed unconfirmed events of one event store and recorded them again');
  }
  const columns = await target.use(columnsOf);
  let at = shared;
  let first = surplus > 0;
  for (;;) {
    const rows = await source.use((client) => readRows(client, columns, at, page));
    if (rows.length === 0 && !first) break;
    await target.makeRoom(at + rows.length);
    await target.use(async (client) => {
      await client.query('begin');
      if (first) await trim(client, shared);
      await writeRows(client, columns, rows);
      await client.query('commit');
    });
    first = false;
    at += rows.length;
    // Stops before nothing is left: while recording continues there is always more.
    if (rows.length < page) break;
  }
  if (at > shared) log.info({ from: shared + 1, upTo: at }, 'copied the missing events to an event store');
};

/**
 * Appends to both stores: to the backup first, then identical rows to the primary. An append counts once both
 * have it. So the primary never has rows that the backup lacks, and a late commit of a failed primary is
 * exactly what the backup has at that position.
 */
export class BothWriter implements EventWriter {
  readonly lost: Promise<Error>;
  readonly #primary: PostgresWriter;
  readonly #backup: PostgresWriter;
  readonly #term: number;
  #columns: Awaited<ReturnType<typeof columnsOf>> | undefined;

  constructor(primary: PostgresWriter, backup: PostgresWriter, term: number) {
    this.#primary = primary;
    this.#backup = backup;
    this.#term = term;
    this.lost = Promise.race([primary.lost, backup.lost]);
  }

  async append(events: readonly Envelope[], texts?: readonly Uint8Array[]): Promise<Appended> {
    if (events.length === 0) return { recorded: [], duplicates: [], conflicts: [] };
    const appended = await this.#backup.append(events, texts, this.#term);
    const first = appended.recorded[0];
    if (first) await this.#copy(first.position - 1, appended.recorded.length);
    return appended;
  }

  async #copy(after: number, count: number): Promise<void> {
    this.#columns ??= await this.#primary.use(columnsOf);
    const columns = this.#columns;
    const rows = await this.#backup.useKeepingEvents((client) => readRows(client, columns, after, count));
    await this.#primary.makeRoom(after + rows.length);
    await this.#primary.use(async (client) => {
      await client.query('begin');
      await demandTerm(client, this.#term);
      await writeRows(client, columns, rows);
      await client.query('commit');
    });
  }

  async release(): Promise<void> {
    await Promise.all([this.#primary.release(), this.#backup.release()]);
  }
}

export interface AloneOptions {
  readonly writer: PostgresWriter;
  readonly term: number;
  /**
   * Takes the lock of the other store; undefined if another process holds it.
   * @throws if the store is down
   */
  readonly reachOther: (signal: AbortSignal) => Promise<PostgresWriter | undefined>;
  readonly log: Logger;
}

/**
 * Appends to one store while the other is down, and updates the other once it is back. When both are nearly
 * equal it gives up its role: the next writer makes them equal and uses both.
 */
export class AloneWriter implements EventWriter {
  readonly lost: Promise<Error>;
  readonly #options: AloneOptions;
  readonly #stopping = new AbortController();
  readonly #rejoining: Promise<void>;
  readonly #resolveLost: (why: Error) => void;
  /** Serializes appends, since the rejoining may append as well. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: AloneOptions) {
    const { promise, resolve } = Promise.withResolvers<Error>();
    this.lost = promise;
    this.#resolveLost = resolve;
    this.#options = options;
    void options.writer.lost.then(resolve);
    this.#rejoining = this.#rejoin();
  }

  append(events: readonly Envelope[], texts?: readonly Uint8Array[]): Promise<Appended> {
    const { writer, term } = this.#options;
    return this.#inTurn(() => writer.append(events, texts, term));
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => {});
    return turn;
  }

  async #rejoin(): Promise<void> {
    const { reachOther, log } = this.#options;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      await setTimeout(checkIntervalMs, undefined, { signal }).catch(() => {});
      if (signal.aborted) return;
      let other: PostgresWriter | undefined;
      try {
        other = await reachOther(signal);
        if (!other) continue;
        await this.#catchUp(other);
        await other.release();
        this.#resolveLost(new Error('the other event store is back; continuing with both'));
        return;
      } catch (error) {
        if (!signal.aborted) log.debug({ error }, 'the other event store is not back yet');
        await other?.release();
      }
    }
  }

  /** Copies until little is missing, while recording continues. */
  async #catchUp(other: PostgresWriter): Promise<void> {
    const { writer, log } = this.#options;
    // Steps are serialized, so that none shares the connection with an append.
    const source = {
      use: <T>(work: (client: pg.Client) => Promise<T>) => this.#inTurn(() => writer.use(work)),
    };
    let behind: number;
    do {
      // At least once: a reachable store may still not be writable.
      await makeEqual(source as PostgresWriter, other, (events) => this.append(events), log);
      behind = (await source.use(headOf)) - (await other.use(headOf));
    } while (Math.abs(behind) > maxInlineLag);
  }

  async release(): Promise<void> {
    this.#stopping.abort();
    await this.#rejoining;
    await this.#options.writer.release();
  }
}
