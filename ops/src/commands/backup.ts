import { UsageError } from '@rookery/command-line';
import { openAuditLog, openEventStore } from '@rookery/event-store';
import { openAccountDatabase, openAccountTable } from '@rookery/mutation/accounts';
import { postgresAt } from '@rookery/postgres';
import { createLog } from '@rookery/runtime';
import type pg from 'pg';
import { exportStore } from '../backup/export.ts';
import { importStore } from '../backup/import.ts';
import { type Built, buildReadModels } from '../backup/read-models.ts';
import { type Command, type Context, defineCommand } from '../command.ts';
import { createMeter } from '../meter.ts';
import { describeProgress } from '../rebuild-progress.ts';
import { untilSignal } from '../until-signal.ts';
import { wholeStore } from '../whole-store.ts';

/** Maximum wait for the lock of the writer. */
const lockTimeoutMs = 3_000;

const log = createLog('ops', 'silent');

const connect = async (url: string, open: AsyncDisposableStack): Promise<pg.Client> => {
  const client = await postgresAt(url).connect({
    application_name: 'rookery backup',
    connectionTimeoutMillis: 5_000,
    statement_timeout: 120_000,
  });
  client.on('error', () => {});
  open.defer(() => client.end());
  return client;
};

const openAuditLogOf = (url: string, { config }: Context, open: AsyncDisposableStack) => {
  const auditLog = openAuditLog(url, { log, archiveDir: config.EVENT_ARCHIVE_DIR });
  open.defer(() => auditLog.close());
  return auditLog;
};

interface TableRows {
  readonly table: string;
  readonly rows: number;
  /** Absent: nothing was there before. */
  readonly added?: number;
}

const tablesText = (tables: readonly TableRows[]): string =>
  tables
    .map(
      ({ table, rows, added }) => `${rows} rows${added === undefined ? '' : ` (${added} new)`} of ${table}`,
    )
    .join(', ');

export const backUp: Command = defineCommand({
  about: 'Writes the event store and the accounts to a folder, as compressed JSON lines with checksums',
  positionals: '',
  options: { to: { type: 'string' } },
  help: [['--to <folder>', 'target folder; created if missing, updated if it holds a backup']],

  async run({ to }, context, positionals) {
    if (to === undefined || positionals.length > 0) throw new UsageError('--to must be given');
    await using open = new AsyncDisposableStack();
    await using stop = untilSignal();
    const { name: store, url } = await wholeStore(context.config, context.stores);
    const client = await connect(url, open);
    // Accounts are not mirrored.
    const accounts =
      store === 'primary' ? client : await connect(context.config.POSTGRES_URL, open).catch(() => undefined);
    const meter = createMeter(context.progress);
    const exported = await exportStore({
      dir: to,
      auditLog: openAuditLogOf(url, context, open),
      client,
      accounts,
      signal: stop.signal,
      onProgress: (position, head) => meter('exported', position, head),
    });
    const { events, added, head, tables } = exported;
    const what = `${events} events (${added} new) of the ${store} store`;
    return {
      ok: tables !== undefined,
      json: { ...exported, store },
      text: tables
        ? `${what}, ${tablesText(tables)}; head ${head}`
        : `${what}; head ${head}\nwithout accounts, because the primary is down: the backup is incomplete until the same command runs again`,
    };
  },
});

/** Returns a sentence about the read models. */
const builtText = (built: Built): string => {
  if (built === 'few') return 'the projector builds the read models: few events are missing there';
  if (built === 'unavailable')
    return 'the document store does not answer: the projector will build the read models, or restore them by the same command';
  const { seconds, failed } = built;
  const problem =
    failed.length > 0 ? `; ${failed.length} events that could not be applied are dead letters` : '';
  return `built the read models in ${seconds.toFixed(1)} s${problem}`;
};

export const restore: Command = defineCommand({
  about:
    'Reads the folder of a backup into an event store that is empty or holds its beginning, and builds the read models; rows of accounts that are there stay as they are',
  positionals: '',
  options: { from: { type: 'string' } },
  help: [
    [
      '--from <folder>',
      'folder written by ops backup; no recorder may run during the restore, which the same command resumes',
    ],
  ],

  async run({ from }, context, positionals) {
    if (from === undefined || positionals.length > 0) throw new UsageError('--from must be given');
    await using open = new AsyncDisposableStack();
    await using stop = untilSignal();
    const { EVENT_PARTITION_SIZE: partitionSize, EVENT_ARCHIVE_DIR: archiveDir } = context.config;
    const store = openEventStore(context.config.POSTGRES_URL, { log, partitionSize, archiveDir });
    open.defer(() => store.close());
    const accounts = openAccountTable(openAccountDatabase(context.config.POSTGRES_URL, log));
    open.defer(() => accounts.close());
    await store.prepare();
    await accounts.prepare();
    const writer = await store.acquireWriter(AbortSignal.timeout(lockTimeoutMs)).catch((cause) => {
      throw new Error('a recorder is writing to this event store: stop it first', { cause });
    });
    open.defer(() => writer.release());
    const url = context.config.POSTGRES_URL;
    const lost = new AbortController();
    void writer.lost.then((why) => lost.abort(why));
    const signal = AbortSignal.any([stop.signal, lost.signal]);
    const meter = createMeter(context.progress);
    const imported = await importStore({
      dir: from,
      auditLog: openAuditLogOf(url, context, open),
      client: await connect(url, open),
      partitionSize,
      signal,
      onProgress: (position, head) => meter('imported', position, head),
    });
    const { events, added, tables } = imported;
    const built = await buildReadModels({
      documents: context.stores.documents,
      eventStore: store,
      signal,
      onProgress: (progress) => context.progress(`read models, ${describeProgress(progress)}`),
    });
    return {
      ok: typeof built === 'string' || built.failed.length === 0,
      json: { ...imported, readModels: built },
      text: `${events} events (${added} new), ${tablesText(tables)}\n${builtText(built)}`,
    };
  },
});
