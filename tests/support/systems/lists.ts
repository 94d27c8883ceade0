import { bulkDocuments } from './bulk-documents.ts';
import type { QueryWorld } from './query-world.ts';

/** A user whose lists all have the same length, and a post whose lists have it too. */
export interface Listed {
  readonly user: string;
  readonly post: string;
  /** Post with as many hidden replies and quotes. */
  readonly thread: string;
  /** Hashtag with as many posts, which is also a word of each of them, and of as many people. */
  readonly hashtag: string;
}

/**
 * Creates somebody with so many followers, followings, posts, bookmarks, blocks and mutes, notifications, and as many likes, shares and replies of
 * the first post, and posts with a hashtag. Each of the followings follows six of twelve others.
 */
export const userWithLists = async (world: QueryWorld, size: number): Promise<Listed> => {
  const bulk = bulkDocuments(world);
  const user = await world.user();
  const hashtag = `tag_${user.slice(-12)}`;
  const others = await bulk.users(size, [hashtag.slice(-8), 'everybody']);
  await bulk.relate(
    'follows',
    others.flatMap((other) => [
      [other, user],
      [user, other],
    ]),
  );
  // Whom those follow, of whom the newest are looked at.
  const suggested = await bulk.users(12);
  await bulk.relate(
    'follows',
    others.flatMap((other, i) => {
      const half = suggested.slice((i % 2) * 6).slice(0, 6);
      return half.map((person) => [other, person] as const);
    }),
  );
  const words = [hashtag, 'everywhere'];
  const posts = await bulk.posts(
    others.map(() => ({ author: user, hashtags: [hashtag, 'all'], terms: words })),
  );
  await bulk.relate(
    'bookmarks',
    posts.map(({ id }) => [user, id]),
  );
  const likes = posts.slice(1).map(({ id }, i) => [others[i] ?? '', id] as const);
  await bulk.relate('likes', likes);
  await bulk.insert(
    'notifications',
    likes.map(([actor, id]) => {
      const position = world.nextPosition();
      const places = { followed: null, liked: position, shared: null, replied: null, mentioned: null };
      return { id, doc: { recipient: user, ...places, acts: { LIKE: [{ actor, position }] } } };
    }),
  );
  const strangers = await bulk.users(size);
  await bulk.relate(
    'blocks',
    strangers.map((stranger) => [user, stranger]),
  );
  await bulk.relate(
    'mutes',
    strangers.map((stranger) => [user, stranger]),
  );
  const post = posts[0]?.id ?? '';
  await bulk.posts(others.map((author) => ({ author, inReplyTo: post })));
  const thread = posts[1]?.id ?? '';
  await bulk.posts(others.map((author) => ({ author, inReplyTo: thread, hidden: true })));
  await bulk.posts(others.map((author) => ({ author, quotes: thread })));
  for (const relation of ['likes', 'shares'] as const)
    await bulk.relate(
      relation,
      others.map((other) => [other, post]),
    );
  return { user, post, thread, hashtag };
};
