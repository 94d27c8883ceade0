/**
 * Computes the expected state of a social network from its facts in the plainest way: sorts them and applies
 * them one by one to maps. It shares no code with the product, and knows nothing of batches, merges or
 * stores.
 */

import { type Interval, precedes } from './client-order.ts';
import { type Notified, notificationsOf } from './notifications.ts';
import { type Toggle, type ToggleName, toggleNames, toggles } from './toggles.ts';

/** An effect that took place, as the store has it. */
export interface Fact {
  readonly position: number;
  readonly event: {
    readonly id: string;
    readonly type: string;
    readonly subject: string;
    readonly actor: string;
    readonly time: string;
    readonly data?: unknown;
  };
}

interface ModelPost {
  author: string;
  /** Null once deleted. */
  body: string | null;
  inReplyTo: string | null;
  position: number;
  deleted: boolean;
  edited: boolean;
  /** The text of the publication, and those of the edits. */
  texts: readonly string[];
  mentions: readonly string[];
  /** In the order of their first use, in lower case. */
  hashtags: readonly string[];
}

export interface Model {
  readonly users: Map<string, { handle: string; name: string; bio: string | null }>;
  readonly posts: Map<string, ModelPost>;
  /** Active relations of each toggle, as `actor object`. */
  readonly relations: Readonly<Record<ToggleName, ReadonlySet<string>>>;
  /** Newest first, `POST post` or `SHARE post`: what this user did. */
  ownFeed(user: string): string[];
  /** Newest first: what those did whom the reader follows, muted or not. */
  friendsFeed(reader: string): string[];
  /** The same without what a mute keeps away. */
  unmutedFriendsFeed(reader: string): string[];
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

/** Histories that no client gave have no order but that of their times. */
const inTimeOrder = <F extends Fact>(facts: readonly F[]): F[] =>
  facts.toSorted((a, b) => (`${a.event.time} ${a.event.id}` < `${b.event.time} ${b.event.id}` ? -1 : 1));

const kind = ({ event }: Fact) => event.type.replace(/^rookery\.[a-z]+\./, '').replace(/\.v1$/, '');

/**
 * Returns the setting that a command changes and that another command can change back. The relations of two people to each
 * other are one setting, since a block of either ends the follows of both.
 */
const settingOf = (fact: Fact): string => {
  const { actor, subject } = fact.event;
  const name = kind(fact).replace(/^un/, '');
  return name === 'followed' || name === 'blocked'
    ? [actor, subject].sort().join(' ')
    : `${actor} ${subject} ${name}`;
};

/**
 * Orders facts whose sending and answers are known. The commands that one actor gave of a setting are in that order; among
 * others the earlier time comes first, which is as valid as any other order.
 */
export const inClientOrder = <F extends Fact & Interval>(facts: readonly F[]): F[] =>
  [...Map.groupBy(facts, settingOf).values()].flatMap((group) => {
    const open = inTimeOrder(group);
    const ordered: F[] = [];
    while (open.length > 0) {
      const next = open.findIndex(
        (fact) => !open.some((other) => other.event.actor === fact.event.actor && precedes(other, fact)),
      );
      ordered.push(...open.splice(next, 1));
    }
    return ordered;
  });

interface TextData {
  readonly body: string;
  readonly mentions?: readonly string[];
}

/** The parts of a post that its text determines. Hashtags stand between spaces in the texts of these histories. */
const partsOf = ({ body, mentions = [] }: TextData) => {
  const hashtags = body
    .split(' ')
    .flatMap((word) => (word.startsWith('#') ? [word.slice(1).toLowerCase()] : []));
  return { body, mentions, hashtags: [...new Set(hashtags)] };
};

/** Returns the posts with their last texts. They exist from the start: whatever happens to them comes after them. */
const postsOf = (facts: readonly Fact[]): Model['posts'] => {
  const posts: Model['posts'] = new Map();
  for (const fact of facts) {
    if (kind(fact) !== 'published') continue;
    const { id, actor: author, data } = fact.event;
    const { inReplyTo = null, ...text } = data as TextData & { readonly inReplyTo?: string };
    const { position } = fact;
    posts.set(id, {
      author,
      inReplyTo,
      position,
      deleted: false,
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
  }
  const users: Model['users'] = new Map();
  for (const [id, { handle, name = '', bio = null }] of profiles)
    if (handle !== undefined) users.set(id, { handle, name, bio });
  return users;
};

export interface Relations {
  readonly relations: Record<ToggleName, Set<string>>;
  /** Position of each relation, as `toggle actor object`: that of the act that switched it on from off. */
  readonly since: ReadonlyMap<string, number>;
}

const relationsOf = (facts: readonly Fact[]): Relations => {
  const relations = Object.fromEntries(toggleNames.map((name) => [name, new Set<string>()])) as Record<
    ToggleName,
    Set<string>
  >;
  const since = new Map<string, number>();
  for (const { event, position } of facts) {
    const pair = `${event.actor} ${event.subject}`;
    const back = `${event.subject} ${event.actor}`;
    const isBlocked = pair !== back && [pair, back].some((each) => relations.block.has(each));
    for (const name of toggleNames) {
      const [on, off] = toggles[name].events;
      if (event.type === on && !(name === 'follow' && isBlocked)) {
        if (!relations[name].has(pair)) since.set(`${name} ${pair}`, position);
        relations[name].add(pair);
      }
      if (event.type === off) relations[name].delete(pair);
    }
    if (event.type === toggles.block.events[0] && pair !== back)
      for (const each of [pair, back]) relations.follow.delete(each);
  }
  return { relations, since };
};

/** @param facts in the order in which they take effect */
export const modelInOrder = (facts: readonly Fact[]): Model => {
  const posts = postsOf(facts);
  const users = usersOf(facts);
  const { relations, since } = relationsOf(facts);

  const side = (pairs: Set<string>, at: 0 | 1, id: string) =>
    [...pairs].filter((pair) => pair.split(' ')[at] === id).length;
  const feedOf = (actors: Set<string>): string[] => {
    const entries: [number, string][] = [];
    for (const [id, { author, position, deleted }] of posts) {
      if (actors.has(author) && !deleted) entries.push([position, `POST ${id}`]);
    }
    for (const pair of relations.share) {
      const [actor = '', post = ''] = pair.split(' ');
      if (actors.has(actor)) entries.push([since.get(`share ${pair}`) ?? 0, `SHARE ${post}`]);
    }
    return entries.sort((a, b) => b[0] - a[0]).map(([, text]) => text);
  };
  const followedBy = (reader: string) =>
    new Set(
      [...relations.follow].flatMap((pair) => {
        const [follower, followed = ''] = pair.split(' ');
        return follower === reader ? [followed] : [];
      }),
    );
  const standing = () => [...posts.values()].filter(({ deleted }) => !deleted);

  return {
    users,
    posts,
    relations,
    ownFeed: (user) => feedOf(new Set([user])),
    isBlocked: (one, other) =>
      one !== other && [`${one} ${other}`, `${other} ${one}`].some((pair) => relations.block.has(pair)),
    friendsFeed: (reader) => feedOf(followedBy(reader)),
    unmutedFriendsFeed: (reader) => {
      const isMuted = (person: string) => person !== reader && relations.mute.has(`${reader} ${person}`);
      const heard = new Set([...followedBy(reader)].filter((person) => !isMuted(person)));
      return feedOf(heard).filter((entry) => !isMuted(posts.get(entry.split(' ')[1] ?? '')?.author ?? ''));
    },
    notifications: notificationsOf(facts, posts, { relations, since }),
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
      replies: (post) => standing().filter(({ inReplyTo }) => inReplyTo === post).length,
      posts: (user) => standing().filter(({ author }) => author === user).length,
    },
  };
};

/** The model of a history that no client gave. */
export const model = (facts: readonly Fact[]): Model => modelInOrder(inTimeOrder(facts));
