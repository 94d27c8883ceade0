import type { FeedEntry } from '@rookery/feeds';
import {
  countId,
  type FollowDoc,
  type ItemDoc,
  relationId,
  threadOf,
  type UserDoc,
} from '@rookery/read-models';
import {
  type EntryFacts,
  type FriendsEntryFacts,
  isForFollowers,
  isGone,
  type MutedFacts,
  type MuteFacts,
  mayBeReplyToOthers,
  type PostFacts,
  type QuotedFacts,
  type QuoteFacts,
  type ReplyFacts,
  type ReplyPolicyFacts,
  type TextMuteFacts,
  type ThreadReplyFacts,
  type UserFacts,
  unrelated,
  type ViewerRelation,
} from '@rookery/read-models/visibility';
import { isId } from '@rookery/runtime';
import type { Loaders } from './loaders.ts';

/* Loads the facts of candidates, in batches. Text that is not an id names nothing. */

/** Facts of the object with this id. */
export type Hydrated<Facts> = Facts & { readonly id: string };

const loadUser = async (loaders: Loaders, id: string | null | undefined) =>
  isId(id ?? '') ? loaders.users.load(id ?? '') : undefined;

/**
 * Loads the viewer's relation to another user, by the ids of its two directions: however many others the viewer blocks, or
 * is blocked by.
 */
export const loadViewerRelation = (
  loaders: Loaders,
  other: string | null | undefined,
): Promise<ViewerRelation> => loadBlocks(loaders, loaders.viewer, other);

/** Loads the blocks between two users. */
const loadBlocks = async (
  { blocks }: Loaders,
  one: string | null | undefined,
  other: string | null | undefined,
): Promise<ViewerRelation> => {
  if (!one || !other || other === one) return unrelated;
  const [own, theirs] = await Promise.all([
    blocks.load(relationId(one, other)),
    blocks.load(relationId(other, one)),
  ]);
  return { blocks: own?.active === true, isBlocked: theirs?.active === true };
};

/** Adds the viewer's follow of a user to their relation, if the rules need it: if not, no follow is read. */
const withFollow = async (
  loaders: Loaders,
  other: string | null | undefined,
  relation: ViewerRelation,
  isNeeded: boolean,
): Promise<ViewerRelation> => {
  const { viewer } = loaders;
  if (!isNeeded || viewer === null || !other || other === viewer) return relation;
  return { ...relation, follow: await loadFollow(loaders, viewer, other) };
};

export const hydrateUser = async (loaders: Loaders, id: string): Promise<Hydrated<UserFacts>> => {
  const [user, relation] = await Promise.all([
    loadUser(loaders, id),
    isId(id) ? loadViewerRelation(loaders, id) : unrelated,
  ]);
  return { viewer: loaders.viewer, id, user, relation };
};

/** Loads the facts that decide whether a user's posts, and the number of them, may be seen. */
export const hydrateActsOf = async (loaders: Loaders, id: string): Promise<Hydrated<UserFacts>> => {
  const facts = await hydrateUser(loaders, id);
  return {
    ...facts,
    relation: await withFollow(loaders, id, facts.relation, facts.user?.protected === true),
  };
};

export const hydratePost = async (loaders: Loaders, id: string): Promise<Hydrated<PostFacts>> => {
  const post = isId(id) ? await loaders.posts.load(id) : undefined;
  const [author, relation] = await Promise.all([
    loadUser(loaders, post?.author),
    loadViewerRelation(loaders, post?.author),
  ]);
  const authorRelation = await withFollow(loaders, post?.author, relation, isForFollowers(post, author));
  return { viewer: loaders.viewer, id, post, author, authorRelation };
};

export const hydrateEntry = async (
  loaders: Loaders,
  { itemId, position }: FeedEntry,
): Promise<Hydrated<EntryFacts>> => {
  const item = await loaders.items.load(itemId);
  // The rule denies an entry whose item has moved, whatever else it shows: nothing more is loaded for it.
  const current = item?.position === position ? item : undefined;
  const loadActor = async (): Promise<readonly [UserDoc | undefined, ViewerRelation]> => {
    // After the post, so that one batch has the relations to all actors and authors of a page.
    if (current?.post) await loaders.posts.load(current.post);
    const [actor, relation] = await Promise.all([
      loadUser(loaders, current?.actor),
      loadViewerRelation(loaders, current?.actor),
    ]);
    return [actor, await withFollow(loaders, current?.actor, relation, actor?.protected === true)];
  };
  const [[actor, actorRelation], post] = await Promise.all([
    loadActor(),
    hydratePost(loaders, current?.post ?? ''),
  ]);
  return { ...post, id: itemId, foundAt: position, item, actor, actorRelation };
};

