import { bulkDocuments } from './bulk-documents.ts';
import type { QueryWorld } from './query-world.ts';

export interface Followings {
  /** Number of accounts that the reader follows. */
  readonly followings: number;
  /** Posts of all of them together, by each in turn. */
  readonly posts: number;
  /** True if every other of them has too many followers for fan-out. */
  readonly broadcast: boolean;
}

/** A reader, and whom the reader follows. */
export interface ReaderWithFollowings {
  readonly reader: string;
  readonly authors: readonly string[];
  /** Those of the authors whose items are broadcast. */
  readonly broadcasters: readonly string[];
}

/**
 * Creates a reader and everybody whom the reader follows, with their posts. The reader blocks as many others. Does not raise the
 * progress.
 */
export const readerWithFollowings = async (
  world: QueryWorld,
  { followings, posts, broadcast }: Followings,
): Promise<ReaderWithFollowings> => {
  const bulk = bulkDocuments(world);
  const reader = await world.user();
  const authors = await bulk.users(followings);
  await bulk.relate(
    'follows',
    authors.map((author) => [reader, author]),
  );
  await bulk.relate(
    'blocks',
    (await bulk.users(followings)).map((stranger) => [reader, stranger]),
  );
  const broadcasters = broadcast ? authors.filter((_, i) => i % 2 === 0) : [];
  await bulk.insert(
    'authors',
    broadcasters.map((id) => ({ id, doc: { big: true } })),
  );
  const written = await bulk.posts(
    Array.from({ length: posts }, (_, i) => ({ author: authors[i % authors.length] ?? '' })),
  );
  const isBroadcast = new Set(broadcasters);
  await bulk.insert(
    'broadcasts',
    written.flatMap(({ id, actor, position }) =>
      isBroadcast.has(actor) ? [{ id, doc: { actor, position } }] : [],
    ),
  );
  return { reader, authors, broadcasters };
};
