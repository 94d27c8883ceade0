import { expect, it } from 'vitest';
import type { FollowDoc, MuteDoc, UserDoc } from './index.ts';
import { mayRecommend, maySeeSuggested, type SuggestedFacts } from './visibility.ts';

/*
 * The decision table of suggestions: whom the viewer may be told to follow, and whose follows may tell it. The expected answers are
 * from the reasons below, which are written from the promises and share nothing with the rules.
 */

const userStates = ['absent', 'not signed up', 'open', 'protected', 'suspended'] as const;
const blocks = ['nobody', 'the viewer', 'the other'] as const;
const followStates = ['never', 'ended', 'asked', 'unchecked', 'holds'] as const;
const mutes = ['never', 'for good', 'ended', 'until now', 'until later'] as const;
const selves = [false, true] as const;

interface Case {
  readonly user: (typeof userStates)[number];
  readonly blocker: (typeof blocks)[number];
  readonly follow: (typeof followStates)[number];
  readonly mute: (typeof mutes)[number];
  readonly isSelf: boolean;
}

const at = '2026-01-01T00:00:00.000Z';
const now = Date.parse(at);
const open: UserDoc = {
  ...{ handle: 'ada', joinedAt: at, joinedPosition: 1, name: 'Ada', nameVersion: [at, '1'] },
  ...{ bio: null, bioVersion: null },
};
const users: Readonly<Record<Case['user'], UserDoc | undefined>> = {
  absent: undefined,
  'not signed up': { ...open, handle: null, joinedAt: null },
  open,
  protected: { ...open, protected: true },
  suspended: { ...open, suspended: true },
};
const relation = { actor: 'v', object: 'b', version: [at, '2'] as const, position: 2, since: at };
const holds: FollowDoc = { ...relation, active: true };
const follows: Readonly<Record<Case['follow'], FollowDoc | undefined>> = {
  never: undefined,
  ended: { ...holds, active: false },
  asked: { ...holds, active: false, pending: true },
  unchecked: { ...holds, unchecked: true },
  holds,
};
const muted: MuteDoc = { ...relation, active: true, changed: 2 };
const muteDocs: Readonly<Record<Case['mute'], MuteDoc | undefined>> = {
  never: undefined,
  'for good': muted,
  ended: { ...muted, active: false },
  'until now': { ...muted, until: at },
  'until later': { ...muted, until: new Date(now + 1).toISOString() },
};

const factsOf = ({ user, blocker, follow, mute, isSelf }: Case): SuggestedFacts => ({
  ...{ viewer: 'v', id: isSelf ? 'v' : 'b', now, user: users[user], follow: follows[follow] },
  ...{ relation: { blocks: blocker === 'the viewer', isBlocked: blocker === 'the other' } },
  mutes: [muteDocs[mute]],
});

type Reason = false | string;
const hidden = ({ user, blocker, mute }: Case): Reason[] => [
  !['open', 'protected'].includes(user) && 'nobody knows the account',
  blocker !== 'nobody' && 'a block is between them',
  ['for good', 'until later'].includes(mute) && 'the viewer mutes the account',
];
/** Returns whether the viewer waits for the approval of a protected account. */
const waits = ({ user, follow }: Case): boolean =>
  follow === 'asked' || (follow === 'unchecked' && user === 'protected');

const suggested = (one: Case): Reason[] => [
  ...hidden(one),
  one.isSelf && 'it is the viewer',
  !['never', 'ended'].includes(one.follow) && 'the viewer follows the account, or has asked to',
];
const recommending = (one: Case): Reason[] => [
  ...hidden(one),
  waits(one) && 'the account has not approved',
  !['unchecked', 'holds'].includes(one.follow) && 'the viewer does not follow the account',
];

const cases: readonly Case[] = userStates.flatMap((user) =>
  blocks.flatMap((blocker) =>
    followStates.flatMap((follow) =>
      mutes.flatMap((mute) => selves.map((isSelf) => ({ user, blocker, follow, mute, isSelf }))),
    ),
  ),
);

it.each([
  ['suggested', maySeeSuggested, suggested],
  ['asked for whom they follow', mayRecommend, recommending],
] as const)(
  'nobody is %s for whom there is a reason against it, and everybody else is',
  (_what, rule, reasons) => {
    for (const one of cases) {
      const against = reasons(one).filter((reason) => reason !== false);
      expect([one, against, rule(factsOf(one))]).toEqual([one, against, against.length === 0]);
    }
  },
);
