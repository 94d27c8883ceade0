import type { Fact } from './facts.ts';
import type { Relations } from './relations.ts';
import type { Model } from './social.ts';
import type { Quote } from './thread-rules.ts';
import { type ToggleName, toggles } from './toggles.ts';

/** A group of notifications: acts that are in force, newest first. */
export interface Notified {
  readonly kind:
    | ('FOLLOW' | 'FOLLOW_REQUEST' | 'LIKE' | 'SHARE' | 'REPLY' | 'QUOTE')
    | ('MENTION' | 'EDIT' | 'SIGN_IN' | 'REPORT_RESOLVED');
  /** The post, or the user who is followed. */
  readonly object: string;
  /** Position of the newest act, even if it repeats another or has been taken back. */
  readonly place: number;
  readonly acts: readonly { readonly actor: string; readonly position: number; readonly reply?: string }[];
}

/** Position of the first mention by each actor, by `post user`. */
const firstMentions = (facts: readonly Fact[]): ReadonlyMap<string, ReadonlyMap<string, number>> => {
  const mentions = new Map<string, Map<string, number>>();
  for (const { event, position } of facts) {
    if (!/^rookery.post.(published|edited)/.test(event.type)) continue;
    for (const user of (event.data as { mentions?: string[] }).mentions ?? []) {
      const key = `${event.subject} ${user}`;
      const firsts = mentions.get(key) ?? new Map<string, number>();
      firsts.set(event.actor, Math.min(position, firsts.get(event.actor) ?? position));
      mentions.set(key, firsts);
    }
  }
  return mentions;
};

/** One event is one notification: returns whether a group at the same place is told instead. */
const isToldOtherwise = (
  { kind, place }: Pick<Notified, 'kind' | 'place'>,
  own: readonly Pick<Notified, 'kind' | 'place'>[],
): boolean => {
  const others = own.filter((group) => group.place === place).map((group) => group.kind);
  const isToldAs = (...kinds: Notified['kind'][]): boolean => kinds.some((other) => others.includes(other));
  if (kind === 'QUOTE') return isToldAs('REPLY');
  return (kind === 'EDIT' && isToldAs('MENTION')) || (kind === 'MENTION' && isToldAs('REPLY', 'QUOTE'));
};

interface Group extends Pick<Notified, 'kind' | 'object'> {
  readonly recipient: string;
  /** Position of the newest act of each actor, even if it repeats another or has been taken back. */
  readonly places: Map<string, number>;
}

/** A group names people among so many who were the last to act. */
const kept = 10;

const lastOf = ({ places }: Group): Set<string> =>
  new Set(
    [...places]
      .toSorted(([, a], [, b]) => b - a)
      .slice(0, kept)
      .map(([actor]) => actor),
  );

/** Those who share each post, and since when. A large network has thousands of edits, and tens of thousands of shares. */
const sharesByPost = ({ relations, since }: Pick<Relations, 'relations' | 'since'>) =>
  Map.groupBy(
    [...relations.share].map((pair) => {
      const [sharer = '', post = ''] = pair.split(' ');
      return { sharer, post, position: since.get(`share ${pair}`) ?? 0 };
    }),
    ({ post }) => post,
  );

/** Everybody who shares a post since before a position. */
const sharersBefore = (shares: ReturnType<typeof sharesByPost>, post: string, position: number): string[] =>
  (shares.get(post) ?? []).flatMap((share) => (position > share.position ? [share.sharer] : []));

/** The newest reply of each person, if it is there. */
const repliesTo = (posts: Model['posts'], object: string) => {
  const newest = new Map<string, { actor: string; position: number; reply: string; isThere: boolean }>();
  for (const [reply, { author, inReplyTo, position, deleted, hidden }] of posts) {
    if (inReplyTo !== object || position < (newest.get(author)?.position ?? 0)) continue;
    newest.set(author, { actor: author, position, reply, isThere: !deleted && !hidden });
  }
  return [...newest.values()].flatMap(({ isThere, ...act }) => (isThere ? [act] : []));
};

/** The answered posts, their authors, and the replies. */
const repliesInPosts = (posts: Model['posts']) =>
  [...posts.values()].flatMap((post) => {
    const recipient = posts.get(post.inReplyTo ?? '')?.author;
    return post.inReplyTo && recipient ? [[post.inReplyTo, recipient, post] as const] : [];
  });

/** The quoted posts, their authors, and the posts that quote them. */
const quotesInPosts = (posts: Model['posts'], quotes: ReadonlyMap<string, Quote>) =>
  [...quotes].flatMap(([id, { quoted }]) => {
    const [post, recipient] = [posts.get(id), posts.get(quoted)?.author];
    return post && recipient ? [[quoted, recipient, post] as const] : [];
  });

/** The newest quote of a post by each person, if it is there and its author consents. */
const quotesTo = (posts: Model['posts'], quotes: ReadonlyMap<string, Quote>, object: string) => {
  const newest = new Map<string, { actor: string; position: number; reply: string; isThere: boolean }>();
  for (const [id, { quoted, isInForce }] of quotes) {
    const post = posts.get(id);
    if (!post || quoted !== object || post.position < (newest.get(post.author)?.position ?? 0)) continue;
    const { author: actor, position } = post;
    newest.set(actor, {
      actor,
      position,
      reply: id,
      isThere: isInForce && !post.deleted && !post.hidden,
    });
  }
  return [...newest.values()].flatMap(({ isThere, ...act }) => (isThere ? [act] : []));
};

