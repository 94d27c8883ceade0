import {
  type CountKind,
  countId,
  type NotificationSource,
  type NotifiedAct,
  ownKinds,
  pendingRequest,
  type RelationName,
  relationId,
} from '@rookery/read-models';
import {
  isHiddenReply,
  isNotifiedOf,
  isNotifiedOfOwn,
  isRefusedReply,
  mayNotifyOf,
  maySeeFound,
  maySeeNotifier,
  type NotifierFacts,
  type ReplyFacts,
  type VisibleUser,
} from '@rookery/read-models/visibility';
import type { Verb } from '@rookery/schema/events';
import {
  type Hydrated,
  hydrateMuted,
  hydrateNotified,
  hydrateReply,
  loadFollow,
  loadUncheckedPolicy,
} from '../hydrate.ts';
import type { Loaders } from '../loaders.ts';
import type { NotificationModel } from '../models.ts';
import type { View } from '../pipeline.ts';
import { presentPost, presentUser } from '../present.ts';
import type { NotificationEntry } from './entries.ts';

export type NotificationList = 'MAIN' | 'OTHERS';

/** An act as the read models have it now. */
interface ActInForce {
  readonly position: number;
  /** ISO 8601 instant. */
  readonly at: string;
}

interface HydratedNotifier extends Hydrated<NotifierFacts> {
  readonly act: ActInForce | undefined;
  /** The post by which it is done, if it is a reply or a quote. */
  readonly posted: Hydrated<ReplyFacts> | undefined;
}
type ShownNotifier = HydratedNotifier & VisibleUser & { readonly act: ActInForce };

interface GroupFacts {
  readonly entry: NotificationEntry;
  /** Undefined for kinds that are about the viewer. */
  readonly post: Hydrated<ReplyFacts> | undefined;
  readonly notifiers: readonly HydratedNotifier[];
  /** Number of people who have done it, besides the viewer. */
  readonly total: number;
  readonly from: NotificationSource;
}

/** Number of actors that a group shows. */
const shownActors = 3;

const verbs: Readonly<Record<NotificationEntry['kind'], Verb>> = {
  FOLLOW: 'FOLLOW',
  FOLLOW_REQUEST: 'REQUEST_FOLLOW',
  SIGN_IN: 'SIGN_IN',
  REPORT_RESOLVED: 'RESOLVE_REPORTS',
  LIKE: 'LIKE',
  SHARE: 'SHARE',
  REPLY: 'POST',
  QUOTE: 'POST',
  MENTION: 'POST',
  EDIT: 'EDIT',
};

/** Kinds that are about the viewer, and not about a post. */
const ofViewer: ReadonlySet<NotificationEntry['kind']> = new Set([
  ...['FOLLOW', 'FOLLOW_REQUEST', 'SIGN_IN', 'REPORT_RESOLVED'],
] as const);

/** A request holds while it waits for an answer. */
const loadRequest = async (loaders: Loaders, id: string): Promise<ActInForce | undefined> => {
  const follow = await loaders.follows.load(id);
  return follow && pendingRequest(follow);
};

const loadRelation = async (
  loaders: Loaders,
  relation: RelationName,
  id: string,
): Promise<ActInForce | undefined> => {
  const found = await loaders[relation].load(id);
  return found?.active && found.position !== null && found.since !== null
    ? { position: found.position, at: found.since }
    : undefined;
};

/** A mention holds while the author's text has it. A reply to a post of the viewer's, or a quote, is one already. */
const loadMention = async (
  loaders: Loaders,
  id: string,
  { actor, position }: NotifiedAct,
): Promise<ActInForce | undefined> => {
  const post = await loaders.posts.load(id);
  if (!post || post.author !== actor || post.createdAt === null || isHiddenReply(post)) return undefined;
  if (isRefusedReply({ post, policy: await loadUncheckedPolicy(loaders, id) })) return undefined;
  if (!post.mentions?.includes(loaders.viewer ?? '')) return undefined;
  const answered = post.inReplyTo === null ? undefined : await loaders.posts.load(post.inReplyTo);
  if (answered?.author === loaders.viewer || post.quotedAuthor === loaders.viewer) return undefined;
  const isFirst = position === post.position;
  return { position, at: isFirst ? post.createdAt : (post.editedAt ?? post.createdAt) };
};

