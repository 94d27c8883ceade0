import { z } from 'zod';
import { defineEvent } from '../define.ts';

/** The actor follows the subject (a user). */
export const userFollowed = defineEvent({
  name: 'rookery.user.followed',
  version: 1,
  verb: 'FOLLOW',
  data: z.strictObject({
    /** Set if it was not known whether the account is protected. */
    unchecked: z.literal(true).optional(),
  }),
  example: {},
});

/** The actor no longer follows the subject (a user). */
export const userUnfollowed = defineEvent({
  name: 'rookery.user.unfollowed',
  version: 1,
  verb: 'UNFOLLOW',
  data: z.strictObject({}),
  example: {},
});