/** Returns the relation of a viewer to the actor of an item, by its id: however many others the viewer follows. */
export const loadFollow = async (
  loaders: Loaders,
  viewer: string,
  actor: string | null | undefined,
): Promise<FollowDoc | undefined> => (actor ? loaders.follows.load(relationId(viewer, actor)) : undefined);

/** Returns the id of the thread of a post, by the post's id. */
export const loadThread = async ({ posts }: Loaders, id: string | undefined): Promise<string | undefined> => {
  const post = id ? await posts.load(id) : undefined;
  return id && post ? threadOf(id, post) : undefined;
};

/** Loads the viewer's mutes of people and of threads, by their ids. */
export const loadMutes = async (
  { viewer, mutes, mutedThreads }: Loaders,
  people: readonly (string | null | undefined)[],
  threads: readonly (string | undefined)[] = [],
): Promise<MuteFacts> => {
  const now = Date.now();
  if (viewer === null) return { mutes: [], now };
  const muteOf = async (other: string | null | undefined) =>
    other ? mutes.load(relationId(viewer, other)) : undefined;
  const muteOfThread = async (thread: string | undefined) =>
    thread ? mutedThreads.load(relationId(viewer, thread)) : undefined;
  const found = await Promise.all([...people.map(muteOf), ...threads.map(muteOfThread)]);
  return { mutes: found, now };
};

/** Loads the viewer's mutes of people, threads and words. */
const loadTextMutes = async (
  loaders: Loaders,
  people: readonly (string | null | undefined)[],
  threads: readonly (string | undefined)[] = [],
): Promise<TextMuteFacts> => {
  const [mutes, words] = await Promise.all([loadMutes(loaders, people, threads), loaders.viewersWords()]);
  return { ...mutes, words };
};

export const hydrateFriendsEntry = async (
  loaders: Loaders,
  viewer: string,
  entry: FeedEntry,
): Promise<Hydrated<FriendsEntryFacts>> => {
  const item = await loaders.items.load(entry.itemId);
  const [facts, follow, choices] = await Promise.all([
    hydrateListEntry(loaders, entry),
    loadFollow(loaders, viewer, item?.actor),
    loadChoices(loaders, viewer, item),
  ]);
  return { ...facts, follow, ...choices };
};

/** Loads the facts of an entry of the feed of a list. */
export const hydrateListEntry = async (
  loaders: Loaders,
  entry: FeedEntry,
): Promise<Hydrated<EntryFacts & TextMuteFacts>> => {
  const loadItsMutes = async (): Promise<TextMuteFacts> => {
    const item = await loaders.items.load(entry.itemId);
    const post = item?.post ? await loaders.posts.load(item.post) : undefined;
    // From the post, and not by its id: that load would wait for a batch of the posts that others answer.
    const thread = item && post && threadOf(item.post, post);
    return loadTextMutes(loaders, [item?.actor, post?.author], [thread]);
  };
  const [facts, mutes] = await Promise.all([hydrateEntry(loaders, entry), loadItsMutes()]);
  return { ...facts, ...mutes };
};

/** Loads what decides by the viewer's choice whether the friends feed has an item. */
const loadChoices = async (
  loaders: Loaders,
  viewer: string,
  item: ItemDoc | undefined,
): Promise<Pick<FriendsEntryFacts, 'settings' | 'hiddenShares' | 'answered' | 'answeredFollow'>> => {
  const isShare = item?.verb === 'SHARE' && item.actor !== null && item.actor !== viewer;
  const [settings, post, hiddenShares] = await Promise.all([
    loaders.friendsFeedSettings.load(viewer),
    item?.post ? loaders.posts.load(item.post) : undefined,
    isShare ? loaders.hiddenShares.load(relationId(viewer, item.actor ?? '')) : undefined,
  ]);
  if (!mayBeReplyToOthers({ viewer, item, post, settings })) return { settings, hiddenShares };
  const answered = await loaders.posts.load(post?.inReplyTo ?? '');
  const answeredFollow = await loadFollow(loaders, viewer, answered?.author);
  return { settings, hiddenShares, answered, answeredFollow };
};

export const hydrateReply = async (
  loaders: Loaders,
  id: string,
  { inThread = false } = {},
): Promise<Hydrated<ReplyFacts>> => {
  const loadItsMutes = async (): Promise<TextMuteFacts> => {
    const post = await loaders.posts.load(id);
    return loadTextMutes(loaders, [post?.author], inThread && post ? [threadOf(id, post)] : []);
  };
  const [facts, mutes, policy] = await Promise.all([
    hydratePost(loaders, id),
    loadItsMutes(),
    loadUncheckedPolicy(loaders, id),
  ]);
  return { ...facts, ...mutes, policy };
};