const loadAct = async (
  loaders: Loaders,
  { kind, object }: NotificationEntry,
  act: NotifiedAct,
  posted: Hydrated<ReplyFacts> | undefined,
): Promise<ActInForce | undefined> => {
  const { actor, position } = act;
  switch (kind) {
    case 'MENTION':
      return loadMention(loaders, object, act);
    case 'FOLLOW':
      return loadRelation(loaders, 'follows', relationId(actor, object));
    case 'FOLLOW_REQUEST':
      return loadRequest(loaders, relationId(actor, object));
    case 'SIGN_IN':
    case 'REPORT_RESOLVED':
      return act.at === undefined ? undefined : { position, at: act.at };
    case 'LIKE':
      return loadRelation(loaders, 'likes', relationId(actor, object));
    case 'SHARE':
      return loadRelation(loaders, 'shares', relationId(actor, object));
    case 'REPLY':
      return posted && mayNotifyOf(posted) ? { position, at: posted.post.createdAt } : undefined;
    case 'QUOTE':
      return posted && mayNotifyOf(posted) && posted.post.quotes === object
        ? { position, at: posted.post.createdAt }
        : undefined;
    case 'EDIT': {
      const at = (await loaders.posts.load(object))?.editedAt ?? null;
      return at === null ? undefined : { position, at };
    }
  }
};

const hydrateNotifier = async (
  loaders: Loaders,
  viewer: string,
  entry: NotificationEntry,
  act: NotifiedAct,
): Promise<HydratedNotifier> => {
  const loadItsAct = async () => {
    const id = act.reply ?? act.quote;
    const posted = id === undefined ? undefined : await hydrateReply(loaders, id);
    return { posted, act: await loadAct(loaders, entry, act, posted) };
  };
  const [user, follow, done] = await Promise.all([
    hydrateMuted(loaders, act.actor),
    loadFollow(loaders, viewer, act.actor),
    loadItsAct(),
  ]);
  return { ...user, ...done, holds: done.act !== undefined, isFollowed: follow?.active === true };
};

const counted: Partial<Record<NotificationEntry['kind'], readonly [CountKind, RelationName]>> = {
  FOLLOW: ['followers', 'follows'],
  LIKE: ['likes', 'likes'],
  SHARE: ['shares', 'shares'],
};

/** Returns how many others have done it, if more people may have than the entry names; otherwise 0. */
const loadTotal = async (
  loaders: Loaders,
  viewer: string,
  { kind, object, isWhole }: NotificationEntry,
): Promise<number> => {
  const by = isWhole ? undefined : counted[kind];
  if (!by) return 0;
  const [count, own] = await Promise.all([
    loaders.counts.load(countId(by[0], object)),
    loaders[by[1]].load(relationId(viewer, object)),
  ]);
  return (count?.n ?? 0) - (own?.active ? 1 : 0);
};

/** A group of notifications in one of the viewer's lists. */
export const notificationView = (
  loaders: Loaders,
  viewer: string,
  list: NotificationList,
): View<NotificationEntry, GroupFacts, GroupFacts, NotificationModel> => {
  const isShown = (notifier: HydratedNotifier, { entry, from }: GroupFacts): notifier is ShownNotifier =>
    maySeeNotifier(notifier) &&
    (ownKinds.has(entry.kind) ? isNotifiedOfOwn(list) : isNotifiedOf(notifier, list, from));
  const shownOf = (facts: GroupFacts): ShownNotifier[] =>
    facts.notifiers
      .filter((notifier): notifier is ShownNotifier => isShown(notifier, facts))
      .toSorted((a, b) => b.act.position - a.act.position);

  return {
    async hydrate(entry) {
      const [post, notifiers, settings, total] = await Promise.all([
        ofViewer.has(entry.kind) ? undefined : hydrateNotified(loaders, entry.object),
        Promise.all(entry.acts.map((act) => hydrateNotifier(loaders, viewer, entry, act))),
        loaders.notificationSettings.load(viewer),
        loadTotal(loaders, viewer, entry),
      ]);
      return { entry, post, notifiers, total, from: settings?.[entry.kind]?.from ?? 'EVERYONE' };
    },
    isVisible: (facts): facts is GroupFacts =>
      (facts.post === undefined || maySeeFound(facts.post)) && shownOf(facts).length > 0,
    present(facts) {
      const { entry, post, notifiers, total, from } = facts;
      const shown = shownOf(facts);
      const hidden = notifiers.filter(({ holds }) => holds).length - shown.length;
      const isCounted = list === 'MAIN' && from === 'EVERYONE';
      const [newest] = shown;
      const posted = newest?.posted;
      const shownPost = posted && mayNotifyOf(posted) ? presentPost(posted) : null;
      return {
        id: `${entry.kind}:${entry.object}`,
        kind: entry.kind,
        verb: verbs[entry.kind],
        actors: shown.slice(0, shownActors).map(presentUser),
        actorCount: Math.max(shown.length, isCounted ? total - hidden : 0),
        post: post && maySeeFound(post) ? presentPost(post) : null,
        reply: entry.kind === 'REPLY' ? shownPost : null,
        quote: entry.kind === 'QUOTE' ? shownPost : null,
        at: newest?.act.at ?? '',
        newest: newest?.act.position ?? 0,
      };
    },
  };
};
