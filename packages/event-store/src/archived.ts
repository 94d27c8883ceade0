import type pg from 'pg';
import type { ArchivedRow, EventArchive } from './backup/archive.ts';

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
  /** Reads a page of the event store: rows after a position, in order. */
  readonly page: (after: number, limit: number) => Promise<Row[]>;
  readonly fromArchive: (row: ArchivedRow) => Row;
}

/** SQLSTATE undefined_table: only earlier versions have prepared the store. */
const undefinedTable = '42P01';

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
        if ((error as { code?: unknown }).code !== undefinedTable) throw error;
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
    const { page } = this.#options;
    if (after >= this.#upTo) {
      const rows = await page(after, limit);
      // Only if the next position is missing can it be in the archive.
      if (rows.length === 0 || rows[0]?.position === after + 1) return rows;
      if (after >= (await this.archivedUpTo())) return rows;
    }
    const archived = await this.archived(after, limit);
    const last = archived.at(-1)?.position ?? after;
    if (archived.length >= limit || last < this.#upTo) return archived;
    return [...archived, ...(await page(last, limit - archived.length))];
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
