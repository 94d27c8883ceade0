import { badInput } from '@rookery/graphql-server';
import { relationId } from '@rookery/read-models';
import { type EventData, eventKinds } from '@rookery/schema/events';
import { z } from 'zod';
import { id } from '../input.ts';
import { aboutUser, anyUser, seenUser } from './about-user.ts';
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

// Everybody who exists can be blocked, even by somebody whom they have blocked themselves.
export const blockUser = aboutUser(eventKinds.userBlocked, {
  find: anyUser,
  notOneself: 'You cannot block yourself.',
  payload: itsUser,
});
export const unblockUser = aboutUser(eventKinds.userUnblocked, { find: anyUser, payload: itsUser });

export const hideShares = aboutUser(eventKinds.userSharesHidden, {
  find: seenUser,
  notOneself: 'You cannot hide your own shares.',
  payload: itsUser,
});
export const showShares = aboutUser(eventKinds.userSharesShown, { find: seenUser, payload: itsUser });

export const unfollowUser = aboutUser(eventKinds.userUnfollowed, {
  find: seenUser,
  payload: (event) => ({ ...itsUser(event), unfollowedUserId: event.subject }),
});

/**
 * A command that answers a request to follow the actor.
 * @param find finds the user who asks
 */
const answerFollow = (
  emits: typeof eventKinds.userFollowApproved | typeof eventKinds.userFollowRejected,
  find: typeof seenUser,
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

export const approveFollow = answerFollow(eventKinds.userFollowApproved, seenUser);
// A follower whom a block hides can be removed, too.
export const rejectFollow = answerFollow(eventKinds.userFollowRejected, anyUser);
