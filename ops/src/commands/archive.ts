import { setTimeout } from 'node:timers/promises';
import { UsageError, wholeNumber } from '@rookery/command-line';
import {
  type AuditLog,
  chain,
  dropArchived,
  type Hash,
  noHash,
  openAuditLog,
  partitionsBefore,
} from '@rookery/event-store';
import { type EventArchive, openArchive } from '@rookery/event-store/backup';
import { postgresAt } from '@rookery/postgres';
import { createLog } from '@rookery/runtime';
import { exportStore } from '../backup/export.ts';
import { defineCommand } from '../command.ts';
import { createMeter } from '../meter.ts';
import { untilSignal } from '../until-signal.ts';

/** Number of events that stay in the database by default. */
const defaultKept = 50_000_000;
/** Number of events that are compared at a time. */
const page = 1_000;
/** Delay before a partition is tried again that a reader holds. */
const retryMs = 500;

export const archive = defineCommand({
  about: 'Moves old partitions of the event store to EVENT_ARCHIVE_DIR, after a backup and an audit',
  positionals: '',
  options: { keep: { type: 'string' } },
  help: [['--keep <events>', `newest events that stay in the database; ${defaultKept} by default`]],

  async run(values, { config, progress }, positionals) {
    if (positionals.length > 0) throw new UsageError('archive takes no arguments');
    const keep = wholeNumber('keep', values.keep ?? String(defaultKept), 0);
    const { POSTGRES_URL: url, EVENT_ARCHIVE_DIR: dir } = config;
    if (dir === undefined) throw new UsageError('EVENT_ARCHIVE_DIR must be set, for all processes');
    if (config.EVENT_STORE_BACKUP_URL !== undefined)
      throw new UsageError(
        'with a backup event store nothing can be archived: it could not be made equal again',
      );
    const log = createLog('ops', 'silent');
    await using open = new AsyncDisposableStack();
    await using stop = untilSignal();
    const { signal } = stop;
    const client = await postgresAt(url).connect({ application_name: 'rookery archive' }, signal);
    open.defer(() => client.end());
    const auditLog = openAuditLog(url, { log, archiveDir: dir });
    open.defer(() => auditLog.close());

    const meter = createMeter(progress);
    const onProgress = (position: number, last: number) => meter('exported', position, last);
    const { events: head } = await exportStore({
      dir,
      auditLog,
      client,
      accounts: client,
      signal,
      onProgress,
    });
    const copy = openArchive(dir);
    const archived: { readonly first: number; readonly last: number }[] = [];
    // The last event stays, because it is the head.
    for (const partition of await partitionsBefore(client, Math.min(head, head - keep + 1))) {
      const before = await hashAt(auditLog, partition.first - 1);
      const outcome = await compare({ auditLog, archive: copy, ...partition, before, signal });
      if (outcome.flaw !== undefined) {
        return {
          ok: false,
          json: { archived, flaw: outcome.flaw },
          text: `position ${outcome.flaw} is not what was recorded: nothing from here on is archived; see ops audit`,
        };
      }
      while (!(await dropArchived(client, partition, outcome.hash)))
        await setTimeout(retryMs, undefined, { signal });
      archived.push(partition);
      meter('archived', partition.last, head);
    }
    const upTo = archived.at(-1)?.last;
    return {
      ok: true,
      json: { archived, flaw: null },
      text:
        upTo === undefined
          ? `nothing to archive: no whole partition (EVENT_PARTITION_SIZE) is older than the newest ${keep} of ${head} events`
          : `archived ${archived.length} partitions, up to position ${upTo}, in ${dir}`,
    };
  },
});

const hashAt = async (auditLog: AuditLog, position: number): Promise<Hash> => {
  if (position === 0) return noHash;
  const [row] = await auditLog.rows(position - 1, 1);
  if (row?.position !== position || !row.hash) throw new Error(`there is no event at position ${position}`);
  return row.hash;
};

interface CompareOptions {
  readonly auditLog: AuditLog;
  readonly archive: EventArchive;
  readonly first: number;
  readonly last: number;
  /** Hash of the event before the first one. */
  readonly before: Hash;
  readonly signal: AbortSignal;
}

/**
 * Compares what the database and the archive have of a partition, and verifies its hashes.
 * @returns the hash of its last event, and the first position that is not what was recorded
 */
const compare = async ({ auditLog, archive, first, last, before, signal }: CompareOptions) => {
  let hash = before;
  for (let after = first - 1; after < last; after += page) {
    signal.throwIfAborted();
    const count = Math.min(page, last - after);
    const [stored, kept] = await Promise.all([auditLog.rows(after, count), archive.rows(after, count)]);
    for (let i = 0; i < count; i++) {
      const [row, copy] = [stored[i], kept[i]];
      const position = after + 1 + i;
      hash = row ? chain(hash, row) : hash;
      const isWhole =
        row?.position === position &&
        row.hash?.equals(hash) &&
        copy?.hash.equals(hash) &&
        copy.text === row.text;
      if (!isWhole) return { hash, flaw: position };
    }
  }
  return { hash };
};
