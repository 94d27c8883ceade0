import { mayQuote, mayReply } from '@rookery/read-models/visibility';
import type { PageRoom } from '../answer-size/weigh.ts';
import type { Connection } from '../connection.ts';
import type { QueryContext } from '../context.ts';
import { hydrateQuotePolicy, hydrateReplyPolicy } from '../hydrate.ts';
import type { FeedItemModel } from '../models.ts';
import type { Reader } from '../read-store.ts';
import { readBookmarks } from '../reads/bookmarks.ts';
import { readFollows } from '../reads/followers.ts';
import { readHashtagPosts } from '../reads/hashtag.ts';
import { readListFeed, readListMembers, readLists } from '../reads/lists.ts';
import { readModerationLog } from '../reads/moderation-log.ts';
import { listMutedWords } from '../reads/muted-words.ts';
import { readPinnedPosts } from '../reads/pins.ts';
import { readPost } from '../reads/post.ts';
import { readQuoted, readQuotes } from '../reads/quotes.ts';
import { readLikers, readSharers } from '../reads/reactions.ts';
import { readMarkerPosition } from '../reads/read-markers.ts';
import { readHiddenReplies } from '../reads/replies.ts';
import { readMyReports, readOpenReports } from '../reads/reports.ts';
import { searchPosts, searchUsers } from '../reads/search.ts';
import { readUser } from '../reads/user.ts';
import { readBlockedUsers, readMutedUsers } from '../reads/viewers-users.ts';
import { contextOf } from './documents.ts';

/* The lists of the API, by the reads that its resolvers call. */

/** More than a history has of anything. */
const whole = { first: 100 };
const room: PageRoom<unknown> = { take: async (nodes) => nodes.length };

const nodesOf = async <T>(connection: Promise<Connection<T>>): Promise<T[]> =>
  (await connection).edges.map(({ node }) => node);
const idsOf = async (connection: Promise<Connection<{ readonly id: string }>>): Promise<string[]> =>
  (await nodesOf(connection)).map(({ id }) => id);

/** @param item a post or a share */
export const entryOf = ({ actor, verb, post }: FeedItemModel): string => `${actor.id}: ${verb} ${post.id}`;

type Shown = Readonly<Record<string, unknown>>;

const postPage = async (context: QueryContext, id: string): Promise<Shown | undefined> => {
  const post = await readPost(context, id);
  if (!post) return undefined;
  const { loaders } = context;
  return {
    quoted: (await readQuoted(context, post))?.id,
    quotes: await idsOf(readQuotes(context, id, whole, room)),
    hiddenReplies: await idsOf(readHiddenReplies(context, id, whole, room)),
    likers: await idsOf(readLikers(context, id, whole, room)),
    sharers: await idsOf(readSharers(context, id, whole, room)),
    canReply: mayReply(await hydrateReplyPolicy(loaders, post.thread)),
    canQuote: mayQuote(await hydrateQuotePolicy(loaders, id)),
  };
};

const userPage = async (context: QueryContext, id: string): Promise<Shown | undefined> => {
  const user = await readUser(context, { id });
  if (!user) return undefined;
  const { handle, name, bio } = user;
  return {
    ...{ handle, name, bio },
    followers: await idsOf(readFollows(context, 'followers', id, whole, room)),
    following: await idsOf(readFollows(context, 'following', id, whole, room)),
    pins: (await readPinnedPosts(context, user)).map((post) => post.id),
  };
};

/** Pages that nobody but the viewer can read. */
const privatePages = async (context: QueryContext): Promise<Shown> => {
  const lists = await Promise.all(
    (await readLists(context)).map(async (list) => ({
      ...list,
      members: await idsOf(readListMembers(context, list, whole, room)),
      feed: (await nodesOf(readListFeed(context, list, whole, room))).map(entryOf),
    })),
  );
  return {
    lists,
    bookmarks: await idsOf(readBookmarks(context, whole, room)),
    blocked: await idsOf(readBlockedUsers(context, whole, room)),
    muted: await idsOf(readMutedUsers(context, whole, room)),
    mutedWords: (await listMutedWords(context)).map(({ word }) => word).sort(),
    readUpTo: {
      'friends-feed': await readMarkerPosition(context, 'friends-feed'),
      notifications: await readMarkerPosition(context, 'notifications'),
    },
    reports: (await nodesOf(readMyReports(context, whole, room))).map(
      ({ about, kind, category, outcome }) => `${kind} ${about} ${category}: ${outcome}`,
    ),
  };
};

/** Pages for moderators alone. */
const moderatorsPages = async (context: QueryContext): Promise<Shown> => ({
  openReports: (await nodesOf(readOpenReports(context, whole, room))).map(
    ({ about, reports }) => `${about} by ${reports.map(({ reporter }) => reporter)}`,
  ),
  moderationLog: (await nodesOf(readModerationLog(context, whole, room))).map(
    ({ verb, moderator, about }) => `${moderator} ${verb} ${about}`,
  ),
});

interface Asked {
  readonly users: readonly string[];
  readonly posts: readonly string[];
  /** Words, of which texts, names and handles have some. */
  readonly words: readonly string[];
}

/** Returns the lists that a person, or nobody (null), is shown, by name. */
export const listsShownTo = async (
  reader: Reader,
  viewer: string | null,
  { users, posts, words }: Asked,
): Promise<Shown> => {
  const context = contextOf(reader, viewer);
  const shown: Record<string, unknown> = {};
  for (const id of posts) shown[`post ${id}`] = await postPage(context, id);
  for (const id of users) shown[`user ${id}`] = await userPage(context, id);
  for (const word of words) {
    shown[`called ${word}`] = (await readUser(context, { handle: word }))?.id;
    shown[`posts with #${word}`] = await idsOf(readHashtagPosts(context, word, whole, room));
  }
  for (const query of [...words, words.slice(0, 2).join(' ')]) {
    shown[`posts that say ${query}`] = await idsOf(searchPosts(context, { query, ...whole }, room));
    shown[`people called ${query}`] = await idsOf(searchUsers(context, { query, ...whole }, room));
  }
  if (viewer === null) return shown;
  return { ...shown, ...(await privatePages(context)), ...(await moderatorsPages(context)) };
};
