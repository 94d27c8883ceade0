import { badInput } from '@rookery/graphql-server';
import { relationId } from '@rookery/read-models';
import { eventKinds } from '@rookery/schema/events';
import { z } from 'zod';
import { id } from '../input.ts';
import { defineCommand, mustBeThere } from './command.ts';
import { itsUser } from './payload.ts';

export const followUser = defineCommand({
  emits: eventKinds.userFollowed,
  input: z.object({ userId: id }),
  lookUp: ({ userId }, lookup) => lookup.user(userId),
  decide: ({ actor, input: { userId }, known }) => {
    if (userId === actor) throw badInput('userId', 'You cannot follow yourself.');
    mustBeThere('User', known);
    return { name: 'rookery.user.followed', subject: userId, data: {} };
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
