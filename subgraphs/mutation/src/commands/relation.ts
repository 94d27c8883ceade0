import { badInput } from '@rookery/graphql-server';
import { z } from 'zod';
import { id } from '../input.ts';
import { defineCommand, mustBeThere } from './command.ts';

export const followUser = defineCommand({
  verb: 'FOLLOW',
  input: z.object({ userId: id }),
  lookUp: ({ userId }, lookup) => lookup.user(userId),
  decide: ({ actor, input: { userId }, known }) => {
    if (userId === actor) throw badInput('userId', 'You cannot follow yourself.');
    mustBeThere('User', known);
    return { name: 'rookery.user.followed', subject: userId, data: {} };
  },
});

export const unfollowUser = defineCommand({
  verb: 'UNFOLLOW',
  input: z.object({ userId: id }),
  lookUp: ({ userId }, lookup) => lookup.user(userId),
  decide: ({ input: { userId }, known }) => {
    mustBeThere('User', known);
    return { name: 'rookery.user.unfollowed', subject: userId, data: {} };
  },
});
