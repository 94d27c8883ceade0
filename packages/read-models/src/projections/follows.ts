import { eventKinds, type RecordedEvent } from '@rookery/schema/events';
import { type Collection, defineCollection, newer, type Version } from './define.ts';
import {
  type Act,
  actsInForce,
  applyToggle,
  hasKinds,
  newestUndo,
  type RelationDoc,
  relationId,
  type Switch,
} from './relation.ts';

const { userFollowed, userUnfollowed, userBlocked, userUnblocked } = eventKinds;
const { userFollowRequested, userFollowApproved, userFollowRejected } = eventKinds;

/**
 * `follows/<actor>:<object>`. Without `own` and `blocks` it is a relation like others. A block by either of the two ends a follow,
 * and a follow that is made during a block has no effect, also after it. A request begins a follow once the followed user
 * approves it; a rejection ends all that came before it. So a document with any of these keeps the histories of both users,
 * and derives the other fields from them: they do not depend on the order in which events arrive.
 */
export interface FollowDoc extends RelationDoc {
  /** Follows, requests and unfollows; absent if there is none, or if the document itself is their history. */
  readonly own?: Switch;
  /** Blocker (one of the two) → whether the way is free: off by a block, on by the end of a block. */
  readonly blocks?: Readonly<Record<string, Switch>>;
  /** Approvals (on) and rejections (off) by the followed user. */
  readonly answers?: Switch;
  /** Set while a request waits for an answer. */
  readonly pending?: true;
  /** Position of the oldest request that waits. */
  readonly requested?: number;
  /**
   * Set if the follow was accepted while nobody could be asked whether the account is protected, and is not approved: it
   * counts, and shows nothing that is for followers only.
   */
  readonly unchecked?: true;
}

type Pair = Pick<FollowDoc, 'actor' | 'object'>;

/** All that both have done. */
interface Histories {
  readonly own: Switch | undefined;
  readonly blocks: FollowDoc['blocks'];
  readonly answers: Switch | undefined;
}

const historiesOf = (doc: FollowDoc | undefined): Histories => {
  if (doc === undefined) return { own: undefined, blocks: undefined, answers: undefined };
  const { actor: _actor, object: _object, ...own } = doc;
  const isWhole = doc.own === undefined && doc.blocks === undefined && doc.answers === undefined;
  return { own: isWhole ? own : doc.own, blocks: doc.blocks, answers: doc.answers };
};

/** Returns whether an act was made after all blocks of one direction, and not during one. */
const isFree = (act: Act, way: Switch): boolean => {
  const hasBlock = way.ended !== undefined;
  const [end] = actsInForce(way);
  return !hasBlock || (end !== undefined && newer(act.version, end.version));
};

const oldest = (acts: readonly Act[]): Act | undefined =>
  acts.reduce<Act | undefined>(
    (first, act) => (first && newer(act.version, first.version) ? first : act),
    undefined,
  );

interface State {
  /** The act since which the follow is active. */
  readonly start: Act | undefined;
  readonly isUnchecked: boolean;
  /** The oldest request without an answer, while the follow is not active. */
  readonly request: Act | undefined;
  /** Position of the last event that ended a follow or a request; 0 if there is none. */
  readonly ended: number;
}

const stateOf = ({ own, blocks = {}, answers }: Histories): State => {
  const ways = Object.values(blocks);
  const acts = own ? actsInForce(own) : [];
  const approvals = answers ? actsInForce(answers) : [];
  const rejection = answers ? newestUndo(answers) : null;
  const isAlive = (act: Act): boolean =>
    ways.every((way) => isFree(act, way)) && (rejection === null || newer(act.version, rejection));
  const alive = acts.filter(isAlive);
  const approvalOf = ({ version }: Act): Act | undefined =>
    approvals.find((approval) => newer(approval.version, version));
  const starts = alive.flatMap((act) => (act.kind === 'ask' ? (approvalOf(act) ?? []) : [act]));
  const start = oldest(starts);
  // A block that ended no follow must not show as a change: the followed person would tell by it who has blocked them.
  const ends = ways.flatMap((way) => (acts.every((act) => isFree(act, way)) ? [] : [way.ended ?? 0]));
  const isRejected = rejection !== null && acts.some((act) => !newer(act.version, rejection));
  return {
    start,
    isUnchecked: start !== undefined && alive.every((act) => act.kind !== undefined && !approvalOf(act)),
    request: start ? undefined : oldest(alive),
    ended: Math.max(own?.ended ?? 0, isRejected ? (answers?.ended ?? 0) : 0, ...ends),
  };
};

