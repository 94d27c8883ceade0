import { setTimeout } from 'node:timers/promises';
import type { Envelope } from '@rookery/schema/events';
import type { Logger } from '@rookery/service';
import type pg from 'pg';
import { columnsOf, eventsBehind, headOf, lastShared, readRows, trim, writeRows } from './mirror.ts';
import { Fenced, holdTerm } from './term.ts';
import type { Appended, EventWriter } from './types.ts';
import type { PostgresWriter } from './writer.ts';

/** Rows that are copied in one transaction. */
const page = 1_000;
/** A store that is behind by no more than this is made equal at once, with recording waiting for it. */
export const soonEqual = 5_000;
/** How often a writer that goes on alone looks for the other store. Milliseconds. */
const lookEvery = 1_000;

/** Refuses in the transaction what a writer of an older term sends. */
const holding = (term: number) => async (client: pg.Client) => {
  const { rowCount } = await client.query(holdTerm, [term]);
  if (rowCount !== 1) throw new Fenced(`the event store is no longer in term ${term}`);
};

/**
 * Copies from `source` what is missing in `target`. What `target` has beyond the last position that both share was
 * never handed on. Before it is taken away, it is appended to `source`, which drops what it has under another position:
 * so nothing is lost that the target alone knew of.
 * @param appendToSource the source's own way to append, at its end
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
    log.warn({ shared, surplus }, 'took back what one event store had not confirmed, and recorded it anew');
  }
  const columns = await target.use(columnsOf);
  let at = shared;
  let first = surplus > 0;
  for (;;) {
    const rows = await source.use((client) => readRows(client, columns, at, page));
    if (rows.length === 0 && !first) break;
    await target.use(async (client) => {
      await client.query('begin');
      if (first) await trim(client, shared);
      await writeRows(client, columns, rows);
      await client.query('commit');
    });
    first = false;
    at += rows.length;
    // Not until nothing is left: where recording goes on meanwhile, there is always something.
    if (rows.length < page) break;
  }
  if (at > shared) log.info({ from: shared + 1, upTo: at }, 'gave an event store what it was missing');
};

/**
 * Appends to both stores: to the backup first, then, row by row the same, to the primary. An append has happened
 * once both have it. So the primary never has what the backup lacks, and when it fails in the middle, what it may
 * still commit late is what the backup has at that very place.
 */
export class BothWriter implements EventWriter {
  readonly lost: Promise<Error>;
  readonly #primary: PostgresWriter;
  readonly #backup: PostgresWriter;
  readonly #guard: (client: pg.Client) => Promise<void>;
  #columns: Awaited<ReturnType<typeof columnsOf>> | undefined;

  constructor(primary: PostgresWriter, backup: PostgresWriter, term: number) {
    this.#primary = primary;
    this.#backup = backup;
    this.#guard = holding(term);
    this.lost = Promise.race([primary.lost, backup.lost]);
  }

  async append(events: readonly Envelope[]): Promise<Appended> {
    if (events.length === 0) return { recorded: [], duplicates: [], conflicts: [] };
    const appended = await this.#backup.append(events, this.#guard);
    const first = appended.recorded[0];
    if (first) await this.#copy(first.position - 1, appended.recorded.length);
    return appended;
  }

  async #copy(after: number, count: number): Promise<void> {
    this.#columns ??= await this.#primary.use(columnsOf);
    const columns = this.#columns;
    const rows = await this.#backup.use((client) => readRows(client, columns, after, count));
    await this.#primary.use(async (client) => {
      await client.query('begin');
      await this.#guard(client);
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
  /** Takes the other store's lock; undefined where somebody has it. @throws where it is away */
  readonly reachOther: (signal: AbortSignal) => Promise<PostgresWriter | undefined>;
  readonly log: Logger;
}

/**
 * Appends to one store while the other is away, and brings the other up to it once it is back. When both are all but
 * equal it gives up its place: the next writer makes them equal and takes both.
 */
export class AloneWriter implements EventWriter {
  readonly lost: Promise<Error>;
  readonly #options: AloneOptions;
  readonly #stopping = new AbortController();
  readonly #rejoining: Promise<void>;
  readonly #settleLost: (why: Error) => void;
  /** One append after the other: the rejoining may have something to append too. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: AloneOptions) {
    const { promise, resolve } = Promise.withResolvers<Error>();
    this.lost = promise;
    this.#settleLost = resolve;
    this.#options = options;
    void options.writer.lost.then(resolve);
    this.#rejoining = this.#rejoin();
  }

  append(events: readonly Envelope[]): Promise<Appended> {
    const { writer, term } = this.#options;
    return this.#inTurn(() => writer.append(events, holding(term)));
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
      await setTimeout(lookEvery, undefined, { signal }).catch(() => {});
      if (signal.aborted) return;
      let other: PostgresWriter | undefined;
      try {
        other = await reachOther(signal);
        if (!other) continue;
        await this.#catchUp(other);
        await other.release();
        this.#settleLost(new Error('the other event store is back: going on with both'));
        return;
      } catch (error) {
        if (!signal.aborted) log.debug({ error }, 'the other event store is not back yet');
        await other?.release();
      }
    }
  }

  /** Until little is missing, while recording goes on. */
  async #catchUp(other: PostgresWriter): Promise<void> {
    const { writer, log } = this.#options;
    // Each step in its turn, so that it does not share the connection with an append.
    const source = {
      use: <T>(work: (client: pg.Client) => Promise<T>) => this.#inTurn(() => writer.use(work)),
    };
    let behind: number;
    do {
      // At least once: who can be reached is not yet who can be written.
      await makeEqual(source as PostgresWriter, other, (events) => this.append(events), log);
      behind = (await source.use(headOf)) - (await other.use(headOf));
    } while (Math.abs(behind) > soonEqual);
  }

  async release(): Promise<void> {
    this.#stopping.abort();
    await this.#rejoining;
    await this.#options.writer.release();
  }
}
