import type pg from 'pg';
import type { ArchivedRow, EventArchive } from './backup/archive.ts';
import { hasCode, undefinedTable } from './sql-states.ts';

/** Events are in the archive, and this process has no access to it. */
export class EventArchivedError extends Error {
  override readonly name = 'EventArchivedError';
}

/** A row of the event store or of its archive. */
interface Positioned {
  readonly position: number;
}

export interface ReadThroughOptions<Row extends Positioned> {
  readonly client: Pick<pg.Pool, 'query'>;
  readonly archive: EventArchive | undefined;
  /** Reads the rows of the event store that a condition of SQL selects; it may end with `order by` and `limit`. */
  readonly select: (condition: string, values: readonly unknown[]) => Promise<Row[]>;
  readonly fromArchive: (row: ArchivedRow) => Row;
}

/** A page. Positions are contiguous, so its end is known, and Postgres looks at the partitions up to it only. */
const onPage = 'position > $1::bigint and position <= $1::bigint + $2::bigint order by position';
/** For a store whose beginning is archived, or with holes because somebody has tampered with it. */
const onPageBehindHole = 'position > $1 order by position limit $2';

/** Reads rows of the event store, and those of archived partitions from the archive. */
export class ReadThrough<Row extends Positioned> {
  readonly #options: ReadThroughOptions<Row>;
  /** Events up to this position are known to be in the archive only. */
  #upTo = 0;

  constructor(options: ReadThroughOptions<Row>) {
    this.#options = options;
  }

  /** Returns the position up to which events are in the archive only. */
  async archivedUpTo(): Promise<number> {
    const { rows } = await this.#options.client
      .query<{ up_to: string }>('select up_to from event_store.archived')
      .catch((error: unknown) => {
        // Only earlier versions have prepared the store.
        if (!hasCode(error, undefinedTable)) throw error;
        return { rows: [] };
      });
    this.#upTo = Number(rows[0]?.up_to ?? 0);
    return this.#upTo;
  }

  /**
   * Returns rows after a position, in order.
   * @throws EventArchivedError
   */
  async rows(after: number, limit: number): Promise<Row[]> {
    if (after >= this.#upTo) {
      const rows = await this.#page(after, limit);
      // Only if the next position is missing can it be in the archive.
      if (rows.length === 0 || rows[0]?.position === after + 1) return rows;
      if (after >= (await this.archivedUpTo())) return rows;
    }
    const archived = await this.archived(after, limit);
    const last = archived.at(-1)?.position ?? after;
    if (archived.length >= limit || last < this.#upTo) return archived;
    return [...archived, ...(await this.#page(last, limit - archived.length))];
  }

  async #page(after: number, limit: number): Promise<Row[]> {
    const { select } = this.#options;
    const rows = await select(onPage, [after, limit]);
    return rows.length > 0 ? rows : select(onPageBehindHole, [after, limit]);
  }

  /** Returns archived rows after a position, in order; none after the last archived one. */
  async archived(after: number, limit: number): Promise<Row[]> {
    const { archive, fromArchive } = this.#options;
    if (archive === undefined)
      throw new EventArchivedError(
        `events up to position ${this.#upTo} are archived: set EVENT_ARCHIVE_DIR to the folder of their backup`,
      );
    return (await archive.rows(after, Math.min(limit, this.#upTo - after))).map(fromArchive);
  }
}
