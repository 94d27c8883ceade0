/**
 * Computes the expected state of a social network from its facts in the plainest way: sorts them and applies
 * them one by one to maps. It shares no code with the product, and knows nothing of batches, merges or
 * stores.
 */

import { type Fact, kind } from './facts.ts';
import { type Does, type FeedEntry, type FriendsFeeds, friendsFeedsOf } from './friends-feeds.ts';
import { type ListOfAccounts, listsOf } from './lists-of-accounts.ts';
import { type Mutes, mutesOf } from './mutes.ts';
import { type Notified, notificationsOf } from './notifications.ts';
import { inTimeOrder } from './orders.ts';
import { relationsOf } from './relations.ts';
import { type Moderation, moderationOf } from './reports.ts';
import { type Consents, consentsOf, hidingsOf, quotesOf, uncheckedRepliesOf } from './thread-rules.ts';
import { type Toggle, type ToggleName, toggles } from './toggles.ts';
import { countedHashtagsOf, hashtagsIn } from './trends.ts';

export type { Fact } from './facts.ts';

interface ModelPost {
  author: string;
  /** Null once deleted. */
  body: string | null;
  inReplyTo: string | null;
  /** First post of the thread, as the publication says. */
  thread: string;
  position: number;
  deleted: boolean;
  /** Hidden from the thread by its author. */
  hidden: boolean;
  edited: boolean;
  /** The text of the publication, and those of the edits. */
  texts: readonly string[];
  mentions: readonly string[];
  /** In the order of their first use, in lower case. */
  hashtags: readonly string[];
}

export interface Model extends FriendsFeeds, Consents, Moderation, Mutes {
  readonly users: Map<string, { handle: string; name: string; bio: string | null }>;
  readonly posts: Map<string, ModelPost>;
  /** Active relations of each toggle, as `actor object`. */
  readonly relations: Readonly<Record<ToggleName, ReadonlySet<string>>>;
  /** Those to whom somebody has a relation, the newest first. */
  objectsOf(toggle: ToggleName, actor: string): string[];
  /** Those who have a relation to something, the newest first. */
  actorsOf(toggle: ToggleName, object: string): string[];
  /** Ids of the users, who signed up first coming first. */
  readonly joined: readonly string[];
  /** Lists of accounts of a user, the newest first. */
  lists(owner: string): ListOfAccounts[];
  /** Newest first: what is in the feed of a list of accounts; mutes and repeats aside. */
  itemsOf(members: ReadonlySet<string>): FeedEntry[];
  /** Requests to follow that wait for an answer, as `actor object`. */
  readonly requests: ReadonlySet<string>;
  /** Posts that a moderator hides, people whom one has suspended, and hashtags with their sign that one has barred. */
  readonly moderated: ReadonlySet<string>;
  /** People whose accounts are protected. */
  readonly protectedUsers: ReadonlySet<string>;
  /** Returns whether a person, or nobody (null), is one of the two to whom a hidden reply shows in its thread. */
  staysInThreadFor(viewer: string | null, post: string): boolean;
  /** Returns the post that a post quotes with the consent of its author; undefined if it quotes none. */
  quoteOf(post: string): string | undefined;
  /** Returns whether a person, or nobody (null), is among those for whom the post is; blocks and deletions aside. */
  isFor(viewer: string | null, post: string): boolean;
  /** Returns whether a search can find the post at all: those for a narrower audience than everybody are not searched. */
  isSearched(post: string): boolean;
  /** Hashtags for which a post counts, since everybody could see them in it when it was published, and still can; blocks and suspensions aside. */
  usedIn(post: string): readonly string[];
  /** Returns whether a person, or nobody (null), is among those for whom somebody's shares are; blocks aside. */
  areActsFor(viewer: string | null, person: string): boolean;
  /** Newest first, `POST post` or `SHARE post`: what this user did. */
  ownFeed(user: string): string[];
  /** Newest first: what those did whom the reader follows, muted or not. */
  friendsFeed(reader: string): string[];
  /** Returns whether one of two people blocks the other, whoever of them it is. */
  isBlocked(one: string, other: string): boolean;
  /** Groups of notifications of a user by everybody, newest act first: what may be shown of them is not its concern. */
  notifications(user: string): Notified[];
  /** Position up to which a user has read a list. */
  readUpTo(user: string, list: string): number;
  /** Whose acts of one kind a user wants to be notified of. */
  notifiedFrom(user: string, kind: string): string;
  /** Sizes of sets, by the kind of the count. */
  readonly sizes: Readonly<Record<string, (id: string) => number>>;
}

