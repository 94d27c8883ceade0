import { eventKinds } from '@rookery/schema/events';
import { defineCollection, defineProjection } from './define.ts';
import { withNewest } from './newest-of-actors.ts';

const { userFollowed, userFollowRequested, userSignedIn, reportResolved } = eventKinds;
const { postLiked, postShared, postPublished, postEdited } = eventKinds;

/** The newest act of one kind of somebody. The reader finds out whether it still holds. */
export interface NotifiedAct {
  readonly actor: string;
  readonly position: number;
  /** The reply, if it is one. */
  readonly reply?: string;
  /** ISO 8601 instant of a sign-in or an answer to reports, which no other document has. */
  readonly at?: string;
  /** The quoting post, if it is one. */
  readonly quote?: string;
}

/** Acts that make a group of notifications, and the field with the place of that group. */
export const notifiedActs = {
  FOLLOW: 'followed',
  FOLLOW_REQUEST: 'requested',
  LIKE: 'liked',
  SHARE: 'shared',
  REPLY: 'replied',
  QUOTE: 'quoted',
  MENTION: 'mentioned',
  SIGN_IN: 'signedIn',
  REPORT_RESOLVED: 'answered',
} as const;
export type NotifiedKind = keyof typeof notifiedActs;
type PlaceField = (typeof notifiedActs)[NotifiedKind];
/** Places that documents of earlier versions lack. */
type LaterPlace = 'requested' | 'signedIn' | 'quoted' | 'answered';

/** Kinds whose actor is the recipient. */
export const ownKinds: ReadonlySet<string> = new Set(['SIGN_IN', 'REPORT_RESOLVED']);

/**
 * `notifications/<id of a post or user>`: who has lately liked, shared, answered or quoted the post, followed the user or asked to, and when
 * the user signed in or had an answer to a report. Its size is bounded, so that one more like costs the same on any post. `notifications/<post>:<user>`: who has mentioned the user in the post.
 */
export interface NotificationsDoc
  extends Readonly<Record<Exclude<PlaceField, LaterPlace>, number | null>>,
    Readonly<Partial<Record<LaterPlace, number>>> {
  /** The author, or the user who is followed or mentioned. Null for a post that is not published yet. */
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
  mentioned: null,
  acts: {},
};

/** Returns the acts of others, newest first, and those of the recipient for kinds that have them. */
export const actsOfOthers = ({ recipient, acts }: NotificationsDoc, kind: NotifiedKind): NotifiedAct[] =>
  (acts[kind] ?? []).filter(({ actor }) => ownKinds.has(kind) || actor !== recipient).slice(0, keptActors);

/** Derives the place of a group: that of the newest act of somebody else, once the recipient is known. */
const withPlace = (doc: NotificationsDoc, kind: NotifiedKind): NotificationsDoc => {
  if (doc.recipient === null) return doc;
  const [newest] = actsOfOthers(doc, kind);
  return newest ? { ...doc, [notifiedActs[kind]]: newest.position } : doc;
};

/** Changes the acts of one kind, on which no other place depends. */
const withActs = (doc: NotificationsDoc, kind: NotifiedKind, acts: readonly NotifiedAct[]) =>
  withPlace({ ...doc, acts: { ...doc.acts, [kind]: acts } }, kind);

const isNewer = (a: NotifiedAct, b: NotifiedAct): boolean => a.position > b.position;

const withAct = (doc: NotificationsDoc, kind: NotifiedKind, act: NotifiedAct): NotificationsDoc => {
  const before = doc.acts[kind] ?? [];
  const after = withNewest(before, act, isNewer, keptActors + 1);
  return after === before ? doc : withActs(doc, kind, after);
};

/** Notes a mention: of each actor the first, since an edit that keeps a mention is nothing new. */
const withMention = (doc: NotificationsDoc, act: NotifiedAct): NotificationsDoc => {
  const before = doc.acts.MENTION ?? [];
  const known = before.find(({ actor }) => actor === act.actor);
  if (known && known.position <= act.position) return doc;
  const after = [...before.filter((each) => each !== known), act]
    .sort((a, b) => b.position - a.position)
    .slice(-(keptActors + 1));
  return after.includes(act) ? withActs(doc, 'MENTION', after) : doc;
};

const withRecipient = (doc: NotificationsDoc, recipient: string): NotificationsDoc =>
  doc.recipient === null ? kinds.reduce(withPlace, { ...doc, recipient }) : doc;

const places = Object.values(notifiedActs);
const kinds = Object.keys(notifiedActs) as NotifiedKind[];

/** Returns the id of the document of a mention. */
const mentionId = (post: string, user: string): string => `${post}:${user}`;
const mentionedIn = (id: string): string | undefined => id.split(':')[1];

const mentionIds = (post: string, users: readonly string[] = []): string[] =>
  users.map((user) => mentionId(post, user));

const collection = defineCollection<NotificationsDoc>()({
  // Every post has a document, and hardly any has a place in one of the orders.
  indexes: places.map((order) => ({ equal: ['recipient'], order, sparse: true })),
  on: [
    userFollowed,
    userFollowRequested,
    userSignedIn,
    reportResolved,
    postLiked,
    postShared,
    postPublished,
    postEdited,
  ],

  affectedIds: ({ event }) => {
    if (event.name === 'rookery.user.signed-in') return [event.actor];
    if (event.name === 'rookery.report.resolved') return [...new Set(event.data.reporters)];
    if (event.name === 'rookery.post.edited') return mentionIds(event.subject, event.data.mentions);
    if (event.name !== 'rookery.post.published') return [event.subject];
    const { inReplyTo = event.id, quoted = event.id, mentions } = event.data;
    return [...new Set([event.id, inReplyTo, quoted]), ...mentionIds(event.id, mentions)];
  },

  merge(before, { event, position }, id) {
    const doc = before ?? nothingYet;
    const { actor } = event;
    const mentioned = mentionedIn(id);
    if (mentioned !== undefined) return withMention(withRecipient(doc, mentioned), { actor, position });
    switch (event.name) {
      case 'rookery.user.followed':
        return withAct(withRecipient(doc, id), 'FOLLOW', { actor, position });
      case 'rookery.user.follow-requested':
        return withAct(withRecipient(doc, id), 'FOLLOW_REQUEST', { actor, position });
      case 'rookery.user.signed-in':
        return withAct(withRecipient(doc, id), 'SIGN_IN', { actor, position, at: event.time });
      case 'rookery.report.resolved':
        // The reporter is the actor: nobody learns which moderator has answered.
        return withAct(withRecipient(doc, id), 'REPORT_RESOLVED', { actor: id, position, at: event.time });
      case 'rookery.post.liked':
        return withAct(doc, 'LIKE', { actor, position });
      case 'rookery.post.shared':
        return withAct(doc, 'SHARE', { actor, position });
      case 'rookery.post.edited':
        return doc;
      default: {
        const own = event.id === id ? withRecipient(doc, actor) : doc;
        const { inReplyTo, quoted } = event.data;
        const answered = inReplyTo === id ? withAct(own, 'REPLY', { actor, position, reply: event.id }) : own;
        return quoted === id ? withAct(answered, 'QUOTE', { actor, position, quote: event.id }) : answered;
      }
    }
  },

  topics: (doc) =>
    doc.recipient !== null && places.some((place) => typeof doc[place] === 'number')
      ? [`notifications:${doc.recipient}`]
      : [],
});

/** Groups of what others do to the posts of a user, and of who follows them. */
export const notifications = defineProjection({
  name: 'notifications',
  collections: { notifications: collection },
});
