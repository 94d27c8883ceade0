import { type CollectionName, collections, findIndex } from '@rookery/read-models';
import { type Document, FindCursor, type FindOptions, Collection as MongoCollection } from 'mongodb';
import pg from 'pg';
import { vi } from 'vitest';
import type { QueryWorld } from './query-world.ts';

/** Documents that reads have returned. */
interface Returned {
  readonly rows: number;
  /** Size of these documents, as JSON. */
  readonly bytes: number;
}

/** Finds out how many rows a store looks at to answer reads of this process. */
export interface Examiner extends AsyncDisposable {
  /** Forgets the reads so far. */
  forget(): void;
  /** Returns the number of reads since `forget`, without those that depend on the time that has passed since the last one. */
  calls(): number;
  /** Returns what these reads have returned. */
  returned(): Promise<Returned>;
  /** Returns how many rows these reads have looked at. */
  examined(): Promise<number>;
}

export interface Statement {
  readonly text: string;
  readonly values: readonly unknown[];
}

/** Answer to a statement of the store. */
interface Answer {
  readonly rows: readonly { readonly doc?: string }[];
}

/** Parts of a node of a plan, as EXPLAIN (FORMAT JSON) prints it. */
interface PlanNode {
  readonly 'Relation Name'?: string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly 'Rows Removed by Index Recheck'?: number;
  readonly Plans?: readonly PlanNode[];
}

const rowsExamined = (node: PlanNode): number => {
  const below = (node.Plans ?? []).reduce((sum, one) => sum + rowsExamined(one), 0);
  if (node['Relation Name'] === undefined) return below;
  const { 'Actual Rows': rows, 'Rows Removed by Filter': filtered = 0 } = node;
  const each = rows + filtered + (node['Rows Removed by Index Recheck'] ?? 0);
  return below + Math.round(each * node['Actual Loops']);
};

/** Returns how many rows Postgres looks at to answer a statement: runs it again with EXPLAIN ANALYZE. */
export const examinedBy = async (client: pg.ClientBase, { text, values }: Statement): Promise<number> => {
  const { rows } = await client.query<{ 'QUERY PLAN': readonly { Plan: PlanNode }[] }>(
    `explain (analyze, timing off, format json) ${text}`,
    [...values],
  );
  return (rows[0]?.['QUERY PLAN'] ?? []).reduce((sum, { Plan }) => sum + rowsExamined(Plan), 0);
};

/** Collections that are read as time passes, and not by a page. */
const notOfPages = ['progress', 'generations'];

/** Tables that grow with the people. */
const tables = [
  'users',
  'follows',
  'items',
  'posts',
  'bookmarks',
  'blocks',
  'mutes',
  'notifications',
  'likes',
  'broadcasts',
  'counts',
  'trends',
]
  .map((name) => `documents.${name}`)
  .join(', ');

/** Those of the sessions of the store. */
export const sessionSettings = 'set enable_seqscan = off; set jit = off';
/** In a table of a few hundred rows Postgres prefers a bitmap scan or a sort to an index, which it never does in a large one. */
export const plansOfLargeTables =
  'set enable_bitmapscan = off; set enable_sort = off; set enable_incremental_sort = off';

/** Counts by the plans of Postgres: each statement runs again with EXPLAIN ANALYZE. */
export const openPostgresExaminer = async (world: QueryWorld, size: 'small' | 'large'): Promise<Examiner> => {
  const client = new pg.Client(world.env.DOCUMENTS_URL);
  await client.connect();
  await client.query(sessionSettings);
  if (size === 'small') await client.query(plansOfLargeTables);
  const query = vi.spyOn(pg.Pool.prototype, 'query');
  let analyzedAt: number | undefined;

  const isOfPage = ({ text }: Statement): boolean =>
    text.includes('"documents".') && !notOfPages.some((name) => text.includes(`"${name}"`));
  const ran = (): Statement[] =>
    (query.mock.calls as unknown as readonly (readonly [unknown])[]).flatMap(([config]) =>
      typeof config === 'object' ? [config as Statement] : [],
    );
  /** Returns the statements of pages since `forget`. @throws Error if there is none: then nothing would be examined */
  const statements = (): Statement[] => {
    const found = ran().filter(isOfPage);
    if (found.length === 0) throw new Error('no statement of a page was seen');
    return found;
  };
  return {
    forget: () => void query.mockClear(),
    calls: () => statements().length,
    async returned() {
      const answers = query.mock.results as unknown as readonly { readonly value: Promise<Answer> }[];
      const isCounted = query.mock.calls.map(([config]) => isOfPage(config as unknown as Statement));
      const read = await Promise.all(answers.filter((_, i) => isCounted[i]).map(({ value }) => value));
      const rows = read.flatMap((answer) => answer.rows);
      return {
        rows: rows.length,
        bytes: rows.reduce((sum, { doc = '' }) => sum + Buffer.byteLength(doc), 0),
      };
    },
    async examined() {
      if (analyzedAt !== world.head) await client.query(`analyze ${tables}`);
      analyzedAt = world.head;
      let examined = 0;
      for (const statement of statements()) examined += await examinedBy(client, statement);
      return examined;
    },
    async [Symbol.asyncDispose]() {
      query.mockRestore();
      await client.end();
    },
  };
};

