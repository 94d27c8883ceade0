import { collections, demandCollection, type Index, indexName } from '@rookery/read-models';
import type { Logger } from '@rookery/runtime';
import {
  type Db,
  type Document,
  type Filter,
  MongoBulkWriteError,
  type Collection as MongoCollection,
  MongoError,
  MongoServerError,
} from 'mongodb';
import type { CountedSets, Engine } from './engine.ts';
import {
  DocumentsUnavailableError,
  demandDistinct,
  demandPlainName,
  StatementTimeoutError,
} from './errors.ts';
import { openMongoConnection } from './mongo-client.ts';
import { fromStored, fromStoredText, toStored, toStoredText } from './text.ts';
import { timeoutsMs } from './timeouts.ts';
import type { Collection, PageRequest, Scalar, Stored, Where, Write } from './types.ts';

/** Stored form: the fields of the document, and these two. */
interface Kept {
  readonly _id: string;
  readonly _revision: number;
  readonly [field: string]: unknown;
}
type Call = <R>(action: (collection: MongoCollection<Kept>) => Promise<R>) => Promise<R>;
type Maintain = (action: (database: Db) => Promise<void>) => Promise<void>;

const duplicateKey = 11_000;

/** Opens the document store on MongoDB: the database of the URL, `rookery` by default; a namespace is a prefix. */
export const openMongo = (url: string, log: Logger, options: { readonly replica: boolean }): Engine => {
  const connection = openMongoConnection(url, log, options);

  let calls = 0;
  const maintain: Maintain = (action) => guarded(() => connection.withPatientClient(action));

  return {
    collection: <T>(namespace: string | undefined, name: string) => {
      const kept = named(namespace, demandCollection(name));
      return openCollection<T>(
        (action) => {
          calls++;
          return guarded(() => action(connection.database.collection<Kept>(kept)));
        },
        () => maintain(async (patient) => void (await patient.collection(kept).deleteMany({}))),
      );
    },
    prepare: (namespace, names) =>
      maintain(async (patient) => {
        for (const name of names) {
          // One by one: FerretDB fails if two indexes of one call exist already.
          for (const index of collections[name].map(toIndex(name))) {
            await patient.collection(named(namespace, name)).createIndexes([index]);
          }
        }
      }),
    system: 'mongodb',
    // Collections are created by their first document.
    prepareBare: async () => {},
    bulk: async () => undefined,
    countAll: (namespace, sets) =>
      maintain(async (patient) => {
        for (const set of sets) await countSets(patient, namespace, set);
      }),
    drop: (namespace, names) =>
      maintain(async (patient) => {
        for (const name of names) await drop(patient, named(namespace, name));
      }),
    dropNamespace: (namespace) =>
      maintain(async (patient) => {
        for (const name of Object.keys(collections)) await drop(patient, named(namespace, name));
      }),
    ping: () => guarded(async () => void (await connection.database.command({ ping: 1 }))),
    get calls() {
      return calls;
    },
    close: () => connection.close(),
  };
};

const named = (namespace: string | undefined, name: string): string =>
  namespace === undefined ? name : `${namespace}.${name}`;

/** Error code of a missing collection. */
const namespaceNotFound = 26;

const drop = async (database: Db, name: string): Promise<void> => {
  await database.dropCollection(name).catch((error: unknown) => {
    if (!(error instanceof MongoServerError && error.code === namespaceNotFound)) throw error;
  });
};

/** Number of sizes that are written in one command. */
const countsAtOnce = 1_000;