/** Loads the facts of a post of which the viewer is notified: a muted thread notifies of nothing. */
export const hydrateNotified = (loaders: Loaders, id: string): Promise<Hydrated<ReplyFacts>> =>
  hydrateReply(loaders, id, { inThread: true });

/** The post that another quotes, and the author of that other. */
export interface QuotedCandidate {
  readonly id: string;
  readonly quotedBy: string;
}

export const hydrateQuoted = async (
  loaders: Loaders,
  { id, quotedBy }: QuotedCandidate,
): Promise<Hydrated<QuotedFacts>> => {
  const loadQuoting = async () =>
    loadBlocks(loaders, quotedBy, (isId(id) ? await loaders.posts.load(id) : undefined)?.author);
  const [facts, quoting] = await Promise.all([hydratePost(loaders, id), loadQuoting()]);
  return { ...facts, quoting };
};

/** Loads the facts of a post that quotes another, by its id. */
export const hydrateQuote = async (loaders: Loaders, id: string): Promise<Hydrated<QuoteFacts>> => {
  const loadQuoting = async () => {
    const post = await loaders.posts.load(id);
    return loadBlocks(loaders, post?.author, post?.quotedAuthor);
  };
  const [facts, quoting] = await Promise.all([hydrateReply(loaders, id), loadQuoting()]);
  return { ...facts, quoting };
};

/** Loads what decides who may quote a post: the follow of its author only if its policy needs it. */
export const hydrateQuotePolicy = async (loaders: Loaders, id: string): Promise<PostFacts> => {
  const facts = await hydratePost(loaders, id);
  const { post, authorRelation } = facts;
  const isNeeded = post?.quotePolicy === 'FOLLOWERS';
  return {
    ...facts,
    authorRelation: await withFollow(loaders, post?.author, authorRelation, isNeeded),
  };
};

/** Loads by what the author of a reply may answer in its thread, if nobody has asked that before. */
export const loadUncheckedPolicy = async (
  loaders: Loaders,
  id: string,
): Promise<ReplyPolicyFacts | undefined> => {
  const post = isId(id) ? await loaders.posts.load(id) : undefined;
  if (post?.unchecked !== true || post.inReplyTo === null) return undefined;
  // Its thread is that of the post that it answers, which nobody knew.
  const thread = post.thread ?? (await loadThread(loaders, post.inReplyTo)) ?? post.inReplyTo;
  return hydrateReplyPolicy(loaders, thread, post.author);
};

/**
 * Loads what decides who may reply in a thread, by the id of its first post: no more than its policy needs.
 * @param viewer the one who wants to reply. Default: the viewer of the request
 */
export const hydrateReplyPolicy = async (
  loaders: Loaders,
  thread: string,
  viewer: string | null = loaders.viewer,
): Promise<ReplyPolicyFacts> => {
  const first = await loaders.posts.load(thread);
  const isNeeded = (policy: string): boolean => first?.replyPolicy === policy && viewer !== first.author;
  const loadFollowOf = (follower: string | null, followed: string | null | undefined) =>
    follower === null ? undefined : loadFollow(loaders, follower, followed);
  const [follow, firstAuthor, followed] = await Promise.all([
    isNeeded('FOLLOWERS') ? loadFollowOf(viewer, first?.author) : undefined,
    isNeeded('FOLLOWERS') ? loadUser(loaders, first?.author) : undefined,
    isNeeded('FOLLOWED') ? loadFollowOf(first?.author ?? null, viewer) : undefined,
  ]);
  return { viewer, first, firstAuthor, follow, followed };
};

export const hydrateThreadReply = async (
  loaders: Loaders,
  id: string,
): Promise<Hydrated<ThreadReplyFacts>> => {
  const loadReplyCount = async (): Promise<number> => {
    const post = await loaders.posts.load(id);
    return isGone({ viewer: loaders.viewer, post })
      ? ((await loaders.counts.load(countId('replies', id)))?.n ?? 0)
      : 0;
  };
  const [facts, replyCount] = await Promise.all([hydrateReply(loaders, id), loadReplyCount()]);
  return { ...facts, replyCount };
};

export const hydrateMuted = async (loaders: Loaders, id: string): Promise<Hydrated<MutedFacts>> => {
  const [facts, mutes] = await Promise.all([hydrateUser(loaders, id), loadMutes(loaders, [id])]);
  return { ...facts, ...mutes };
};
