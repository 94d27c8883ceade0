import { bulkDocuments } from './bulk-documents.ts';
import type { QueryWorld } from './query-world.ts';

export interface Followings {
  /** Number of accounts that the reader follows. */
  readonly followings: number;
  /** Posts of all of them together, by each in turn. */
  readonly posts: number;
  /** True if all of them have too many followers for fan-out. */
  readonly broadcast: boolean;
}

/** Creates a reader and everybody whom the reader follows, with their posts. Does not raise the progress. */
export const readerWithFollowings = async (
  world: QueryWorld,
  { followings, posts, broadcast }: Followings,
): Promise<{ readonly reader: string; readonly authors: readonly string[] }> => {
  const bulk = bulkDocuments(world);
  const reader = await world.user();
  const authors = await bulk.users(followings);
  await bulk.relate(
    'follows',
    authors.map((author) => [reader, author]),
  );
  if (broadcast)
    await bulk.insert(
      'authors',
      authors.map((id) => ({ id, doc: { big: true } })),
    );
  const written = await bulk.posts(
    Array.from({ length: posts }, (_, i) => ({ author: authors[i % authors.length] ?? '' })),
  );
  if (broadcast)
    await bulk.insert(
      'broadcasts',
      written.map(({ id, actor, position }) => ({ id, doc: { actor, position } })),
    );
  return { reader, authors };
};