/** Condition of a field in a filter. */
interface Condition {
  readonly $eq?: unknown;
  readonly $in?: readonly unknown[];
  readonly $gt?: number;
  readonly $lt?: number;
}

type Conditions = Readonly<Record<string, Condition>>;

/** Scans of an index that MongoDB merges in order (internalQueryMaxScansToExplode). */
const maxScans = 200;

/**
 * Counts what a read with more scans than that looks at: its index has no field of many values, so that it goes along a range up
 * to the last document that it returns.
 */
const alongRange = async (
  collection: MongoCollection,
  filter: Conditions,
  { sort, limit = 0 }: FindOptions,
): Promise<number> => {
  const name = collection.collectionName as CollectionName;
  const along = Object.entries(filter).filter(([, { $in = [] }]) => $in.length <= maxScans);
  const [order = ''] = Object.keys(sort ?? {});
  const equal = along.flatMap(([field, condition]) => ('$eq' in condition ? [field] : []));
  const range = filter[order];
  if (!findIndex(name, equal, order) || range?.$gt === undefined || range.$lt === undefined)
    throw new Error(`no index of ${name} bounds ${JSON.stringify({ order, equal })}`);
  const stages = [{ $match: filter }, { $sort: sort as Document }, { $limit: limit }];
  const returned = await collection.aggregate(stages).toArray();
  const last = returned.length < limit ? undefined : Number(returned.at(-1)?.[order]);
  const isAscending = (sort as Document)[order] === 1;
  const ended = last === undefined ? {} : { [order]: { ...range, [isAscending ? '$lt' : '$gt']: last } };
  return collection.countDocuments({ ...Object.fromEntries(along), ...ended } as Document);
};

const isSame = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((one) => b.includes(one));

/**
 * Returns the number of scans of an index that MongoDB merges to answer a read: one for each combination of values.
 * @throws Error if no index has the fields of the filter, in the order of the read
 */
const scansOf = (name: CollectionName, filter: Conditions, sort: Document | undefined): number => {
  const { _id: id, ...fields } = filter;
  if (id?.$in && Object.keys(fields).length === 0) return 1;
  const equal = Object.entries(fields).filter(([, condition]) => '$eq' in condition || '$in' in condition);
  const names = equal.map(([field]) => field);
  const [order] = Object.keys(sort ?? {});
  const isAnswered = collections[name].some(
    ({ each, ...index }) =>
      isSame([...(each === undefined ? [] : [each]), ...index.equal], names) &&
      (order === undefined || order === index.order),
  );
  const others = Object.keys(fields).filter((field) => field !== order && !names.includes(field));
  if (!isAnswered || others.length > 0)
    throw new Error(`no index of ${name} answers ${JSON.stringify({ filter, sort })}`);
  return equal.reduce((product, [, { $in }]) => product * ($in?.length ?? 1), 1);
};

/**
 * Counts what MongoDB looks at by its rules for indexes, because the server of the tests uses none and counts nothing: a
 * scan of an index looks at what it returns, and at one entry more for each other scan that it is merged with.
 */
export const openMongoExaminer = (): Examiner => {
  const find = vi.spyOn(MongoCollection.prototype, 'find');
  const toArray = vi.spyOn(FindCursor.prototype, 'toArray');
  /** Returns the documents that reads of pages have returned since `forget`. */
  const returned = async (): Promise<Document[]> => {
    const isOfPages = toArray.mock.contexts.map(
      (one) => !notOfPages.includes((one as FindCursor).namespace.collection ?? ''),
    );
    const read = await Promise.all(
      toArray.mock.results.filter((_, i) => isOfPages[i]).map(({ value }) => value as Promise<Document[]>),
    );
    return read.flat();
  };
  return {
    forget: () => {
      find.mockClear();
      toArray.mockClear();
    },
    calls: () =>
      find.mock.contexts.filter((one) => !notOfPages.includes((one as MongoCollection).collectionName))
        .length,
    async returned() {
      const documents = await returned();
      const sizes = documents.map(({ _id, _revision, ...doc }) => Buffer.byteLength(JSON.stringify(doc)));
      return { rows: documents.length, bytes: sizes.reduce((sum, size) => sum + size, 0) };
    },
    async examined() {
      let examined = (await returned()).length;
      for (const [i, [filter, options]] of find.mock.calls.entries()) {
        const collection = find.mock.contexts[i] as MongoCollection;
        const name = collection.collectionName as CollectionName;
        if (notOfPages.includes(name)) continue;
        const conditions = filter as Conditions;
        const sort = options?.sort as Document | undefined;
        const scans = scansOf(name, conditions, sort);
        examined += scans <= maxScans ? scans - 1 : await alongRange(collection, conditions, options ?? {});
      }
      return examined;
    },
    async [Symbol.asyncDispose]() {
      find.mockRestore();
      toArray.mockRestore();
    },
  };
};
