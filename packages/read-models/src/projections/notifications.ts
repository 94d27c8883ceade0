import { eventKinds } from '@rookery/schema/events';
import { defineCollection, defineProjection } from './define.ts';

const { userFollowed, postLiked, postShared, postPublished } = eventKinds;

/** The newest act of one kind of somebody. The reader finds out whether it still holds. */
export interface NotifiedAct {
  readonly actor: string;
  readonly position: number;
  /** The reply, if it is one. */
  readonly reply?: string;
}

/** Acts that make a group of notifications, and the field with the place of that group. */
export const notifiedActs = {
  FOLLOW: 'followed',
  LIKE: 'liked',
  SHARE: 'shared',
  REPLY: 'replied',
} as const;
export type NotifiedKind = keyof typeof notifiedActs;
type PlaceField = (typeof notifiedActs)[NotifiedKind];

/**
 * `notifications/<id of a post or user>`: who has lately liked, shared or answered the post, or followed the user. Its size is
 * bounded, so that one more like costs the same on any post.
 */
export interface NotificationsDoc extends Readonly<Record<PlaceField, number | null>> {
  /** The author, or the user who is followed. Null for a post that is not published yet. */
  readonly recipient: string | null;
  /** The newest act of each of the newest `keptActors + 1` actors, newest first: the recipient may be one of them. */
  readonly acts: { readonly [Kind in NotifiedKind]?: readonly NotifiedAct[] };
}

/** Number of actors of a group that are kept, besides the recipient. */
export const keptActors = 10;

const nothingYet: NotificationsDoc = {
  recipient: null,
  followed: null,
  liked: null,
  shared: null,
  replied: null,
  acts: {},
};

/** Returns the acts of others, newest first. */
export const actsOfOthers = ({ recipient, acts }: NotificationsDoc, kind: NotifiedKind): NotifiedAct[] =>
  (acts[kind] ?? []).filter(({ actor }) => actor !== recipient).slice(0, keptActors);

/** Derives the places of the groups: that of the newest act of somebody else, once the recipient is known. */
const withPlaces = (doc: NotificationsDoc): NotificationsDoc => {
  const placeOf = (kind: NotifiedKind) =>
    doc.recipient === null ? null : (actsOfOthers(doc, kind)[0]?.position ?? null);
  return {
    ...doc,
    followed: placeOf('FOLLOW'),
    liked: placeOf('LIKE'),
    shared: placeOf('SHARE'),
    replied: placeOf('REPLY'),
  };
};

/** Keeps the newest act of each of the newest actors: a function of the set of acts. */
const withAct = (doc: NotificationsDoc, kind: NotifiedKind, act: NotifiedAct): NotificationsDoc => {
  const before = doc.acts[kind] ?? [];
  const known = before.find(({ actor }) => actor === act.actor);
  if (known && known.position >= act.position) return doc;
  const after = [...before.filter((each) => each !== known), act]
    .sort((a, b) => b.position - a.position)
    .slice(0, keptActors + 1);
  return after.includes(act) ? withPlaces({ ...doc, acts: { ...doc.acts, [kind]: after } }) : doc;
};

const withRecipient = (doc: NotificationsDoc, recipient: string): NotificationsDoc =>
  doc.recipient === null ? withPlaces({ ...doc, recipient }) : doc;

const kindOf = {
  'rookery.post.liked': 'LIKE',
  'rookery.post.shared': 'SHARE',
} as const;

const places = Object.values(notifiedActs);

const collection = defineCollection<NotificationsDoc>()({
  indexes: places.map((order) => ({ equal: ['recipient'], order })),
  on: [userFollowed, postLiked, postShared, postPublished],

  affectedIds: ({ event }) =>
    event.name === 'rookery.post.published'
      ? [...new Set([event.id, event.data.inReplyTo ?? event.id])]
      : [event.subject],

  merge(before, { event, position }, id) {
    const doc = before ?? nothingYet;
    const { actor } = event;
    if (event.name === 'rookery.user.followed')
      return withAct(withRecipient(doc, id), 'FOLLOW', { actor, position });
    if (event.name !== 'rookery.post.published') return withAct(doc, kindOf[event.name], { actor, position });
    const own = event.id === id ? withRecipient(doc, actor) : doc;
    return event.data.inReplyTo === id ? withAct(own, 'REPLY', { actor, position, reply: event.id }) : own;
  },

  topics: (doc) =>
    doc.recipient !== null && places.some((place) => doc[place] !== null)
      ? [`notifications:${doc.recipient}`]
      : [],
});

/** Groups of what others do to the posts of a user, and of who follows them. */
export const notifications = defineProjection({
  name: 'notifications',
  collections: { notifications: collection },
});
