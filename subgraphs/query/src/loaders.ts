import { type CollectionName, collections, type Shapes } from '@rookery/read-models';
import DataLoader from 'dataloader';
import type { Reader } from './read-store.ts';

export type Loader<T> = DataLoader<string, T | undefined>;

/** Loaders by id: one for each collection, each batch one round trip. */
export type Loaders = { readonly [N in CollectionName]: Loader<Shapes[N]> };

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

/** Loaders that remember for as long as one request, or one live event, lasts. */
export const createLoaders = (reader: Reader): Loaders =>
  Object.fromEntries(collectionNames.map((name) => [name, createLoader(reader, name)])) as unknown as Loaders;
