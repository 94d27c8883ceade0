import { postgresAt } from '@rookery/postgres';
import { createMaintenance } from '@rookery/postgres/maintenance';
import { demandCollection } from '@rookery/read-models';
import type { Logger } from '@rookery/runtime';
import pg from 'pg';
import type { CountedSets, Engine, OnCall } from './engine.ts';
import { demandDistinct, demandPlainName } from './errors.ts';
import { createBulkLoading, type Maintain } from './postgres-bulk.ts';
import { addStatement, putStatement, replaceStatement, storedCount } from './postgres-counts.ts';
import { asUnavailable } from './postgres-errors.ts';
import { type GetRows, getStatement, joinGets, type RunGet } from './postgres-gets.ts';
import { dropListIndexes, listPageStatement, listTables } from './postgres-lists.ts';
import { type IndexOf, pageStatement } from './postgres-page.ts';
import {
  columns,
  columnsOf,
  documentTexts,
  equality,
  joinDocuments,
  jsonTexts,
  lostOf,
  selectWritten,
  textArray,
  toList,
  type Written,
} from './postgres-sql.ts';
import { addKey, indexes, indexesOf, schemaOf, table, tableOf, tables } from './postgres-tables.ts';
import { fromStored, fromStoredText, toStoredText } from './text.ts';
import { atMost, timeoutsMs } from './timeouts.ts';
import type { Collection, Fields, PageRequest, Stored, Where, Write } from './types.ts';

interface Row {
  readonly id: string;
  readonly revision: number;
  readonly doc: string;
}
type Query = <R extends pg.QueryResultRow>(
  text: string,
  values: readonly unknown[],
  name?: string,
) => Promise<R[]>;

const toStoredDoc = <T>({ id, revision, doc }: Row): Stored<T> => ({
  id: fromStoredText(id),
  revision,
  doc: fromStored(doc) as T,
});

/** @param row has a list of the fields instead of the document */
const toStoredFields = <Doc>({ id, revision, doc }: Row, fields: readonly string[]): Stored<Doc> => {
  const values = fromStored(doc) as readonly unknown[];
  const found: Record<string, unknown> = {};
  // A page has thousands of them: other ways make more garbage.
  for (let i = 0; i < fields.length; i++) found[fields[i] ?? ''] = values[i];
  return { id: fromStoredText(id), revision, doc: found as Doc };
};

type Server = ReturnType<typeof postgresAt>;

/** Collections that are read before all others, or as time passes. */
const readAlone: ReadonlySet<string> = new Set(['progress', 'generations']);

const applicationName = 'rookery documents';

/** Opens the document store on Postgres: one table for each collection, in a schema for each namespace. */
export const openPostgres = (
  url: string,
  log: Logger,
  { joinsGets = false, onCall }: { readonly joinsGets?: boolean; readonly onCall?: OnCall | undefined },
): Engine => {
  const server = postgresAt(url);
  const pool = openPool(server, log);
  const run = createMaintenance({ server, applicationName, log });
  const maintain: Maintain = (what, ...transactions) =>
    run(`documents ${what}`, transactions).catch((error: unknown) => {
      throw asUnavailable(error);
    });
  const bulk = createBulkLoading(server, log, { table, addKey }, maintain);

  let calls = 0;
  let rows = 0;
  const query: Query = async <R extends pg.QueryResultRow>(
    text: string,
    values: readonly unknown[],
    name?: string,
  ) => {
    calls++;
    const startedAt = performance.now();
    try {
      const statement = { text, values: [...values], ...(name === undefined ? {} : { name }) };
      const found = (await pool.query<R>(statement)).rows;
      rows += found.length;
      return found;
    } catch (error) {
      throw asUnavailable(error);
    } finally {
      onCall?.((performance.now() - startedAt) / 1_000);
    }
  };

  const runGet: RunGet = (text, ids) => query(text, ids.map(textArray), nameOf(text));
  const getAlone: GetRows = (table, ids) => runGet(getStatement(table, 0), [ids]);
  const getJoined: GetRows = joinsGets ? joinGets(runGet) : getAlone;

  return {
    collection: <T>(namespace: string | undefined, name: string) => {
      const named: Tables = {
        table: tableOf(namespace, demandCollection(name)),
        counts: tableOf(namespace, 'counts'),
        siblingOf: (sibling) => tableOf(namespace, demandCollection(sibling)),
        indexOf: indexesOf(schemaOf(namespace), demandCollection(name)),
        lists: listTables(schemaOf(namespace), demandCollection(name)),
      };
      const getRows = readAlone.has(name) ? getAlone : getJoined;
      return openCollection<T>(named, { query, getRows, readPage: pageReader(named, query) }, (statements) =>
        maintain(schemaOf(namespace), statements),
      );
    },
    system: 'postgresql',
    async prepare(namespace, names) {
      const schema = schemaOf(namespace);
      await maintain(schema, tables(schema, names));
      // Long operations: those of one namespace without common tables may run concurrently.
      // Each index is committed by itself, so that one that fails leaves the others.
      await maintain(`${schema} ${names[0]}`, ...indexes(schema, names));
    },
    prepareBare: (namespace, names) => maintain(schemaOf(namespace), tables(schemaOf(namespace), names)),
    async countAll(namespace, sets) {
      // One transaction each: the counts that one corrects must not stay locked while the next one counts.
      for (const set of sets)
        await maintain(`${schemaOf(namespace)} counts of ${set.kind}`, [recountStatement(namespace, set)]);
    },
    bulk: (namespace, names) => bulk.open(schemaOf(namespace), names),
    drop: (namespace, names) =>
      maintain(
        schemaOf(namespace),
        names.flatMap((name) => [
          `drop table if exists ${tableOf(namespace, name)}`,
          ...dropListIndexes(schemaOf(namespace), name),
        ]),
      ),
    dropNamespace: (namespace) =>
      maintain(schemaOf(namespace), [`drop schema if exists "${schemaOf(namespace)}" cascade`]),
    ping: async () => {
      await query('select 1', []);
    },
    get calls() {
      return calls;
    },
    get rows() {
      return rows;
    },
    close: () => atMost(timeoutsMs.connect, Promise.all([pool.end(), bulk.close()])),
  };
};

