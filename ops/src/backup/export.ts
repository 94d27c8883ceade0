import { mkdir } from 'node:fs/promises';
import type { AuditLog, AuditRow } from '@rookery/event-store';
import type pg from 'pg';
import { writeLines } from './lines.ts';
import { BackupCorruptError, demandWhole, type Manifest, readManifest, writeManifest } from './manifest.ts';
import { accountTables, parkedTable, type Recorded, tableRows } from './tables.ts';

export interface ExportOptions {
  readonly dir: string;
  readonly ledger: Pick<AuditLog, 'rows' | 'head' | 'signUps'>;
  /** Store that the ledger reads, for its parked events. */
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
export const exportStore = async ({
  dir,
  ledger,
  client,
  accounts,
  signal,
  onProgress,
}: ExportOptions): Promise<Exported> => {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  let manifest: Manifest = (await readManifest(dir)) ?? {
    format: 'rookery-backup-1',
    events: [],
    tables: null,
  };
  const before = manifest.events.at(-1)?.to ?? 0;
  await demandSameStore(manifest, ledger, dir);
  const head = await ledger.head();
  if (!head)
    throw new BackupCorruptError('the last event has no hash: start a recorder once, which makes up for it');

  for (let at = before; at < head.position; ) {
    const to = Math.min(head.position, at + partSize);
    let last: AuditRow | undefined;
    const from = at;
    const rows = async function* () {
      for (let after = from; after < to; ) {
        signal.throwIfAborted();
        const found = await ledger.rows(after, Math.min(page, to - after));
        for (const row of found) {
          if (row.position !== (last?.position ?? from) + 1)
            throw new BackupCorruptError(
              `position ${(last?.position ?? from) + 1} is missing: see ops audit`,
            );
          last = row;
          yield toLine(row);
        }
        if (found.length === 0) throw new BackupCorruptError(`nothing is there behind position ${after}`);
        after = last?.position ?? to;
        onProgress(after, head.position);
      }
    };
    const written = await writeLines(dir, `events-${String(from + 1).padStart(12, '0')}.jsonl.gz`, rows());
    const hash = last?.hash?.toString('hex') ?? '';
    manifest = {
      ...manifest,
      events: [...manifest.events, { ...written, from: from + 1, to, hash }],
      tables: null,
    };
    await writeManifest(dir, manifest);
    at = to;
  }

  const events = { events: head.position, added: head.position - before, head: head.hash.toString('hex') };
  if (!accounts) return { ...events, tables: undefined };
  const recorded: Recorded = async (ids) =>
    new Set(
      (await ledger.signUps(ids)).flatMap(({ id, position }) => (position <= head.position ? [id] : [])),
    );
  const tables = [];
  for (const [source, names] of [
    [accounts, await accountTables(accounts)],
    [client, await parkedTable(client)],
  ] as const) {
    for (const table of names) {
      const rows = tableRows(source, table, recorded);
      tables.push({ table, ...(await writeLines(dir, `${table}.jsonl.gz`, rows)) });
    }
  }
  await writeManifest(dir, { ...manifest, tables: tables.map(({ table: _table, ...part }) => part) });
  return { ...events, tables: tables.map(({ table, rows }) => ({ table, rows })) };
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
  ledger: Pick<AuditLog, 'rows'>,
  dir: string,
): Promise<void> => {
  const last = events.at(-1);
  if (!last) return;
  await demandWhole(dir, last);
  const [row] = await ledger.rows(last.to - 1, 1);
  if (row?.position !== last.to || row.hash?.toString('hex') !== last.hash) {
    throw new BackupCorruptError(
      `what the folder holds up to position ${last.to} is not what the store holds`,
    );
  }
};
