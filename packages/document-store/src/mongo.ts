import {
  type CollectionName,
  collections,
  demandCollection,
  findIndex,
  type Index,
  indexName,
} from '@rookery/read-models';
import type { Logger } from '@rookery/runtime';
import { type Db, type Filter, MongoServerError } from 'mongodb';
import type { Engine, OnCall } from './engine.ts';
import { demandDistinct, demandPlainName } from './errors.ts';
import { openMongoConnection } from './mongo-client.ts';
import { openCountStore } from './mongo-counts.ts';
import { guarded, lostBy } from './mongo-errors.ts';
import { type PageReads, readPage, toFilter, toTargetedFilter } from './mongo-page.ts';
import { correctCounts } from './mongo-recount.ts';
import {
  type Call,
  type Kept,
  projectionOf,
  toFields,
  toStoredDoc,
  withFields,
  withoutNotes,
} from './mongo-stored.ts';
import { putCounted } from './pending-counts.ts';
import { fromStoredText, toStoredText } from './text.ts';
import { timeoutsMs } from './timeouts.ts';
import type { Among, Collection, Fields, PageRequest, Where, Write } from './types.ts';

/** Values in one batch of a cursor: they are short, and each batch is a round trip. */
const valuesAtOnce = 20_000;

type Maintain = (action: (database: Db) => Promise<void>) => Promise<void>;

/** Opens the document store on MongoDB: the database of the URL, `rookery` by default; a namespace is a prefix. */
export const openMongo = (
  url: string,
  log: Logger,
  { replica, onCall }: { readonly replica: boolean; readonly onCall?: OnCall | undefined },
): Engine => {
  const connection = openMongoConnection(url, log, { replica });

  let calls = 0;
  let rows = 0;
  const maintain: Maintain = (action) => guarded(() => connection.withPatientClient(action));
  const callOn =
    (collection: string): Call =>
    async (action) => {
      calls++;
      const startedAt = performance.now();
      try {
        const found = await guarded(() => action(connection.database.collection<Kept>(collection)));
        if (Array.isArray(found)) rows += found.length;
        return found;
      } finally {
        onCall?.((performance.now() - startedAt) / 1_000);
      }
    };

  return {
    collection: <T>(namespace: string | undefined, name: string) => {
      const known = demandCollection(name);
      const kept = named(namespace, known);
      const filterOf = (where: Where) => toTargetedFilter(known, where);
      const call = callOn(kept);
      return openCollection<T>({
        filterOf,
        call,
        callCounts: callOn(named(namespace, 'counts')),
        pageReads: {
          filterOf,
          hasIndex: (equal, order) => findIndex(known, equal, order) !== undefined,
          find: (filter, options) => call((c) => c.find(filter, options).toArray()),
          valuesOf: (among) => {
            const other = demandCollection(among.collection);
            return readValues(callOn(named(namespace, other)), other, among);
          },
        },
        clear: () => maintain(async (patient) => void (await patient.collection(kept).deleteMany({}))),
      });
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
        for (const { collection, where, ...set } of sets) {
          await correctCounts({
            ...set,
            where: toFilter(where),
            documents: patient.collection<Kept>(named(namespace, collection)),
            counts: patient.collection<Kept>(named(namespace, 'counts')),
          });
        }
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
    get rows() {
      return rows;
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

const fieldsOf = ({ each, equal, order }: Index): string[] => [
  ...(each === undefined ? [] : [each]),
  ...equal,
  ...(order === undefined ? [] : [order]),
];

const toIndex = (collection: string) => (index: Index) => ({
  name: indexName(collection, index),
  // The index of a field that is a list has each of its values.
  key: Object.fromEntries(fieldsOf(index).map((field) => [field, 1])),
});

/** Returns the values that a field of other documents has. */
const readValues = async (call: Call, name: CollectionName, { values, where }: Among): Promise<string[]> => {
  const field = demandPlainName(values);
  const found = await call((c) =>
    c
      .find(toTargetedFilter(name, where), {
        projection: { _id: 0, [field]: 1 },
        batchSize: valuesAtOnce,
        maxTimeMS: timeoutsMs.call,
      })
      .toArray(),
  );
  return [
    ...new Set(found.flatMap((doc) => (typeof doc[field] === 'string' ? [fromStoredText(doc[field])] : []))),
  ];
};

interface MongoCollectionParts {
  readonly filterOf: (where: Where) => Filter<Kept>;
  readonly call: Call;
  readonly callCounts: Call;
  readonly pageReads: PageReads;
  readonly clear: () => Promise<void>;
}

const openCollection = <T>({
  filterOf,
  call,
  callCounts,
  pageReads,
  clear,
}: MongoCollectionParts): Collection<T> => ({
  async getMany(ids) {
    if (ids.length === 0) return new Map();
    const found = await call((c) =>
      c
        .find(
          { _id: { $in: ids.map(toStoredText) } },
          { batchSize: ids.length + 1, projection: withoutNotes, maxTimeMS: timeoutsMs.call },
        )
        .toArray(),
    );
    return new Map(found.map(toStoredDoc<T>).map((stored) => [stored.id, stored]));
  },

  async putMany(writes: readonly Write<T>[]) {
    if (writes.length === 0) return [];
    demandDistinct(writes.map(({ id }) => id));
    return putCounted(openCountStore<T>(call, callCounts), writes);
  },

  async replaceMany(writes) {
    demandDistinct(writes.map(({ id }) => id));
    const replaced = await Promise.all(
      writes.map(({ id, revision, doc }) =>
        call((c) =>
          c.replaceOne(
            { _id: { $eq: toStoredText(id) }, _revision: revision },
            { ...toFields(doc), _revision: revision + 1 },
            { maxTimeMS: timeoutsMs.call },
          ),
        ),
      ),
    );
    return writes.flatMap(({ id }, i) => (replaced[i]?.matchedCount === 1 ? [] : [id]));
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

  page: async (request) => (await readPage(pageReads, withoutNotes, request)).map(toStoredDoc<T>),

  async pageOf<Field extends keyof T & string>(fields: readonly Field[], request: PageRequest) {
    const found = await readPage(pageReads, projectionOf(fields, request.orderBy), request);
    return found.map((kept) => toStoredDoc<Fields<T, Field>>(withFields(kept, fields)));
  },

  count: (where) => call((c) => c.countDocuments(filterOf(where), { maxTimeMS: timeoutsMs.call })),

  async *scan(batch, after) {
    for (let last = after === undefined ? undefined : toStoredText(after); ; ) {
      const filter: Filter<Kept> = last === undefined ? {} : { _id: { $gt: last } };
      const found: Kept[] = await call((c) =>
        c
          .find(filter, {
            sort: { _id: 1 },
            projection: withoutNotes,
            limit: batch,
            batchSize: batch,
            maxTimeMS: timeoutsMs.call,
          })
          .toArray(),
      );
      if (found.length > 0) yield found.map(toStoredDoc<T>);
      if (found.length < batch) return;
      last = found.at(-1)?._id;
    }
  },

  clear,
});