/**
 * Every statement finds its documents by an index. Other plans are cheaper while a table is small, and a prepared statement
 * would keep them while it grows. Nothing is compiled: for a page of thousands of scans that takes longer than running it.
 */
const sessionSettings = '-c enable_seqscan=off -c jit=off';

const openPool = (server: Server, log: Logger): pg.Pool => {
  const pool = server.openPool({
    application_name: applicationName,
    max: 16,
    connectionTimeoutMillis: timeoutsMs.connect,
    // The server cancels slow statements; if it does not answer at all, the client gives up.
    statement_timeout: timeoutsMs.call,
    query_timeout: timeoutsMs.call + timeoutsMs.answer,
    keepAlive: true,
    options: sessionSettings,
  });
  // A connection that dies while idle is replaced by the next call; without a listener it would end the
  // process.
  pool.on('error', (error) => log.warn({ error }, 'documents: lost a connection'));
  return pool;
};

/**
 * Corrects the counts of one kind by their errors. The statement reads documents and counts in one snapshot,
 * and every write changes both in one transaction, so the error that it finds is the same at any later time:
 * it is added to the count, whatever writes have changed meanwhile. A set without members has size 0 if any
 * document names it.
 */
const recountStatement = (
  namespace: string | undefined,
  { kind, collection, field, where }: CountedSets,
): string => {
  const condition = Object.entries(where).map(
    ([name, value]) =>
      `${equality(name)} = any(array[${toList(value).map(pg.escapeLiteral).join(', ')}]::jsonb[]::text[])`,
  );
  const counts = tableOf(namespace, 'counts');
  return `with sets as (
      select ${pg.escapeLiteral(`${kind}:`)} || (doc->>'${demandPlainName(field)}') as id,
        count(*) filter (where ${condition.join(' and ') || 'true'}) as n
      from ${tableOf(namespace, collection)} where jsonb_typeof(doc->'${field}') = 'string' group by 1
    ), counted as (
      select id, ${storedCount('doc')} as n from ${counts}
      where id >= ${pg.escapeLiteral(`${kind}:`)} and id < ${pg.escapeLiteral(`${kind};`)}
    ), errors as (
      select id, coalesce(sets.n, 0) - coalesce(counted.n, 0) as error
      from sets full join counted using (id)
      where counted.n is null or counted.n <> coalesce(sets.n, 0)
    )
    ${addStatement(counts, 'select id, error from errors order by id')}`;
};

/** Reads of a collection. */
interface Reads {
  readonly query: Query;
  readonly getRows: GetRows;
  readonly readPage: (columns: string, request: PageRequest) => Promise<Row[]>;
}

interface Tables {
  readonly table: string;
  readonly counts: string;
  /** Returns the table of another collection of the same namespace. */
  siblingOf(name: string): string;
  readonly indexOf: IndexOf;
  /** Field that is a list → table of its index. */
  readonly lists: ReadonlyMap<string, string>;
}

const names = new Map<string, string>();
/** Each connection keeps the plans of so many statements; tables that are seldom read together need none. */
const maxNames = 300;

