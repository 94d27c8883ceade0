import { z } from 'zod';
import { defineEvent } from './define.ts';

/** An account came to be. Its event id is the user's id, and the subject. */
export const userSignedUp = defineEvent({
  name: 'rookery.user.signed-up',
  version: 1,
  verb: 'SIGN_UP',
  data: z.strictObject({ handle: z.string(), name: z.string() }),
});
