import { bulkDocuments } from './bulk-documents.ts';
import type { QueryWorld } from './query-world.ts';

export interface Followings {
  /** Number of accounts that the reader follows. */
  readonly followings: number;
  /** Posts and shares of all of them together, by each in turn. */
  readonly posts: number;
  /** True if they write nothing but posts of their own, which is less for a store without indexes. Default false. */
  readonly isPlain?: boolean;
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

/** Acts of an account that are no posts of its own, of every ten. */
const kinds: Readonly<Record<number, 'share' | 'quote' | 'reply'>> = {
  1: 'share',
  3: 'quote',
  6: 'share',
  // The feed leaves it out, since it answers a stranger.
  8: 'reply',
};

/** The posts of strangers that are shared, quoted and answered. */
const strangersPosts = 500;

/**
 * Creates a reader and everybody whom the reader follows, with what they post and share: of the same kinds in the same order, however
 * many they are. The reader blocks as many others. Does not raise the
 * progress.
 */
export const readerWithFollowings = async (
  world: QueryWorld,
  { followings, posts, isPlain = false, broadcast }: Followings,
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
  const strangers = await bulk.users(isPlain ? 0 : strangersPosts);
  const theirs = await bulk.posts(strangers.map((author) => ({ author })));
  const actOf = (i: number) => {
    const actor = authors[i % authors.length] ?? '';
    if (isPlain) return { author: actor };
    const stranger = theirs[i % theirs.length]?.id ?? '';
    // Moved on by one with every ten, so that each of ten accounts does something of everything.
    const kind = kinds[(i + Math.floor(i / 10)) % 10];
    if (kind === 'share') return { actor, shares: stranger };
    return {
      author: actor,
      quotes: kind === 'quote' ? stranger : undefined,
      inReplyTo: kind === 'reply' ? stranger : undefined,
    };
  };
  const written = await bulk.posts(Array.from({ length: posts }, (_, i) => actOf(i)));
  const isBroadcast = new Set(broadcasters);
  await bulk.insert(
    'broadcasts',
    written.flatMap(({ id, actor, position }) =>
      isBroadcast.has(actor) ? [{ id, doc: { actor, position } }] : [],
    ),
  );
  return { reader, authors, broadcasters };
};