/**
 * Returns the name under which a connection prepares a statement, which it then plans once. For the few statements that
 * read and write documents by id in each table, and those of pages for which there is one good plan, whatever their values are.
 */
const nameOf = (text: string): string | undefined => {
  const name = names.get(text) ?? (names.size < maxNames ? `documents ${names.size + 1}` : undefined);
  if (name !== undefined) names.set(text, name);
  return name;
};

/** Returns a function that reads the rows of pages, with these columns of a document. */
const pageReader =
  ({ table, siblingOf, indexOf, lists }: Tables, query: Query) =>
  (columns: string, request: PageRequest): Promise<Row[]> => {
    const listTable = Object.keys(request.where).flatMap((field) => lists.get(field) ?? [])[0];
    const { text, values, isOneScan } =
      listTable === undefined
        ? pageStatement(table, columns, request, siblingOf, indexOf)
        : listPageStatement(table, listTable, columns, request);
    return query<Row>(text, values, isOneScan ? nameOf(text) : undefined);
  };

const openCollection = <T>(
  { table, counts, lists }: Pick<Tables, 'table' | 'counts' | 'lists'>,
  { query, getRows, readPage }: Reads,
  maintain: (statements: readonly string[]) => Promise<void>,
): Collection<T> => ({
  async getMany(ids) {
    if (ids.length === 0) return new Map();
    const rows = await getRows(table, ids.map(toStoredText));
    return new Map(rows.map((row) => [fromStoredText(row.id), toStoredDoc<T>(row)]));
  },

  async putMany(writes: readonly Write<T>[]) {
    if (writes.length === 0) return [];
    const ids = writes.map(({ id }) => id);
    demandDistinct(ids);
    const { text, values } = putStatement(table, counts, writes);
    return lostOf(ids, await query<Written>(text, values, nameOf(text)));
  },

  async replaceMany(writes) {
    if (writes.length === 0) return [];
    const ids = writes.map(({ id }) => id);
    demandDistinct(ids);
    const { text, values } = replaceStatement(table, writes);
    return lostOf(ids, await query<Written>(text, values, nameOf(text)));
  },

  async insertMany(docs) {
    if (docs.length === 0) return [];
    const ids = docs.map(({ id }) => id);
    demandDistinct(ids);
    const text = `with won as (
       insert into ${table} (id, revision, doc)
         select id, 1, doc::jsonb from unnest($1::text[], ${documentTexts(2)}) as written(id, doc)
         order by id
       on conflict (id) do nothing
       returning id
     ) ${selectWritten}`;
    const values = [textArray(ids.map(toStoredText)), joinDocuments(docs.map(({ doc }) => doc))];
    return lostOf(ids, await query<Written>(text, values));
  },

  async removeMany(removals) {
    if (removals.length === 0) return [];
    const ids = removals.map(({ id }) => id);
    const text = `with won as (
       delete from ${table} as present using unnest($1::text[], $2::bigint[]) as gone(id, revision)
       where present.id = gone.id and present.revision = gone.revision
       returning present.id
     ) ${selectWritten}`;
    const values = [textArray(ids.map(toStoredText)), removals.map(({ revision }) => revision)];
    return lostOf(ids, await query<Written>(text, values));
  },

  page: async (request) => (await readPage(columns, request)).map(toStoredDoc<T>),

  async pageOf<Field extends keyof T & string>(fields: readonly Field[], request: PageRequest) {
    const rows = await readPage(columnsOf(fields), request);
    return rows.map((row) => toStoredFields<Fields<T, Field>>(row, fields));
  },

  async count(where) {
    const { conditions, values } = matching(where);
    const [row] = await query<{ n: number }>(
      `select count(*)::float8 as n from ${table} where ${conditions}`,
      values,
    );
    return row?.n ?? 0;
  },

  async *scan(batch, after) {
    const first = `select ${columns} from ${table} order by id limit $1`;
    const next = `select ${columns} from ${table} where id > $2 order by id limit $1`;
    for (let last = after === undefined ? undefined : toStoredText(after); ; ) {
      const rows: Row[] =
        last === undefined ? await query<Row>(first, [batch]) : await query<Row>(next, [batch, last]);
      if (rows.length > 0) yield rows.map((row) => toStoredDoc<T>(row));
      if (rows.length < batch) return;
      last = rows.at(-1)?.id;
    }
  },

  clear: () => maintain([`truncate ${[table, ...lists.values()].join(', ')}`]),
});

const matching = (where: Where): { readonly conditions: string; readonly values: readonly string[][] } => ({
  conditions:
    Object.keys(where)
      .map((field, i) => `${equality(field)} = any(${jsonTexts(i + 1)})`)
      .join(' and ') || 'true',
  values: Object.values(where).map(toList),
});
