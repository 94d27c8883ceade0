import { type AuditLog, chain, noHash, type RestoredRow, restoreRows } from '@rookery/event-store';
import {
  type ArchivedRow,
  BackupCorruptError,
  demandWhole,
  endOf,
  type Manifest,
  type PartFile,
  readLines,
  readManifest,
  readRow,
} from '@rookery/event-store/backup';
import type pg from 'pg';
import { z } from 'zod';
import { insertRows } from './tables.ts';

export interface ImportOptions {
  readonly dir: string;
  readonly auditLog: Pick<AuditLog, 'rows' | 'head'>;
  /** Connection to the store. The caller must hold the lock of the writer, on any connection. */
  readonly client: pg.Client;
  /** Number of events in a new partition. */
  readonly partitionSize: number;
  readonly signal: AbortSignal;
  readonly onProgress: (position: number, head: number) => void;
}

export interface Imported {
  readonly events: number;
  /** Number of rows that this call added. */
  readonly added: number;
  /** Rows of the backup, and those that this call added: others were there, and stay as they are. */
  readonly tables: readonly { readonly table: string; readonly rows: number; readonly added: number }[];
}

/** Number of rows in a transaction. */
const batch = 1_000;

/**
 * Imports a backup into an event store that is empty or holds its beginning; a killed import resumes. The
 * checksum of each file is verified before it is read, and the hash of each event before it is written.
 * @throws BackupCorruptError
 */
export const importStore = async (options: ImportOptions): Promise<Imported> => {
  const { dir, auditLog, client, signal } = options;
  const manifest = await readWholeBackup(dir, signal);
  const last = endOf(manifest);
  const head = await auditLog.head();
  if (!head) throw new BackupCorruptError('the last event of the store has no hash');
  if (head.position > last)
    throw new BackupCorruptError(`the store has ${head.position} events, the backup only ${last}`);

  await importEvents(options, manifest.events, head);
  const tables = [];
  for (const part of manifest.tables) tables.push(await importTable(client, dir, part));
  return { events: last, added: last - head.position, tables };
};

/** Returns the manifest of a finished backup, after the checksums of its files are verified. */
const readWholeBackup = async (dir: string, signal: AbortSignal) => {
  const manifest = await readManifest(dir);
  if (!manifest) throw new BackupCorruptError('there is no manifest.json: this is no backup');
  const { events, tables } = manifest;
  if (!tables) throw new BackupCorruptError('the export has not ended: run it again');
  for (const part of [...events, ...tables]) {
    signal.throwIfAborted();
    await demandWhole(dir, part);
  }
  return { events, tables };
};

const importEvents = async (
  { dir, client, partitionSize, signal, onProgress }: ImportOptions,
  parts: Manifest['events'],
  head: ChainEnd,
): Promise<void> => {
  const last = endOf({ events: parts });
  const chained = new ChainImport({
    client,
    partitionSize,
    head,
    onWritten: (position) => onProgress(position, last),
  });
  for (const part of parts) {
    if (part.to < head.position) {
      chained.skipTo({ position: part.to, hash: Buffer.from(part.hash, 'hex') });
      continue;
    }
    for await (const read of readLines(dir, part.file)) {
      signal.throwIfAborted();
      await chained.add(readRow(read));
    }
    await chained.flush();
    if (chained.position !== part.to)
      throw new BackupCorruptError(`${part.file} ends at ${chained.position}, not at ${part.to}`);
  }
};

/** Last event of a chain. */
interface ChainEnd {
  readonly position: number;
  readonly hash: Buffer;
}

interface ChainImportOptions {
  readonly client: pg.Client;
  readonly partitionSize: number;
  /** Last event of the store. */
  readonly head: ChainEnd;
  readonly onWritten: (position: number) => void;
}

/** Verifies the hashes of consecutive events, and writes those after the store's head in batches. */
class ChainImport {
  readonly #options: ChainImportOptions;
  readonly #head: ChainEnd;
  #end: ChainEnd = { position: 0, hash: noHash };
  #rows: RestoredRow[] = [];

  constructor(options: ChainImportOptions) {
    this.#options = options;
    this.#head = options.head;
  }

  get position(): number {
    return this.#end.position;
  }

  /** Skips events that the store holds. */
  skipTo(end: ChainEnd): void {
    this.#end = end;
  }

  /** @throws BackupCorruptError */
  async add(row: ArchivedRow): Promise<void> {
    const position = this.#end.position + 1;
    const hash = chain(this.#end.hash, row);
    if (row.position !== position || !hash.equals(row.hash))
      throw new BackupCorruptError(`position ${position} is not what was recorded`);
    this.#end = { position, hash };
    if (position === this.#head.position && !hash.equals(this.#head.hash))
      throw new BackupCorruptError(`the store holds another history: position ${position} differs`);
    if (position > this.#head.position) this.#rows.push(row);
    if (this.#rows.length >= batch) await this.flush();
  }

  async flush(): Promise<void> {
    const { client, partitionSize, onWritten } = this.#options;
    await restoreRows(client, this.#rows, partitionSize);
    this.#rows = [];
    onWritten(this.#end.position);
  }
}

const importTable = async (
  client: pg.Client,
  dir: string,
  { file, rows: count }: PartFile,
): Promise<Imported['tables'][number]> => {
  const table = file.replace(/\.jsonl\.gz$/, '');
  let rows: string[] = [];
  let added = 0;
  for await (const row of readLines(dir, file)) {
    rows.push(z.string().parse(row));
    if (rows.length < batch) continue;
    added += await insertRows(client, table, rows);
    rows = [];
  }
  added += await insertRows(client, table, rows);
  return { table, rows: count, added };
};
