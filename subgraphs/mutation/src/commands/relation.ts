import { badInput } from '@rookery/graphql-server';
import { relationId } from '@rookery/read-models';
import { type EventData, eventKinds } from '@rookery/schema/events';
import { z } from 'zod';
import { id, optional } from '../input.ts';
import type { TargetLookup } from '../lookup.ts';
import { defineCommand, mustBeThere } from './command.ts';
import { itsUser } from './payload.ts';

export const followUser = defineCommand({
  emits: eventKinds.userFollowed,
  input: z.object({ userId: id }),
  lookUp: ({ userId }, lookup) => lookup.user(userId),
  decide: ({ actor, input: { userId }, known }) => {
    if (userId === actor) throw badInput('userId', 'You cannot follow yourself.');
    mustBeThere('User', known);
    if (typeof known === 'object' && known.isProtected)
      return { name: 'rookery.user.follow-requested', subject: userId, data: {} };
    const data = typeof known === 'object' ? {} : { unchecked: true as const };
    return { name: 'rookery.user.followed', subject: userId, data };
  },
  payload: (event) => {
    const id = relationId(event.actor, event.subject);
    return {
      ...itsUser(event),
      followingEdge: { followId: `following:${id}` },
      followerEdge: { followId: `followers:${id}` },
    };
  },
});

export const blockUser = defineCommand({
  emits: eventKinds.userBlocked,
  input: z.object({ userId: id }),
  // Everybody who exists can be blocked, even by somebody whom they have blocked themselves.
  lookUp: ({ userId }, lookup) => lookup.anyUser(userId),
  decide: ({ actor, input: { userId }, known }) => {
    if (userId === actor) throw badInput('userId', 'You cannot block yourself.');
    mustBeThere('User', known);
    return { name: 'rookery.user.blocked', subject: userId, data: {} };
  },
  payload: itsUser,
});

export const unblockUser = defineCommand({
  emits: eventKinds.userUnblocked,
  input: z.object({ userId: id }),
  lookUp: ({ userId }, lookup) => lookup.anyUser(userId),
  decide: ({ input: { userId }, known }) => {
    mustBeThere('User', known);
    return { name: 'rookery.user.unblocked', subject: userId, data: {} };
  },
  payload: itsUser,
});

export const muteUser = defineCommand({
  emits: eventKinds.userMuted,
  input: z.object({ userId: id, until: optional(z.string()) }),
  lookUp: ({ userId }, lookup) => lookup.user(userId),
  decide: ({ actor, input: { userId, until }, known }) => {
    if (userId === actor) throw badInput('userId', 'You cannot mute yourself.');
    mustBeThere('User', known);
    return { name: 'rookery.user.muted', subject: userId, data: until === undefined ? {} : { until } };
  },
  payload: itsUser,
});

export const unmuteUser = defineCommand({
  emits: eventKinds.userUnmuted,
  input: z.object({ userId: id }),
  // The list of mutes has users whom a block hides, too.
  lookUp: ({ userId }, lookup) => lookup.anyUser(userId),
  decide: ({ input: { userId }, known }) => {
    mustBeThere('User', known);
    return { name: 'rookery.user.unmuted', subject: userId, data: {} };
  },
  payload: itsUser,
});

export const hideShares = defineCommand({
  emits: eventKinds.userSharesHidden,
  input: z.object({ userId: id }),
  lookUp: ({ userId }, lookup) => lookup.user(userId),
  decide: ({ actor, input: { userId }, known }) => {
    if (userId === actor) throw badInput('userId', 'You cannot hide your own shares.');
    mustBeThere('User', known);
    return { name: 'rookery.user.shares-hidden', subject: userId, data: {} };
  },
  payload: itsUser,
});

export const showShares = defineCommand({
  emits: eventKinds.userSharesShown,
  input: z.object({ userId: id }),
  lookUp: ({ userId }, lookup) => lookup.user(userId),
  decide: ({ input: { userId }, known }) => {
    mustBeThere('User', known);
    return { name: 'rookery.user.shares-shown', subject: userId, data: {} };
  },
  payload: itsUser,
});

export const unfollowUser = defineCommand({
  emits: eventKinds.userUnfollowed,
  input: z.object({ userId: id }),
  lookUp: ({ userId }, lookup) => lookup.user(userId),
  decide: ({ input: { userId }, known }) => {
    mustBeThere('User', known);
    return { name: 'rookery.user.unfollowed', subject: userId, data: {} };
  },
  payload: (event) => ({ ...itsUser(event), unfollowedUserId: event.subject }),
});

/**
 * A command that answers a request to follow the actor.
 * @param find finds the user who asks
 */
const answerFollow = (
  emits: typeof eventKinds.userFollowApproved | typeof eventKinds.userFollowRejected,
  find: (userId: string, lookup: TargetLookup) => ReturnType<TargetLookup['user']>,
) =>
  defineCommand({
    emits,
    input: z.object({ userId: id }),
    lookUp: async ({ userId }, lookup) => {
      const [user, requestedAt] = await Promise.all([find(userId, lookup), lookup.lastFollowedBy(userId)]);
      return { user, requestedAt };
    },
    notBefore: ({ requestedAt }) => requestedAt,
    decide: ({ actor, input: { userId }, known }) => {
      if (userId === actor) throw badInput('userId', 'You cannot follow yourself.');
      mustBeThere('User', known.user);
      return { name: emits.name, subject: userId, data: {} satisfies EventData<typeof emits.name> };
    },
    payload: itsUser,
  });

export const approveFollow = answerFollow(eventKinds.userFollowApproved, (userId, lookup) =>
  lookup.user(userId),
);
// A follower whom a block hides can be removed, too.
export const rejectFollow = answerFollow(eventKinds.userFollowRejected, (userId, lookup) =>
  lookup.anyUser(userId),
);
