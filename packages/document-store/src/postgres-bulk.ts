import { finished } from 'node:stream/promises';
import type { PostgresServer } from '@rookery/postgres';
import type { CollectionName } from '@rookery/read-models';
import type { Logger } from '@rookery/runtime';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import type { Bulk } from './engine.ts';
import { asUnavailable } from './postgres-errors.ts';
import { toStored, toStoredText } from './text.ts';
import { timeoutsMs } from './timeouts.ts';

/** Number of collections that are written concurrently. */
const atOnce = 3;
const uniqueViolation = '23505';

export interface Ddl {
  table(schema: string, name: CollectionName, keyed?: boolean): string;
  addKey(schema: string, name: CollectionName): string;
}

/** Runs statements in transactions, one for each list. Processes that name the same work run one transaction at a time. */
export type Maintain = (work: string, ...transactions: readonly (readonly string[])[]) => Promise<void>;

export interface BulkLoading {
  /** Undefined if one of the tables exists already, since its content is unknown. */
  open(schema: string, names: readonly CollectionName[]): Promise<Bulk | undefined>;
  close(): Promise<void>;
}

/** Loads tables by COPY, before they have a key. */
export const createBulkLoading = (
  server: PostgresServer,
  log: Logger,
  ddl: Ddl,
  maintain: Maintain,
): BulkLoading => {
  let pool: pg.Pool | undefined;
  const connections = (): pg.Pool => {
    if (pool) return pool;
    pool = server.openPool({
      application_name: 'rookery documents load',
      max: atOnce,
      connectionTimeoutMillis: timeoutsMs.maintenanceConnect,
      statement_timeout: timeoutsMs.maintenance,
      keepAlive: true,
      // Loaded documents are used only after a later commit, which waits for the disk.
      options: '-c synchronous_commit=off',
    });
    pool.on('error', (error) => log.warn({ error }, 'documents: lost a connection'));
    return pool;
  };

  return {
    async open(schema, names) {
      const loaded = names.filter((name) => name !== 'counts');
      const existing = await connections()
        .query(findTables(schema, loaded))
        .catch((error: unknown) => {
          throw asUnavailable(error);
        });
      if (existing.rows.length > 0) return undefined;
      await maintain(schema, [
        `create schema if not exists "${schema}"`,
        ...names.map((name) => ddl.table(schema, name, name === 'counts')),
      ]);
      return {
        async insert(name, docs) {
          if (docs.length > 0) await copy(connections(), `"${schema}"."${name}"`, docs);
        },
        async key() {
          try {
            await Promise.all(
              loaded.map((name) => maintain(`${schema} ${name}`, [ddl.addKey(schema, name)])),
            );
          } catch (error) {
            if (!(error instanceof pg.DatabaseError) || error.code !== uniqueViolation) throw error;
            throw new TypeError('duplicate documents: another process has written to the same tables');
          }
        },
      };
    },
    close: async () => {
      await pool?.end();
    },
  };
};

/** The limit of the client holds if the server does not answer at all. */
const findTables = (
  schema: string,
  names: readonly string[],
): pg.QueryConfig & { readonly query_timeout: number } => ({
  text: 'select 1 from pg_tables where schemaname = $1 and tablename = any($2)',
  values: [schema, names],
  query_timeout: timeoutsMs.call + timeoutsMs.answer,
});

/** Escapes of the text format of COPY: backslash, tab and line breaks. */
const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };
const escapeId = (id: string): string =>
  /[\\\t\n\r]/.test(id) ? id.replace(/[\\\t\n\r]/g, (found) => escapes[found] ?? found) : id;
/** JSON contains only the first of these. */
const escapeJson = (json: string): string => (json.includes('\\') ? json.replaceAll('\\', '\\\\') : json);

const copy = async (
  pool: pg.Pool,
  table: string,
  docs: readonly { readonly id: string; readonly doc: unknown }[],
): Promise<void> => {
  let text = '';
  for (const { id, doc } of docs) {
    text += `${escapeId(toStoredText(id))}\t1\t${escapeJson(toStored(doc))}\n`;
  }
  let client: pg.PoolClient | undefined;
  let timer: NodeJS.Timeout | undefined;
  try {
    client = await pool.connect();
    const stream = client.query(copyFrom(`copy ${table} (id, revision, doc) from stdin`));
    timer = setTimeout(() => stream.destroy(new Error('the load took too long')), timeoutsMs.maintenance);
    stream.end(text);
    await finished(stream);
    client.release();
  } catch (error) {
    // Its state is unknown: it must not be reused.
    client?.release(true);
    throw asUnavailable(error);
  } finally {
    clearTimeout(timer);
  }
};