interface TextData {
  readonly body: string;
  readonly mentions?: readonly string[];
}

interface ThreadData {
  readonly inReplyTo?: string;
  readonly thread?: string;
}

/** The parts of a post that its text determines. */
const partsOf = ({ body, mentions = [] }: TextData) => ({ body, mentions, hashtags: hashtagsIn(body) });

/** Returns the posts with their last texts. They exist from the start: whatever happens to them comes after them. */
const postsOf = (facts: readonly Fact[]): Model['posts'] => {
  const posts: Model['posts'] = new Map();
  for (const fact of facts) {
    if (kind(fact) !== 'published') continue;
    const { id, actor: author, data } = fact.event;
    const { inReplyTo = null, thread = inReplyTo ?? id, ...text } = data as TextData & ThreadData;
    const { position } = fact;
    posts.set(id, {
      author,
      inReplyTo,
      thread,
      position,
      deleted: false,
      hidden: false,
      edited: false,
      texts: [text.body],
      ...partsOf(text),
    });
  }
  for (const fact of facts) {
    const { actor, subject, data } = fact.event;
    const post = posts.get(subject);
    if (post?.author !== actor) continue;
    if (kind(fact) === 'edited')
      Object.assign(post, {
        ...{ ...partsOf(data as TextData), edited: true },
        texts: [...post.texts, (data as TextData).body],
      });
    if (kind(fact) === 'deleted') post.deleted = true;
  }
  for (const post of posts.values())
    if (post.deleted)
      Object.assign(post, { body: null, edited: false, texts: [], mentions: [], hashtags: [] });
  return posts;
};

/** Returns the people with their last profiles. They exist from the start, whatever the clocks say. */
const usersOf = (facts: readonly Fact[]): Model['users'] => {
  const profiles = new Map<string, { handle?: string; name?: string; bio?: string | null }>();
  for (const fact of facts)
    if (kind(fact) === 'signed-up') profiles.set(fact.event.actor, fact.event.data as object);
  for (const fact of facts) {
    const { actor, data } = fact.event;
    if (kind(fact) === 'profile-updated')
      profiles.set(actor, { ...profiles.get(actor), ...(data as object) });
    if (kind(fact) === 'handle-changed' && profiles.get(actor)?.handle !== undefined)
      profiles.set(actor, { ...profiles.get(actor), ...(data as object) });
  }
  const users: Model['users'] = new Map();
  for (const [id, { handle, name = '', bio = null }] of profiles)
    if (handle !== undefined) users.set(id, { handle, name, bio });
  return users;
};

const joinedOf = (facts: readonly Fact[]): string[] =>
  facts
    .filter((fact) => kind(fact) === 'signed-up')
    .toSorted((a, b) => a.position - b.position)
    .map(({ event }) => event.actor);

/** Audiences of posts: those whom the author has ever mentioned in each, and those that are not for everybody. */
const audiencesOf = (facts: readonly Fact[], posts: Model['posts']) => {
  const narrow = new Map<string, string>();
  const mentioned = new Set<string>();
  for (const fact of facts) {
    const isNew = kind(fact) === 'published';
    const post = isNew ? fact.event.id : fact.event.subject;
    if (!(isNew || kind(fact) === 'edited') || posts.get(post)?.author !== fact.event.actor) continue;
    const { visibility, mentions = [] } = fact.event.data as { visibility?: string; mentions?: string[] };
    if (visibility) narrow.set(post, visibility);
    for (const person of mentions) mentioned.add(`${person} ${post}`);
  }
  return { narrow, mentioned };
};

/** Returns those who said last that their account is protected. */
const protectedOf = (facts: readonly Fact[]): Set<string> => {
  const people = new Set<string>();
  for (const fact of facts) {
    const { protected: isProtected } = (fact.event.data ?? {}) as { protected?: boolean };
    if (kind(fact) !== 'profile-updated' || isProtected === undefined) continue;
    if (isProtected) people.add(fact.event.actor);
    else people.delete(fact.event.actor);
  }
  return people;
};

