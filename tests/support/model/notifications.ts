import type { Fact, Model, Relations } from './social.ts';
import { type ToggleName, toggles } from './toggles.ts';

/** A group of notifications: acts that are in force, newest first. */
export interface Notified {
  readonly kind: 'FOLLOW' | 'LIKE' | 'SHARE' | 'REPLY' | 'EDIT';
  /** The post, or the user who is followed. */
  readonly object: string;
  /** Position of the newest act, even if it repeats another or has been taken back. */
  readonly place: number;
  readonly acts: readonly { readonly actor: string; readonly position: number; readonly reply?: string }[];
}

/** The groups of notifications of each user. */
export const notificationsOf = (
  facts: readonly Fact[],
  posts: Model['posts'],
  { relations, since }: Relations,
): Model['notifications'] => {
  const groups = new Map<string, Notified & { readonly recipient: string }>();
  const add = (kind: Notified['kind'], object: string, recipient: string, actor: string, place: number) => {
    if (actor === recipient) return;
    const key = `${kind} ${object} ${kind === 'EDIT' ? recipient : ''}`;
    const before = groups.get(key) ?? { kind, object, recipient, place: 0, acts: [] };
    groups.set(key, { ...before, place: Math.max(before.place, place) });
  };
  const reactions = { like: 'LIKE', share: 'SHARE' } as const;
  for (const { event, position } of facts) {
    const { actor, subject, type, data } = event;
    if (type === toggles.follow.events[0]) add('FOLLOW', subject, subject, actor, position);
    for (const [name, kind] of Object.entries(reactions)) {
      const author = posts.get(subject)?.author;
      if (author && type === toggles[name as 'like'].events[0]) add(kind, subject, author, actor, position);
    }
    const isPost = type.startsWith('rookery.post.published');
    const answered = isPost ? (data as { inReplyTo?: string }).inReplyTo : undefined;
    const author = posts.get(answered ?? '')?.author;
    if (answered && author) add('REPLY', answered, author, actor, position);
    if (!/^rookery.post.(edited|deleted)/.test(type) || posts.get(subject)?.author !== actor) continue;
    for (const pair of relations.share) {
      const [sharer = '', post] = pair.split(' ');
      const isLater = position > (since.get(`share ${pair}`) ?? 0);
      if (post === subject && isLater) add('EDIT', subject, sharer, actor, position);
    }
  }
  const ofRelation = (name: ToggleName, object: string) =>
    [...relations[name]].flatMap((pair) => {
      const [actor = '', of] = pair.split(' ');
      return of === object ? [{ actor, position: since.get(`${name} ${pair}`) ?? 0 }] : [];
    });
  const repliesTo = (object: string) => {
    const newest = new Map<string, { actor: string; position: number; reply: string; isThere: boolean }>();
    for (const [reply, { author, inReplyTo, position, deleted }] of posts) {
      if (inReplyTo !== object || position < (newest.get(author)?.position ?? 0)) continue;
      newest.set(author, { actor: author, position, reply, isThere: !deleted });
    }
    return [...newest.values()].flatMap(({ isThere, ...act }) => (isThere ? [act] : []));
  };
  const actsOf = ({ kind, object, place }: Notified): Notified['acts'] => {
    if (kind === 'FOLLOW') return ofRelation('follow', object);
    if (kind === 'LIKE') return ofRelation('like', object);
    if (kind === 'SHARE') return ofRelation('share', object);
    if (kind === 'REPLY') return repliesTo(object);
    const post = posts.get(object);
    return post?.edited ? [{ actor: post.author, position: place }] : [];
  };
  return (user) =>
    [...groups.values()]
      .filter(({ recipient }) => recipient === user)
      .map(({ recipient: _, ...group }) => ({
        ...group,
        acts: actsOf(group)
          .filter(({ actor }) => actor !== user)
          .toSorted((a, b) => b.position - a.position),
      }))
      .toSorted((a, b) => b.place - a.place);
};