/** Returns the oldest request that waits for an answer. */
export const pendingRequest = ({ own, pending, requested }: FollowDoc): Act | undefined =>
  own && pending ? actsInForce(own).find(({ position }) => position === requested) : undefined;

const newestVersion = (versions: readonly (Version | null | undefined)[]): Version =>
  versions.reduce<Version | null>(
    (newest, version) => (version && newer(version, newest) ? version : newest),
    null,
  ) as Version;

/** Derives the document from the histories of both. */
const present = ({ actor, object }: Pair, histories: Histories): FollowDoc => {
  const { own, blocks, answers } = histories;
  if (!blocks && !answers && own && !hasKinds(own)) return { actor, object, ...own } as FollowDoc;
  const { start, isUnchecked, request, ended } = stateOf(histories);
  return {
    actor,
    object,
    active: start !== undefined,
    version: newestVersion([own, answers, ...Object.values(blocks ?? {})].map((one) => one?.version)),
    position: start?.position ?? null,
    since: start?.at ?? null,
    ...(isUnchecked ? { unchecked: true } : {}),
    ...(request ? { pending: true, requested: request.position } : {}),
    ...(ended === 0 ? {} : { ended }),
    ...(own ? { own } : {}),
    ...(blocks ? { blocks } : {}),
    ...(answers ? { answers } : {}),
  };
};

const isBlockEvent = ({ event }: RecordedEvent): boolean =>
  event.name === userBlocked.name || event.name === userUnblocked.name;
const isAnswer = ({ event }: RecordedEvent): boolean =>
  event.name === userFollowApproved.name || event.name === userFollowRejected.name;

/** Applies an event to the history that it belongs to. Returns the given histories if nothing changes. */
const withEvent = (before: Histories, recorded: RecordedEvent): Histories => {
  const { event } = recorded;
  if (isBlockEvent(recorded)) {
    const known = before.blocks?.[event.actor];
    const way = applyToggle(known, recorded, event.name === userUnblocked.name);
    return way === known ? before : { ...before, blocks: { ...before.blocks, [event.actor]: way } };
  }
  if (isAnswer(recorded)) {
    const answers = applyToggle(before.answers, recorded, event.name === userFollowApproved.name);
    return answers === before.answers ? before : { ...before, answers };
  }
  const isGuess = event.name === userFollowed.name && event.data.unchecked === true;
  const kind = event.name === userFollowRequested.name ? 'ask' : isGuess ? 'guess' : undefined;
  const own = applyToggle(before.own, recorded, event.name !== userUnfollowed.name, kind);
  return own === before.own ? before : { ...before, own };
};

const idsOf = (recorded: RecordedEvent): string[] => {
  const { actor, subject } = recorded.event;
  if (isAnswer(recorded)) return [relationId(subject, actor)];
  if (!isBlockEvent(recorded)) return [relationId(actor, subject)];
  return actor === subject ? [] : [relationId(actor, subject), relationId(subject, actor)];
};

const pairOf = (id: string): Pair => {
  const [actor = '', object = ''] = id.split(':');
  return { actor, object };
};

export const follows: Collection<FollowDoc, 'followers' | 'following'> = defineCollection<FollowDoc>()({
  idPrefix: 'actor',
  indexes: [
    { equal: ['object', 'active'], order: 'position' },
    { equal: ['actor', 'active'], order: 'position' },
    { equal: ['actor', 'active'], order: 'ended' },
    { equal: ['object', 'pending'], order: 'requested' },
  ],
  counts: {
    followers: { field: 'object', where: { active: true } },
    following: { field: 'actor', where: { active: true } },
  },
  on: [
    ...[userFollowed, userUnfollowed, userBlocked, userUnblocked],
    ...[userFollowRequested, userFollowApproved, userFollowRejected],
  ],
  affectedIds: idsOf,
  merge: (doc, recorded, id) => {
    const before = historiesOf(doc);
    const after = withEvent(before, recorded);
    return doc && after === before ? doc : present(pairOf(id), after);
  },
  // A follow decides whether an open post is shown, and a request concerns the user who is asked.
  topics: ({ actor, object, answers, own }) => [
    `viewer:${actor}`,
    ...(answers || own ? [`viewer:${object}` as const] : []),
  ],
});
