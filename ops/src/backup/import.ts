import { type AuditLog, chain, noHash, type RestoredRow, restoreRows } from '@rookery/event-store';
import type pg from 'pg';
import { z } from 'zod';
import { readLines } from './lines.ts';
import { BackupCorruptError, demandWhole, readManifest } from './manifest.ts';
import { insertRows } from './tables.ts';

export interface ImportOptions {
  readonly dir: string;
  readonly ledger: Pick<AuditLog, 'rows' | 'head'>;
  /** Connection to the store. The caller must hold the lock of the writer, on any connection. */
  readonly client: pg.Client;
  readonly signal: AbortSignal;
  readonly onProgress: (position: number, head: number) => void;
}

export interface Imported {
  readonly events: number;
  /** Number of rows that this call added. */
  readonly added: number;
  readonly tables: readonly { readonly table: string; readonly rows: number }[];
}

const line = z.strictObject({
  position: z.int().min(1),
  recordedAt: z.iso.datetime({ precision: 3 }),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  event: z.string(),
});

/** Number of rows in a transaction. */
const batch = 1_000;

/**
 * Imports a backup into an event store that is empty or holds its beginning; a killed import resumes. The
 * checksum of each file is verified before it is read, and the hash of each event before it is written.
 * @throws BackupCorruptError
 */
export const importStore = async ({
  dir,
  ledger,
  client,
  signal,
  onProgress,
}: ImportOptions): Promise<Imported> => {
  const manifest = await readManifest(dir);
  if (!manifest) throw new BackupCorruptError('there is no manifest.json: this is no backup');
  if (!manifest.tables) throw new BackupCorruptError('the export has not ended: run it again');
  for (const part of [...manifest.events, ...manifest.tables]) {
    signal.throwIfAborted();
    await demandWhole(dir, part);
  }
  const last = manifest.events.at(-1)?.to ?? 0;
  const head = await ledger.head();
  if (!head) throw new BackupCorruptError('the last event of the store has no hash');
  if (head.position > last)
    throw new BackupCorruptError(`the store has ${head.position} events, the backup only ${last}`);

  let { position, hash } = { position: 0, hash: noHash };
  for (const part of manifest.events) {
    if (part.to < head.position) {
      [position, hash] = [part.to, Buffer.from(part.hash, 'hex')];
      continue;
    }
    let rows: RestoredRow[] = [];
    const flush = async () => {
      await restoreRows(client, rows);
      rows = [];
      onProgress(position, last);
    };
    for await (const read of readLines(dir, part.file)) {
      signal.throwIfAborted();
      const { recordedAt, event: text, ...own } = line.parse(read);
      const made = chain(hash, { position: own.position, recordedAt, text });
      if (own.position !== position + 1 || made.toString('hex') !== own.hash) {
        throw new BackupCorruptError(`position ${position + 1} is not what was recorded`);
      }
      [position, hash] = [own.position, made];
      if (position === head.position && !hash.equals(head.hash)) {
        throw new BackupCorruptError(`the store holds another history: position ${position} differs`);
      }
      if (position > head.position) rows.push({ position, recordedAt, text, hash });
      if (rows.length >= batch) await flush();
    }
    await flush();
    if (position !== part.to)
      throw new BackupCorruptError(`${part.file} ends at ${position}, not at ${part.to}`);
  }

  const tables = [];
  for (const { file, rows: count } of manifest.tables) {
    const table = file.replace(/\.jsonl\.gz$/, '');
    let rows: string[] = [];
    for await (const row of readLines(dir, file)) {
      rows.push(z.string().parse(row));
      if (rows.length < batch) continue;
      await insertRows(client, table, rows);
      rows = [];
    }
    await insertRows(client, table, rows);
    tables.push({ table, rows: count });
  }
  return { events: last, added: last - head.position, tables };
};
