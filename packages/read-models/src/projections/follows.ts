import { eventKinds, type RecordedEvent } from '@rookery/schema/events';
import { type Collection, defineCollection, newer, type Version } from './define.ts';
import { type Act, actsInForce, applyToggle, type RelationDoc, relationId, type Switch } from './relation.ts';

const { userFollowed, userUnfollowed, userBlocked, userUnblocked } = eventKinds;

/**
 * `follows/<actor>:<object>`. Without `blocks` it is a relation like others. A block by either of the two ends a follow, and a
 * follow that is made during a block has no effect, also after it. So a document with `blocks` keeps the history of both,
 * and derives the other fields from it: they do not depend on the order in which events arrive.
 */
export interface FollowDoc extends RelationDoc {
  /** Follows and unfollows; absent if there is none, or if there are no blocks. */
  readonly own?: Switch;
  /** Blocker (one of the two) → whether the way is free: off by a block, on by the end of a block. */
  readonly blocks?: Readonly<Record<string, Switch>>;
}

type Pair = Pick<FollowDoc, 'actor' | 'object'>;

/** The part of the history before the first block: that of the document itself. */
const ownOf = (doc: FollowDoc | undefined): Switch | undefined => {
  if (doc === undefined || doc.blocks !== undefined) return doc?.own;
  const { actor: _actor, object: _object, ...own } = doc;
  return own;
};

/** Returns whether an act was made after all blocks of one direction, and not during one. */
const isFree = (act: Act, way: Switch): boolean => {
  const hasBlock = way.ended !== undefined;
  const [end] = actsInForce(way);
  return !hasBlock || (end !== undefined && newer(act.version, end.version));
};

/** Derives the fields that depend on both histories. */
const present = (
  { actor, object }: Pair,
  own: Switch | undefined,
  blocks: Readonly<Record<string, Switch>>,
): FollowDoc => {
  const ways = Object.values(blocks);
  const acts = own ? actsInForce(own) : [];
  const [start] = acts.filter((act) => ways.every((way) => isFree(act, way)));
  // A block that ended no follow must not show as a change: the followed person would tell by it who has blocked them.
  const ends = ways.flatMap((way) => (acts.every((act) => isFree(act, way)) ? [] : [way.ended ?? 0]));
  const ended = Math.max(own?.ended ?? 0, ...ends);
  const versions = [own, ...ways].flatMap((one) => (one?.version ? [one.version] : []));
  return {
    actor,
    object,
    active: start !== undefined,
    version: versions.reduce((newest, version) => (newer(version, newest) ? version : newest)) as Version,
    position: start?.position ?? null,
    since: start?.at ?? null,
    ...(ended === 0 ? {} : { ended }),
    ...(own ? { own } : {}),
    blocks,
  };
};

const isBlockEvent = ({ event }: RecordedEvent): boolean =>
  event.name === userBlocked.name || event.name === userUnblocked.name;

/** Applies a block, or the end of one, to a follow between the two. Returns the given document if nothing changes. */
const mergeBlock = (doc: FollowDoc | undefined, pair: Pair, recorded: RecordedEvent): FollowDoc => {
  const { actor: blocker, name } = recorded.event;
  const before = doc?.blocks?.[blocker];
  const way = applyToggle(before, recorded, name === userUnblocked.name);
  if (doc && way === before) return doc;
  return present(pair, ownOf(doc), { ...doc?.blocks, [blocker]: way });
};

const mergeFollow = (doc: FollowDoc | undefined, pair: Pair, recorded: RecordedEvent): FollowDoc => {
  const before = ownOf(doc);
  const own = applyToggle(before, recorded, recorded.event.name === userFollowed.name);
  if (doc && own === before) return doc;
  return doc?.blocks ? present(pair, own, doc.blocks) : ({ ...pair, ...own } as FollowDoc);
};

const idsOf = (recorded: RecordedEvent): string[] => {
  const { actor, subject } = recorded.event;
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
  ],
  counts: {
    followers: { field: 'object', where: { active: true } },
    following: { field: 'actor', where: { active: true } },
  },
  on: [userFollowed, userUnfollowed, userBlocked, userUnblocked],
  affectedIds: idsOf,
  merge: (doc, recorded, id) =>
    isBlockEvent(recorded) ? mergeBlock(doc, pairOf(id), recorded) : mergeFollow(doc, pairOf(id), recorded),
});