/** Returns the posts and people of whom a moderator has said last that they are hidden, and hashtags that must not trend. */
const moderatedOf = (facts: readonly Fact[]): Set<string> => {
  const all = new Set<string>();
  for (const fact of facts) {
    const { subject, data } = fact.event;
    if (['hidden', 'suspended'].includes(kind(fact))) all.add(subject);
    if (['unhidden', 'unsuspended'].includes(kind(fact))) all.delete(subject);
    if (kind(fact) === 'barred') all.add(`#${(data as { hashtag: string }).hashtag}`);
    if (kind(fact) === 'allowed') all.delete(`#${(data as { hashtag: string }).hashtag}`);
  }
  return all;
};

/** @param facts in the order in which they take effect */
export const modelInOrder = (facts: readonly Fact[]): Model => {
  const posts = postsOf(facts);
  const hidings = hidingsOf(facts);
  for (const [id, post] of posts) post.hidden = [...(hidings.get(id)?.values() ?? [])].includes(true);
  const uncheckedReplies = uncheckedRepliesOf(facts);
  const quotes = quotesOf(facts);
  const users = usersOf(facts);
  const { relations, requests, since, unchecked } = relationsOf(facts);
  const protectedUsers = protectedOf(facts);
  const counted = countedHashtagsOf(facts);
  const moderated = moderatedOf(facts);
  const { narrow, mentioned } = audiencesOf(facts, posts);

  const side = (pairs: Set<string>, at: 0 | 1, id: string) =>
    [...pairs].filter((pair) => pair.split(' ')[at] === id).length;
  const pairsOf = (name: ToggleName, at: 0 | 1, id: string): string[] => {
    const sinceOf = (pair: string): number => since.get(`${name} ${pair}`) ?? 0;
    return [...relations[name]]
      .filter((pair) => pair.split(' ')[at] === id)
      .toSorted((a, b) => sinceOf(b) - sinceOf(a))
      .map((pair) => pair.split(' ')[1 - at] ?? '');
  };
  const itemsOf = (actors: ReadonlySet<string>, isIn: Does = () => true): FeedEntry[] => {
    const entries: (FeedEntry & { position: number })[] = [];
    for (const [id, { author, position, deleted }] of posts) {
      if (actors.has(author) && !deleted && isIn(author, 'POST', id))
        entries.push({ position, actor: author, entry: `POST ${id}` });
    }
    for (const pair of relations.share) {
      const [actor = '', post = ''] = pair.split(' ');
      const position = since.get(`share ${pair}`) ?? 0;
      if (actors.has(actor) && isIn(actor, 'SHARE', post))
        entries.push({ position, actor, entry: `SHARE ${post}` });
    }
    return entries.sort((a, b) => b.position - a.position);
  };
  const feedOf = (actors: Set<string>): string[] => itemsOf(actors).map(({ entry }) => entry);
  const followedBy = (reader: string) =>
    new Set(
      [...relations.follow].flatMap((pair) => {
        const [follower, followed = ''] = pair.split(' ');
        return follower === reader ? [followed] : [];
      }),
    );
  const stands = (id: string) => posts.get(id)?.deleted === false && !narrow.has(id) && !moderated.has(id);
  const standing = () => [...posts].flatMap(([id, post]) => (stands(id) ? [post] : []));
  const follows = (viewer: string | null, person: string) =>
    relations.follow.has(`${viewer} ${person}`) &&
    !(protectedUsers.has(person) && unchecked.has(`${viewer} ${person}`));
  const areActsFor = (viewer: string | null, person: string) =>
    viewer === person || !protectedUsers.has(person) || follows(viewer, person);
  const consents = consentsOf(facts, {
    ...{ posts, follows },
    hasFollowed: (one, other) => relations.follow.has(`${one} ${other}`),
    hasMentioned: (post, person) => mentioned.has(`${person} ${post}`),
    isForAll: (post) =>
      !narrow.has(post) && !moderated.has(post) && !protectedUsers.has(posts.get(post)?.author ?? ''),
  });
  const isRefused = (id: string): boolean => {
    const thread = uncheckedReplies.get(id);
    const post = posts.get(id);
    if (thread === undefined || !post) return false;
    const isShown = hidings.get(id)?.get(posts.get(thread)?.author ?? '') === false;
    return !isShown && !consents.mayReplyIn(post.author, thread);
  };
  // Neither a hidden nor a refused reply notifies anybody.
  const toldPosts = new Map(
    [...posts].map(([id, post]) => [id, { ...post, hidden: post.hidden || isRefused(id) }]),
  );
  const friendsFeeds = friendsFeedsOf(facts, { posts, relations, itemsOf });

  return {
    users,
    posts,
    relations,
    requests,
    protectedUsers,
    moderated,
    areActsFor,
    isSearched: (post) => !narrow.has(post),
    usedIn: (id) => {
      const { author = '', hashtags = [] } = posts.get(id) ?? {};
      const isForAll = stands(id) && !protectedUsers.has(author);
      return isForAll ? hashtags.filter((name) => counted.get(id)?.includes(name)) : [];
    },
    ...mutesOf(facts, posts),
    quoteOf: (post) => (quotes.get(post)?.isInForce ? quotes.get(post)?.quoted : undefined),
    ...consents,
    ...moderationOf(facts),
    lists: listsOf(facts),
    itemsOf: (members) => itemsOf(members),
    joined: joinedOf(facts),
    objectsOf: (toggle, actor) => pairsOf(toggle, 0, actor),
    actorsOf: (toggle, object) => pairsOf(toggle, 1, object),
    staysInThreadFor: (viewer, id) => {
      const post = posts.get(id);
      const isOut = post?.hidden === true || isRefused(id);
      if (!isOut || viewer === null) return !isOut;
      const isFirstAuthor = isRefused(id) && posts.get(uncheckedReplies.get(id) ?? '')?.author === viewer;
      return post?.author === viewer || hidings.get(id)?.get(viewer) === true || isFirstAuthor;
    },
    isFor: (viewer, post) => {
      const author = posts.get(post)?.author ?? '';
      if (viewer === author || mentioned.has(`${viewer} ${post}`)) return true;
      if (narrow.has(post)) return narrow.get(post) === 'FOLLOWERS' && follows(viewer, author);
      return areActsFor(viewer, author);
    },
    ownFeed: (user) => feedOf(new Set([user])),
    isBlocked: (one, other) =>
      one !== other && [`${one} ${other}`, `${other} ${one}`].some((pair) => relations.block.has(pair)),
    friendsFeed: (reader) => feedOf(followedBy(reader)),
    ...friendsFeeds,
    notifications: notificationsOf(facts, toldPosts, quotes, { relations, requests, since, unchecked }),
    readUpTo: (user, list) =>
      Math.max(
        0,
        ...facts.flatMap((fact) => {
          const { actor, data } = fact.event;
          const read = data as { list: string; upTo: number };
          return kind(fact) === 'list-read' && actor === user && read.list === list ? [read.upTo] : [];
        }),
      ),
    notifiedFrom: (user, of) =>
      facts.reduce((from, fact) => {
        const { actor, data } = fact.event;
        const set = data as { kind: string; from: string };
        return kind(fact) === 'notifications-set' && actor === user && set.kind === of ? set.from : from;
      }, 'EVERYONE'),
    sizes: {
      ...Object.fromEntries(
        Object.entries<Toggle>(toggles).flatMap(([name, { counts = {} }]) =>
          Object.entries(counts).map(([countKind, by]) => [
            countKind,
            (id: string) => side(relations[name as ToggleName], by === 'actor' ? 0 : 1, id),
          ]),
        ),
      ),
      replies: (post) => standing().filter(({ inReplyTo, hidden }) => inReplyTo === post && !hidden).length,
      quotes: (post) =>
        [...quotes].filter(([id, { quoted, isInForce }]) => quoted === post && isInForce && stands(id))
          .length,
      posts: (user) => standing().filter(({ author }) => author === user).length,
    },
  };
};

/** The model of a history that no client gave. */
export const model = (facts: readonly Fact[]): Model => modelInOrder(inTimeOrder(facts));
