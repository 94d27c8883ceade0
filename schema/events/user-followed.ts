import { z } from 'zod';
import { defineEvent } from './define.ts';

/** The actor follows the subject (a user). */
export const userFollowed = defineEvent({
  name: 'rookery.user.followed',
  version: 1,
  verb: 'FOLLOW',
  data: z.strictObject({}),
});
