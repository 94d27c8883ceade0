import type { Fact } from './facts.ts';
import type { Relations } from './relations.ts';
import type { Model } from './social.ts';

/** An entry of a feed, and who made it. */
export interface FeedEntry {
  readonly actor: string;
  /** `POST post` or `SHARE post`. */
  readonly entry: string;
}

export type Does = (actor: string, verb: 'POST' | 'SHARE', post: string) => boolean;

/** Friends feeds, with what their readers have chosen. */
export interface FriendsFeeds {
  /** Newest first: what is in the friends feed of a reader; mutes aside. */
  friendsItems(reader: string): readonly FeedEntry[];
  /** Returns whether the friends feed of a reader has what an actor did to a post; mutes aside. */
  belongsInFriendsFeed(reader: string, ...does: Parameters<Does>): boolean;
}

interface Network extends Pick<Model, 'posts'>, Pick<Relations, 'relations'> {
  /** Newest first: what these people did. */
  itemsOf(actors: ReadonlySet<string>, isIn: Does): FeedEntry[];
}

export const friendsFeedsOf = (
  facts: readonly Fact[],
  { posts, relations, itemsOf }: Network,
): FriendsFeeds => {
  const follows = (reader: string, person: string) => relations.follow.has(`${reader} ${person}`);
  /** The last choice of each reader about each part. A network has a hundred thousand facts, and a feed asks for each of its items. */
  const chosen = new Map<string, boolean>();
  for (const { event } of facts) {
    if (!event.type.includes('friends-feed-set')) continue;
    const { part, isShown } = event.data as { part: string; isShown: boolean };
    chosen.set(`${event.actor} ${part}`, isShown);
  }
  const hasPart = (reader: string, part: string): boolean =>
    chosen.get(`${reader} ${part}`) ?? part === 'OWN_ITEMS';
  const belongsInFriendsFeed: FriendsFeeds['belongsInFriendsFeed'] = (reader, actor, verb, post) => {
    if (actor === reader) return hasPart(reader, 'OWN_ITEMS');
    if (!follows(reader, actor)) return false;
    if (verb === 'SHARE') return !relations.hideShares.has(`${reader} ${actor}`);
    const answered = posts.get(post)?.inReplyTo ?? null;
    if (answered === null || hasPart(reader, 'REPLIES_TO_OTHERS')) return true;
    const author = posts.get(answered)?.author ?? '';
    return author === reader || author === actor || follows(reader, author);
  };
  const friendsItems = (reader: string) => {
    const followed = [...relations.follow].flatMap((pair) => {
      const [follower, person = ''] = pair.split(' ');
      return follower === reader ? [person] : [];
    });
    return itemsOf(new Set([...followed, reader]), (...does) => belongsInFriendsFeed(reader, ...does));
  };
  return {
    belongsInFriendsFeed,
    friendsItems,
  };
};

/** Leaves out the shares of a feed, newest first, whose post one of the 40 older entries has. */
export const withoutRepeats = <T>(
  entries: readonly T[],
  textOf: (entry: T) => string = (entry) => String(entry),
): T[] =>
  entries.filter((entry, i) => {
    const [verb, post] = textOf(entry).split(' ');
    const older = entries.slice(i + 1, i + 41).map((other) => textOf(other).split(' ')[1]);
    return verb === 'POST' || !older.includes(post);
  });
