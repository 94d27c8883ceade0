import { mkdir } from 'node:fs/promises';
import type { AuditLog, AuditRow } from '@rookery/event-store';
import {
  BackupCorruptError,
  demandWhole,
  endOf,
  type Manifest,
  type PartFile,
  readManifest,
  writeLines,
  writeManifest,
} from '@rookery/event-store/backup';
import type pg from 'pg';
import { accountTables, deadLetterTable, type Recorded, tableRows } from './tables.ts';

export interface ExportOptions {
  readonly dir: string;
  readonly auditLog: Pick<AuditLog, 'rows' | 'head' | 'recorded'>;
  /** Store that the audit log reads, for its dead letters. */
  readonly client: pg.Client;
  /** Database of the accounts; undefined if it is unavailable. */
  readonly accounts: pg.Client | undefined;
  readonly signal: AbortSignal;
  readonly onProgress: (position: number, head: number) => void;
}

export interface Exported {
  readonly events: number;
  /** Number of rows that this call wrote. */
  readonly added: number;
  readonly head: string;
  /** Undefined if the accounts were unavailable: the backup is not complete yet. */
  readonly tables: readonly { readonly table: string; readonly rows: number }[] | undefined;
}

/** Number of events in a file, and number of events that are read at a time. */
const partSize = 50_000;
const page = 1_000;

/**
 * Exports the event store, from the end of the existing backup, and then the accounts that belong to these
 * events. The manifest lists a file only once it is complete, so a killed export resumes with the next file,
 * and so does the next nightly export.
 */
export const exportStore = async (options: ExportOptions): Promise<Exported> => {
  const { dir, auditLog } = options;
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const begun = (await readManifest(dir)) ?? emptyManifest;
  await demandSameStore(begun, auditLog, dir);
  const head = await auditLog.head();
  if (!head)
    throw new BackupCorruptError('the last event has no hash: start a recorder once, which makes up for it');

  const manifest = await exportEvents(options, begun, head.position);
  const tables = await exportTables(options, manifest, head.position);
  return {
    events: head.position,
    added: head.position - endOf(begun),
    head: head.hash.toString('hex'),
    tables,
  };
};

const emptyManifest: Manifest = { format: 'rookery-backup-1', events: [], tables: null };

/** Appends the events after the end of the backup, and saves the manifest after each file. */
const exportEvents = async (options: ExportOptions, begun: Manifest, head: number): Promise<Manifest> => {
  const { dir } = options;
  let manifest = begun;
  for (let from = endOf(begun); from < head; from = endOf(manifest)) {
    const to = Math.min(head, from + partSize);
    const part = new EventPart(options, from, to, head);
    const written = await writeLines(
      dir,
      `events-${String(from + 1).padStart(12, '0')}.jsonl.gz`,
      part.lines(),
    );
    const listed = { ...written, from: from + 1, to, hash: part.lastHash };
    manifest = { ...manifest, events: [...manifest.events, listed], tables: null };
    await writeManifest(dir, manifest);
  }
  return manifest;
};

/** The events after `from` up to `to`, which become one file. */
class EventPart {
  readonly #options: ExportOptions;
  readonly #from: number;
  readonly #to: number;
  readonly #head: number;
  #last: AuditRow | undefined;

  constructor(options: ExportOptions, from: number, to: number, head: number) {
    this.#options = options;
    this.#from = from;
    this.#to = to;
    this.#head = head;
  }

  /** Hash of the last event that was read. */
  get lastHash(): string {
    return this.#last?.hash?.toString('hex') ?? '';
  }

  get #position(): number {
    return this.#last?.position ?? this.#from;
  }

  /** @throws BackupCorruptError if a position is missing */
  async *lines(): AsyncGenerator<unknown> {
    const { auditLog, signal, onProgress } = this.#options;
    while (this.#position < this.#to) {
      signal.throwIfAborted();
      const after = this.#position;
      const rows = await auditLog.rows(after, Math.min(page, this.#to - after));
      if (rows.length === 0) throw new BackupCorruptError(`there is no event after position ${after}`);
      for (const row of rows) {
        const expected = this.#position + 1;
        if (row.position !== expected)
          throw new BackupCorruptError(`position ${expected} is missing: see ops audit`);
        this.#last = row;
        yield toLine(row);
      }
      onProgress(this.#position, this.#head);
    }
  }
}

/** Exports accounts and dead letters. Returns undefined if the accounts are unavailable. */
const exportTables = async (
  { dir, auditLog, client, accounts }: ExportOptions,
  manifest: Manifest,
  head: number,
): Promise<Exported['tables']> => {
  if (!accounts) return undefined;
  const recorded: Recorded = (ids) => auditLog.recorded(ids, head);
  const sources = [
    ...(await accountTables(accounts)).map((table) => ({ source: accounts, table })),
    ...(await deadLetterTable(client)).map((table) => ({ source: client, table })),
  ];
  const written: { readonly table: string; readonly part: PartFile }[] = [];
  for (const { source, table } of sources)
    written.push({
      table,
      part: await writeLines(dir, `${table}.jsonl.gz`, tableRows(source, table, recorded)),
    });
  await writeManifest(dir, { ...manifest, tables: written.map(({ part }) => part) });
  return written.map(({ table, part }) => ({ table, rows: part.rows }));
};

/** Event texts are JSON strings in the line, byte for byte the input of their hashes. */
const toLine = ({ position, recordedAt, text, hash }: AuditRow) => ({
  position,
  recordedAt,
  hash: hash?.toString('hex') ?? null,
  event: text,
});

/** Verifies that the folder holds this store, and not another one or one that was tampered with. */
const demandSameStore = async (
  { events }: Manifest,
  auditLog: Pick<AuditLog, 'rows'>,
  dir: string,
): Promise<void> => {
  const last = events.at(-1);
  if (!last) return;
  await demandWhole(dir, last);
  const [row] = await auditLog.rows(last.to - 1, 1);
  if (row?.position !== last.to || row.hash?.toString('hex') !== last.hash) {
    throw new BackupCorruptError(
      `what the folder holds up to position ${last.to} is not what the store holds`,
    );
  }
};
