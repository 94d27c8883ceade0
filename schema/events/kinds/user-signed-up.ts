import { z } from 'zod';
import { defineEvent } from '../define.ts';

/** A user signed up. The event id is the id of the user and the subject. */
export const userSignedUp = defineEvent({
  name: 'rookery.user.signed-up',
  version: 1,
  verb: 'SIGN_UP',
  data: z.strictObject({ handle: z.string(), name: z.string() }),
  example: { handle: 'ann', name: 'Ann' },
});