/** A mention in a post that neither replies to the recipient nor quotes them. */
const mentionIn = (
  posts: Model['posts'],
  quotes: ReadonlyMap<string, Quote>,
  mentions: ReturnType<typeof firstMentions>,
  [object, recipient]: readonly [object: string, recipient: string],
): Notified['acts'] => {
  const post = posts.get(object);
  const others = [posts.get(post?.inReplyTo ?? '')?.author, quotes.get(object)?.author];
  if (!post?.mentions.includes(recipient) || post.hidden || others.includes(recipient)) return [];
  const position = mentions.get(`${object} ${recipient}`)?.get(post.author) ?? 0;
  return [{ actor: post.author, position }];
};

/** Kinds that tell people of themselves. */
const isOwn = (kind: string): boolean => kind === 'SIGN_IN' || kind === 'REPORT_RESOLVED';

/** Kinds that are about a person, by the type of their events, and who it is. */
const aboutPeople: Readonly<Record<string, readonly [kind: Notified['kind'], who: 'actor' | 'subject']>> = {
  [toggles.follow.events[0]]: ['FOLLOW', 'subject'],
  'rookery.user.follow-requested.v1': ['FOLLOW_REQUEST', 'subject'],
  'rookery.user.signed-in.v1': ['SIGN_IN', 'actor'],
};

/** Adds each answer of a moderator to a reporter. */
const addAnswers = (facts: readonly Fact[], add: (reporter: string, position: number) => void): void => {
  for (const { event, position } of facts) {
    if (event.type !== 'rookery.report.resolved.v1') continue;
    for (const reporter of (event.data as { reporters: string[] }).reporters) add(reporter, position);
  }
};

/** The groups of notifications of each user. */
export const notificationsOf = (
  facts: readonly Fact[],
  posts: Model['posts'],
  quotes: ReadonlyMap<string, Quote>,
  { relations, requests, since }: Relations,
): Model['notifications'] => {
  const groups = new Map<string, Group>();
  const add = (kind: Notified['kind'], object: string, recipient: string, actor: string, place: number) => {
    if (actor === recipient && !isOwn(kind)) return;
    const key = `${kind} ${object} ${kind === 'EDIT' || kind === 'MENTION' ? recipient : ''}`;
    const group = groups.get(key) ?? { kind, object, recipient, places: new Map() };
    groups.set(key, group);
    group.places.set(actor, Math.max(place, group.places.get(actor) ?? 0));
  };
  /** People who have followed by themselves: a follower who was approved is no news. */
  const followers = new Set(
    facts.flatMap(({ event: { type, actor, subject } }) =>
      type === toggles.follow.events[0] ? [`${actor} ${subject}`] : [],
    ),
  );
  const shares = sharesByPost({ relations, since });
  const reactions = { like: 'LIKE', share: 'SHARE' } as const;
  for (const { event, position } of facts) {
    const { actor, subject, type } = event;
    const [about, who = 'actor'] = aboutPeople[type] ?? [];
    if (about) add(about, event[who], event[who], actor, position);
    for (const [name, kind] of Object.entries(reactions)) {
      const author = posts.get(subject)?.author;
      if (author && type === toggles[name as 'like'].events[0]) add(kind, subject, author, actor, position);
    }
    for (const sharer of sharersBefore(shares, subject, position))
      if (/^rookery.post.(edited|deleted)/.test(type) && posts.get(subject)?.author === actor)
        add('EDIT', subject, sharer, actor, position);
  }
  for (const [answered, recipient, { author, position }] of repliesInPosts(posts))
    add('REPLY', answered, recipient, author, position);
  for (const [quoted, recipient, { author, position }] of quotesInPosts(posts, quotes))
    add('QUOTE', quoted, recipient, author, position);
  addAnswers(facts, (reporter, position) => add('REPORT_RESOLVED', reporter, reporter, reporter, position));
  const mentions = firstMentions(facts);
  for (const [key, firsts] of mentions) {
    const [post = '', user = ''] = key.split(' ');
    for (const [actor, position] of firsts) add('MENTION', post, user, actor, position);
  }
  const pairsWith = (name: string, pairs: ReadonlySet<string>, object: string) =>
    [...pairs].flatMap((pair) => {
      const [actor = '', of] = pair.split(' ');
      return of === object ? [{ actor, position: since.get(`${name} ${pair}`) ?? 0 }] : [];
    });
  const ofRelation = (name: ToggleName, object: string) => pairsWith(name, relations[name], object);
  const actsOf = ({ kind, object, place }: Omit<Notified, 'acts'>, recipient: string): Notified['acts'] => {
    switch (kind) {
      case 'FOLLOW':
        return ofRelation('follow', object).filter(({ actor }) => followers.has(`${actor} ${object}`));
      case 'SIGN_IN':
      case 'REPORT_RESOLVED':
        return [{ actor: object, position: place }];
      case 'FOLLOW_REQUEST':
        return pairsWith('request', requests, object);
      case 'LIKE':
        return ofRelation('like', object);
      case 'SHARE':
        return ofRelation('share', object);
      case 'REPLY':
        return repliesTo(posts, object);
      case 'QUOTE':
        return quotesTo(posts, quotes, object);
      case 'MENTION':
        return mentionIn(posts, quotes, mentions, [object, recipient]);
      case 'EDIT': {
        const post = posts.get(object);
        return post?.edited ? [{ actor: post.author, position: place }] : [];
      }
    }
  };
  return (user) =>
    [...groups.values()]
      .filter(({ recipient }) => recipient === user)
      .map((group) => ({ ...group, place: Math.max(...group.places.values()) }))
      .filter((group, _i, own) => !isToldOtherwise(group, own))
      .map((group) => ({
        ...{ kind: group.kind, object: group.object, place: group.place },
        acts: actsOf(group, group.recipient)
          .filter(({ actor }) => (actor !== user || isOwn(group.kind)) && lastOf(group).has(actor))
          .toSorted((a, b) => b.position - a.position),
      }))
      .toSorted((a, b) => b.place - a.place);
};