/** Counts all sets of one kind. A set that has lost all its members has size 0, as after a recount. */
const countSets = async (
  patient: Db,
  namespace: string | undefined,
  { kind, collection, field, where }: CountedSets,
): Promise<void> => {
  const members = patient.collection(named(namespace, collection));
  const sizes = async (match: Document) =>
    members
      .aggregate<{ _id: string; n: number }>([
        { $match: match },
        { $group: { _id: `$${demandPlainName(field)}`, n: { $sum: 1 } } },
      ])
      .toArray();
  const counted = new Map((await sizes(toFilter(where))).map(({ _id, n }) => [_id, n]));
  const all = (await sizes({})).filter(({ _id }) => typeof _id === 'string');
  const into = patient.collection<Kept>(named(namespace, 'counts'));
  for (let i = 0; i < all.length; i += countsAtOnce) {
    await into.bulkWrite(
      all.slice(i, i + countsAtOnce).map(({ _id }) => ({
        replaceOne: {
          filter: { _id: `${kind}:${_id}` },
          replacement: { n: counted.get(_id) ?? 0, _revision: 1 },
          upsert: true,
        },
      })),
      { ordered: false },
    );
  }
};

const guarded = async <R>(action: () => Promise<R>): Promise<R> => {
  try {
    return await action();
  } catch (error) {
    throw asUnavailable(error);
  }
};

const toIndex = (collection: string) => (index: Index) => ({
  name: indexName(collection, index),
  key: Object.fromEntries([...index.equal, ...(index.order ? [index.order] : [])].map((field) => [field, 1])),
});

const toFields = (doc: unknown): Document => JSON.parse(toStored(doc)) as Document;

const toReplacement = ({ id, revision, doc }: Write<unknown>) => ({
  replaceOne: {
    filter: { _id: toStoredText(id), _revision: revision },
    replacement: { ...toFields(doc), _revision: revision + 1 },
    upsert: true,
  },
});

/** Always bounded: a document whose field is no number is in no page. */
const pageQuery = ({ where, orderBy, direction, after, limit }: PageRequest) => {
  const field = demandPlainName(orderBy);
  const isAscending = direction === 'asc';
  const bound = after ?? (isAscending ? -Number.MAX_VALUE : Number.MAX_VALUE);
  return {
    filter: { ...toFilter(where), [field]: { [isAscending ? '$gt' : '$lt']: bound } },
    options: {
      sort: { [field]: isAscending ? 1 : -1 } as const,
      limit,
      batchSize: limit,
      maxTimeMS: timeoutsMs.call,
    },
  };
};

const openCollection = <T>(call: Call, clear: () => Promise<void>): Collection<T> => ({
  async getMany(ids) {
    if (ids.length === 0) return new Map();
    const found = await call((c) =>
      c
        .find(
          { _id: { $in: ids.map(toStoredText) } },
          { batchSize: ids.length + 1, maxTimeMS: timeoutsMs.call },
        )
        .toArray(),
    );
    return new Map(found.map(toStoredDoc<T>).map((stored) => [stored.id, stored]));
  },

  async putMany(writes: readonly Write<T>[]) {
    if (writes.length === 0) return [];
    demandDistinct(writes.map(({ id }) => id));
    // If the revision has changed, the filter matches nothing and the upsert violates the unique id: a
    // duplicate key is a lost write, and one command reports all of them.
    const operations = writes.map(toReplacement);
    try {
      await call((c) => c.bulkWrite(operations, { ordered: false, maxTimeMS: timeoutsMs.call }));
      return [];
    } catch (error) {
      return lostBy(error, writes);
    }
  },

  async insertMany(docs) {
    if (docs.length === 0) return [];
    demandDistinct(docs.map(({ id }) => id));
    const inserts = docs.map(({ id, doc }) => ({
      ...toFields(doc),
      _id: toStoredText(id),
      _revision: 1,
    }));
    try {
      await call((c) => c.insertMany(inserts, { ordered: false, maxTimeMS: timeoutsMs.call }));
      return [];
    } catch (error) {
      return lostBy(error, docs);
    }
  },

  async removeMany(removals) {
    const outcomes = await Promise.all(
      removals.map(({ id, revision }) =>
        call((c) =>
          c.deleteOne(
            { _id: { $eq: toStoredText(id) }, _revision: revision },
            { maxTimeMS: timeoutsMs.call },
          ),
        ),
      ),
    );
    return removals.flatMap(({ id }, i) => (outcomes[i]?.deletedCount === 1 ? [] : [id]));
  },

  async page(request: PageRequest) {
    const { filter, options } = pageQuery(request);
    const found = await call((c) => c.find(filter, options).toArray());
    return found.map(toStoredDoc<T>);
  },

  count: (where) => call((c) => c.countDocuments(toFilter(where), { maxTimeMS: timeoutsMs.call })),

  async countBy(field, values, where, { timeoutMs = timeoutsMs.call } = {}) {
    if (values.length === 0) return new Map();
    const groups = await call((c) =>
      c
        .aggregate<{ _id: string; n: number }>(
          [
            { $match: toFilter({ ...where, [field]: values }) },
            { $group: { _id: `$${demandPlainName(field)}`, n: { $sum: 1 } } },
          ],
          { batchSize: values.length + 1, maxTimeMS: timeoutMs },
        )
        .toArray(),
    );
    return new Map(groups.map(({ _id, n }) => [fromStoredText(_id), n]));
  },

  async *scan(batch, after) {
    for (let last = after === undefined ? undefined : toStoredText(after); ; ) {
      const filter: Filter<Kept> = last === undefined ? {} : { _id: { $gt: last } };
      const found: Kept[] = await call((c) =>
        c
          .find(filter, { sort: { _id: 1 }, limit: batch, batchSize: batch, maxTimeMS: timeoutsMs.call })
          .toArray(),
      );
      if (found.length > 0) yield found.map(toStoredDoc<T>);
      if (found.length < batch) return;
      last = found.at(-1)?._id;
    }
  },

  clear,
});

