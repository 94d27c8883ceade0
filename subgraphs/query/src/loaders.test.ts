import { expect, it } from 'vitest';
import { createLoaders } from './loaders.ts';
import type { Reader } from './read-store.ts';

/** A reader whose documents say how often they were read. */
const countingReader = () => {
  const reads: string[][] = [];
  const collection = (name: string) => ({
    getMany: async (ids: readonly string[]) => {
      reads.push([name, ...ids]);
      return new Map(ids.map((id) => [id, { id, revision: 1, doc: { name, id, read: reads.length } }]));
    },
  });
  return { reads, reader: { collection } as unknown as Reader };
};

it('read each collection in one batch, and each id once until they are reset', async () => {
  const { reads, reader } = countingReader();
  const loaders = createLoaders(reader, null);
  const { users } = loaders;
  await Promise.all([users.load('a'), loaders.users.load('b'), loaders.posts.load('a'), users.load('a')]);
  expect(reads).toEqual([
    ['users', 'a', 'b'],
    ['posts', 'a'],
  ]);
  await loaders.users.load('b');
  expect(reads).toHaveLength(2);
  loaders.reset();
  expect(await loaders.users.load('b')).toMatchObject({ name: 'users', read: 3 });
  expect(reads.at(-1)).toEqual(['users', 'b']);
});
