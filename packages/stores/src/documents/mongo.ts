import type { Logger } from '@rookery/service';
import { ConfigError } from '@rookery/service';
import {
  type Document,
  type Filter,
  MongoBulkWriteError,
  MongoClient,
  type Collection as MongoCollection,
  MongoServerError,
} from 'mongodb';
import { collections, demandCollection, type Index, indexName } from './collections.ts';
import { DocumentsUnavailable, demandDistinct, demandPlainName, timeouts } from './errors.ts';
import { fromStored, fromStoredText, toStored, toStoredText } from './text.ts';
import type { Collection, Documents, PageRequest, Scalar, Stored, Where, Write } from './types.ts';

/** As it is kept: the document's own fields beside these two. */
interface Kept {
  readonly _id: string;
  readonly _revision: number;
  readonly [field: string]: unknown;
}
type Call = <R>(action: (collection: MongoCollection<Kept>) => Promise<R>) => Promise<R>;

const duplicateKey = 11_000;

/** The document store on MongoDB: the database of the URL (`rookery` where it names none). */
export const openMongo = (url: string, namespace: string | undefined, log: Logger): Documents => {
  let client: MongoClient;
  try {
    client = new MongoClient(url, {
      appName: 'rookery documents',
      maxPoolSize: 16,
      timeoutMS: timeouts.call,
      serverSelectionTimeoutMS: timeouts.connect,
      connectTimeoutMS: timeouts.connect,
      waitQueueTimeoutMS: timeouts.connect,
      // What has been answered survives the loss of a server, and is what is read next.
      writeConcern: { w: 'majority' },
      readPreference: 'primary',
      ignoreUndefined: true,
    });
  } catch (error) {
    throw new ConfigError(
      `this is no address of a MongoDB: ${error instanceof Error ? error.message : error}`,
    );
  }
  client.on('error', (error) => log.warn({ error }, 'documents: lost a connection'));
  const database = client.db(/^[^/]+\/\/[^/]+\/[^?]/.test(url) ? undefined : 'rookery');
  const prefix = namespace === undefined ? '' : `${namespace}.`;

  let calls = 0;
  const guarded = async <R>(action: () => Promise<R>): Promise<R> => {
    calls++;
    try {
      return await action();
    } catch (error) {
      throw asUnavailable(error);
    }
  };

  return {
    collection: <T>(name: string) => {
      const collection = database.collection<Kept>(prefix + demandCollection(name));
      return openCollection<T>((action) => guarded(() => action(collection)));
    },
    prepare: () =>
      guarded(async () => {
        for (const [name, indexes] of Object.entries(collections) as [string, readonly Index[]][]) {
          if (indexes.length === 0) continue;
          await database.collection(prefix + name).createIndexes(
            indexes.map((index) => ({
              name: indexName(name, index),
              key: Object.fromEntries(
                [...index.equal, ...(index.order ? [index.order] : [])].map((field) => [field, 1]),
              ),
            })),
            { timeoutMS: timeouts.maintenance },
          );
        }
      }),
    ping: () => guarded(async () => void (await database.command({ ping: 1 }))),
    get calls() {
      return calls;
    },
    close: async () => {
      // A frozen server never says goodbye.
      const patience = AbortSignal.timeout(timeouts.connect);
      const enough = new Promise<void>((resolve) => patience.addEventListener('abort', () => resolve()));
      await Promise.race([client.close(), enough]);
    },
  };
};

const openCollection = <T>(call: Call): Collection<T> => ({
  async getMany(ids) {
    if (ids.length === 0) return new Map();
    const found = await call((c) =>
      c.find({ _id: { $in: ids.map(toStoredText) } }, { batchSize: ids.length + 1 }).toArray(),
    );
    return new Map(found.map(toStoredDoc<T>).map((stored) => [stored.id, stored]));
  },

  async putMany(writes: readonly Write<T>[]) {
    if (writes.length === 0) return [];
    demandDistinct(writes.map(({ id }) => id));
    // Where the revision has moved on, the filter matches nothing and the upsert runs into the id's uniqueness:
    // a duplicate key is a lost write, and one command tells which of them lost.
    const operations = writes.map(({ id, revision, doc }) => ({
      replaceOne: {
        filter: { _id: toStoredText(id), _revision: revision },
        replacement: { ...(JSON.parse(toStored(doc)) as Document), _revision: revision + 1 },
        upsert: true,
      },
    }));
    try {
      await call((c) => c.bulkWrite(operations, { ordered: false }));
      return [];
    } catch (error) {
      if (!(error instanceof MongoBulkWriteError)) throw error;
      const errors = [error.writeErrors].flat();
      if (errors.length === 0 || errors.some(({ code }) => code !== duplicateKey)) throw error;
      return errors.flatMap(({ index }) => writes[index]?.id ?? []);
    }
  },

  async page({ where, orderBy, direction, after, limit }: PageRequest) {
    const field = demandPlainName(orderBy);
    // Also where there is no bound: a document whose field holds no number is in no page.
    const bound = after ?? (direction === 'asc' ? -Number.MAX_VALUE : Number.MAX_VALUE);
    const found = await call((c) =>
      c
        .find(
          { ...toFilter(where), [field]: { [direction === 'asc' ? '$gt' : '$lt']: bound } },
          { sort: { [field]: direction === 'asc' ? 1 : -1 }, limit, batchSize: limit },
        )
        .toArray(),
    );
    return found.map(toStoredDoc<T>);
  },

  count: (where) => call((c) => c.countDocuments(toFilter(where))),

  async countBy(field, values, where) {
    if (values.length === 0) return new Map();
    const groups = await call((c) =>
      c
        .aggregate<{ _id: string; n: number }>(
          [
            { $match: toFilter({ ...where, [field]: values }) },
            { $group: { _id: `$${demandPlainName(field)}`, n: { $sum: 1 } } },
          ],
          { batchSize: values.length + 1 },
        )
        .toArray(),
    );
    return new Map(groups.map(({ _id, n }) => [fromStoredText(_id), n]));
  },

  async *scan(batch) {
    for (let last: string | undefined; ; ) {
      const filter: Filter<Kept> = last === undefined ? {} : { _id: { $gt: last } };
      const found: Kept[] = await call((c) =>
        c.find(filter, { sort: { _id: 1 }, limit: batch, batchSize: batch }).toArray(),
      );
      if (found.length > 0) yield found.map(toStoredDoc<T>);
      if (found.length < batch) return;
      last = found.at(-1)?._id;
    }
  },

  clear: () => call(async (c) => void (await c.deleteMany({}, { timeoutMS: timeouts.maintenance }))),
});

const toStoredDoc = <T>({ _id, _revision, ...doc }: Kept): Stored<T> => {
  const json = JSON.stringify(doc);
  return {
    id: fromStoredText(_id),
    revision: _revision,
    // Only a document with escaped text has to be made anew.
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

/** What the server itself refused is passed on; all else (no server, a timeout, a lost connection) is unavailability. */
const asUnavailable = (error: unknown): unknown => {
  if (error instanceof MongoServerError && !error.hasErrorLabel('RetryableWriteError')) return error;
  const why = error instanceof Error ? error.message : String(error);
  return new DocumentsUnavailable(`the document store does not answer: ${why}`, { cause: error });
};