/**
 * Returns the writes of a bulk that lost.
 * @throws if it failed for another reason
 */
const lostBy = (error: unknown, writes: readonly { readonly id: string }[]): string[] => {
  if (!(error instanceof MongoBulkWriteError)) throw error;
  const errors = [error.writeErrors].flat();
  // The other writes must be durable: without an acknowledgement of the majority their state is unknown.
  if (errors.length === 0 || error.result.getWriteConcernError() !== undefined) throw unavailable(error);
  if (errors.some(({ code }) => code !== duplicateKey)) throw error;
  return errors.flatMap(({ index }) => writes[index]?.id ?? []);
};

const toStoredDoc = <T>({ _id, _revision, ...doc }: Kept): Stored<T> => {
  const json = JSON.stringify(doc);
  return {
    id: fromStoredText(_id),
    revision: _revision,
    // Only documents with escaped text must be converted.
    doc: (json.includes('\\u001b') ? fromStored(json) : doc) as T,
  };
};

const toValue = (value: Scalar): Scalar => (typeof value === 'string' ? toStoredText(value) : value);

/** $eq and $in throughout: a value is never read as an operator. */
const toFilter = (where: Where): Filter<Kept> =>
  Object.fromEntries(
    Object.entries(where).map(([field, value]) => [
      demandPlainName(field),
      Array.isArray(value) ? { $in: value.map(toValue) } : { $eq: toValue(value as Scalar) },
    ]),
  );

/** MaxTimeMSExpired: the server cancelled the statement. */
const maxTimeExpired = 50;

/** Codes of a server that is stopping or changing its role; see error_codes.yml of the MongoDB server. */
const ofTheServer = new Set([
  6, 7, 64, 89, 91, 112, 189, 262, 317, 358, 9001, 10_058, 10_107, 11_600, 11_602, 13_435, 13_436,
]);

/**
 * Converts an error of MongoDB. Refusals of the server are passed on; everything else (no server, no answer
 * in time, a lost connection) is unavailability.
 */
const asUnavailable = (error: unknown): unknown => {
  if (error instanceof MongoServerError && Number(error.code) === maxTimeExpired)
    return new StatementTimeoutError(`the document store gave a statement up: ${error.message}`, {
      cause: error,
    });
  const refused = error instanceof MongoServerError && !ofTheServer.has(Number(error.code));
  return error instanceof MongoError && !refused ? unavailable(error) : error;
};

const unavailable = (cause: Error) =>
  new DocumentsUnavailableError(`the document store does not answer: ${cause.message}`, { cause });
