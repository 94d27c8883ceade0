import { z } from 'zod';
import { defineEvent } from '../define.ts';

/** Parts of a friends feed that its reader can choose: what they do themselves, and replies to people whom they do not follow. */
const friendsFeedParts = ['OWN_ITEMS', 'REPLIES_TO_OTHERS'] as const;

/** The actor decides whether their friends feed has a part. Only the actor ever sees it. */
export const userFriendsFeedSet = defineEvent({
  name: 'rookery.user.friends-feed-set',
  version: 1,
  verb: 'SET_FRIENDS_FEED',
  data: z.strictObject({ part: z.enum(friendsFeedParts), isShown: z.boolean() }),
  example: { part: 'OWN_ITEMS', isShown: false },
});
