import {
  type CollectionName,
  type CountKind,
  collections,
  collectionsOf,
  countKindsOf,
  demandCollection,
  type Generation,
  ownerOf,
  ownerOfCount,
} from '@rookery/read-models';
import { oneAtATime } from '@rookery/runtime';
import type { Engine } from './engine.ts';
import { followGenerations, namespaceOf } from './generations.ts';
import type { Collection, Documents, Stored } from './types.ts';

/** Chooses the generation of a projection. */
type Choose = (projection: string) => Generation;
type Chosen = () => Promise<Choose>;

const baseCollections = Object.keys(collections) as CollectionName[];

/**
 * Opens the document store as all processes see it: each collection is in the live generation of its
 * projection, and collections without a projection are in the base.
 */
export const openLive = (engine: Engine, base: string | undefined): Documents => {
  let pointerReads = 0;
  const generations = followGenerations(engine, base, () => {
    pointerReads++;
  });
  const inNamespace = <T>(name: CollectionName, generation: Generation): Collection<T> =>
    engine.collection<T>(namespaceOf(base, generation), name);

  // All projections prepare a new document store at the same time, and would only wait for each other.
  const prepare = oneAtATime(async (): Promise<void> => {
    await engine.prepare(base, baseCollections);
    const { doc } = await generations(true);
    for (const [projection, { live, also }] of Object.entries(doc.projections).map(
      ([p, g]) => [p, g ?? { live: 0, also: null }] as const,
    )) {
      for (const generation of new Set([live, also])) {
        if (generation)
          await engine.prepare(namespaceOf(base, generation), [...collectionsOf(projection), 'counts']);
      }
    }
  });

  const view = (chosen: Chosen): Documents => ({
    system: engine.system,
    collection: <T>(name: string) => {
      const known = demandCollection(name);
      if (known === 'counts') return countsOf<T>(chosen, (generation) => inNamespace<T>(known, generation));
      const owner = ownerOf[known];
      if (owner === null) return inNamespace<T>(known, 0);
      return routed<T>(async () => inNamespace<T>(known, (await chosen())(owner)));
    },
    prepare,
    generations,
    at: (choose) => view(async () => choose),
    beside: (generation, projection) => {
      const namespace = namespaceOf(base, generation);
      const names: readonly CollectionName[] = [...collectionsOf(projection), 'counts'];
      return {
        documents: view(async () => () => generation),
        prepareBare: () => engine.prepareBare(namespace, names),
        bulk: () => engine.bulk(namespace, names),
        prepare: () => engine.prepare(namespace, names),
        countAll: (sets) => engine.countAll(namespace, sets),
        async clear() {
          if (generation !== 0) {
            await engine.drop(namespace, collectionsOf(projection));
            // A build that was killed at its beginning has made none.
            await engine.prepare(namespace, ['counts']);
          } else for (const name of collectionsOf(projection)) await inNamespace(name, generation).clear();
          await removeCounts(inNamespace('counts', generation), countKindsOf(projection));
        },
      };
    },
    dropGeneration: async (generation) => {
      if (generation === 0) throw new TypeError('the base is never dropped');
      await engine.dropNamespace(namespaceOf(base, generation) ?? '');
    },
    ping: () => engine.ping(),
    get calls() {
      // Excludes reads of the pointer, which depend on the clock and not on the calls.
      return engine.calls - pointerReads;
    },
    get rows() {
      return engine.rows;
    },
    close: () => engine.close(),
  });

  return view(async () => {
    const now = await generations();
    return (projection) => now.of(projection).live;
  });
};

/** Returns a collection that is resolved for each call. */
const routed = <T>(find: () => Promise<Collection<T>>): Collection<T> => ({
  getMany: async (ids) => (await find()).getMany(ids),
  putMany: async (writes) => (await find()).putMany(writes),
  replaceMany: async (writes) => (await find()).replaceMany(writes),
  insertMany: async (docs) => (await find()).insertMany(docs),
  removeMany: async (removals) => (await find()).removeMany(removals),
  page: async (request) => (await find()).page(request),
  pageOf: async (fields, request) => (await find()).pageOf(fields, request),
  count: async (where) => (await find()).count(where),
  async *scan(batch, after) {
    yield* (await find()).scan(batch, after);
  },
  clear: async () => (await find()).clear(),
});

const ownerOfCountId = (id: string): string => {
  const kind = id.slice(0, id.indexOf(':'));
  return Object.hasOwn(ownerOfCount, kind) ? ownerOfCount[kind as CountKind] : '';
};

/**
 * Routes the ids of `counts`, which belong to several projections, to the generation of the projection of
 * their kind.
 */
const countsOf = <T>(
  chosen: Chosen,
  inGeneration: (generation: Generation) => Collection<T>,
): Collection<T> => {
  const split = async <I>(all: readonly I[], idOf: (one: I) => string): Promise<Map<Generation, I[]>> => {
    const choose = await chosen();
    const parts = new Map<Generation, I[]>();
    for (const one of all) {
      const generation = choose(ownerOfCountId(idOf(one)));
      const part = parts.get(generation);
      if (part) part.push(one);
      else parts.set(generation, [one]);
    }
    return parts;
  };
  const each = async <I extends { readonly id: string }>(
    all: readonly I[],
    call: (collection: Collection<T>, part: readonly I[]) => Promise<string[]>,
  ): Promise<string[]> => {
    const parts = [...(await split(all, ({ id }) => id))];
    return (
      await Promise.all(parts.map(([generation, part]) => call(inGeneration(generation), part)))
    ).flat();
  };
  const inBase = () => inGeneration(0);
  return {
    async getMany(ids) {
      const parts = [...(await split(ids, (id) => id))];
      const [first = new Map<string, Stored<T>>(), ...others] = await Promise.all(
        parts.map(([generation, part]) => inGeneration(generation).getMany(part)),
      );
      for (const [id, stored] of others.flatMap((found) => [...found])) first.set(id, stored);
      return first;
    },
    putMany: (writes) => each(writes, (collection, part) => collection.putMany(part)),
    // Counts are changed by writes of documents, so nobody replaces them: this only completes the collection.
    replaceMany: (writes) => each(writes, (collection, part) => collection.replaceMany(part)),
    insertMany: (docs) => each(docs, (collection, part) => collection.insertMany(part)),
    removeMany: (removals) => each(removals, (collection, part) => collection.removeMany(part)),
    async *scan(batch, after) {
      const choose = await chosen();
      const generations = new Set(Object.values(ownerOfCount).map(choose));
      // Counts that belong to another generation may be left here.
      for (const generation of generations) {
        for await (const found of inGeneration(generation).scan(batch, after)) {
          const own = found.filter(({ id }) => choose(ownerOfCountId(id)) === generation);
          if (own.length > 0) yield own;
        }
      }
    },
    page: (request) => inBase().page(request),
    pageOf: (fields, request) => inBase().pageOf(fields, request),
    count: (where) => inBase().count(where),
    clear: () => inBase().clear(),
  };
};

const removeCounts = async (counts: Collection<unknown>, kinds: readonly CountKind[]): Promise<void> => {
  for (const kind of kinds) {
    for await (const found of counts.scan(1_000, `${kind}:`)) {
      const own = found.filter(({ id }) => id.startsWith(`${kind}:`));
      await counts.removeMany(own);
      if (own.length < found.length) break;
    }
  }
};
