import { type CollectionName, collections, type Shapes } from '@rookery/read-models';
import DataLoader from 'dataloader';
import type { Reader } from './read-store.ts';
import { readMutedWords, type ViewersWord } from './reads/muted-words.ts';

type Loader<T> = DataLoader<string, T | undefined>;

/** Loaders by id: one for each collection, each batch one round trip. */
export type Loaders = { readonly [N in CollectionName]: Loader<Shapes[N]> } & {
  /** Id of the user for whom they load, so that what may be shown is always decided for the same one. */
  readonly viewer: string | null;
  /** Returns the words that the viewer mutes. Reads them once. */
  readonly viewersWords: () => Promise<readonly ViewersWord[]>;
};

const collectionNames = Object.keys(collections) as CollectionName[];

/** Ids in one round trip; nested pages can come to thousands. */
const maxBatchSize = 1_000;

const createLoader = <N extends CollectionName>(reader: Reader, name: N): Loader<Shapes[N]> => {
  const collection = reader.collection(name);
  return new DataLoader(
    async (ids) => {
      const found = await collection.getMany(ids);
      return ids.map((id) => found.get(id)?.doc);
    },
    { maxBatchSize },
  );
};

/** Loaders of one request or subscription. It stays the same object, so it can be passed on. */
export type ResettableLoaders = Loaders & {
  /** Drops everything that was loaded. */
  reset(): void;
};

/** Creates each loader when it is first used. */
class LazyLoaders {
  readonly #reader: Reader;
  readonly viewer: string | null;
  readonly #created = new Map<CollectionName, Loader<unknown>>();
  #words: Promise<readonly ViewersWord[]> | undefined;

  constructor(reader: Reader, viewer: string | null) {
    this.#reader = reader;
    this.viewer = viewer;
  }

  // New loaders and not cleared ones, which still keep what their last batch brought.
  readonly reset = (): void => {
    this.#created.clear();
    this.#words = undefined;
  };

  readonly viewersWords = (): Promise<readonly ViewersWord[]> => {
    this.#words ??= readMutedWords(this.#reader, this.viewer);
    return this.#words;
  };

  loaderOf(name: CollectionName): Loader<unknown> {
    const created = this.#created.get(name);
    if (created) return created;
    const loader: Loader<unknown> = createLoader<CollectionName>(this.#reader, name);
    this.#created.set(name, loader);
    return loader;
  }
}

// On the prototype, once for all requests.
for (const name of collectionNames)
  Object.defineProperty(LazyLoaders.prototype, name, {
    get(this: LazyLoaders) {
      return this.loaderOf(name);
    },
  });

/** Creates loaders that keep what they load until they are reset. */
export const createLoaders = (reader: Reader, viewer: string | null): ResettableLoaders =>
  new LazyLoaders(reader, viewer) as unknown as ResettableLoaders;
