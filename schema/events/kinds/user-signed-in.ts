import { z } from 'zod';
import { defineEvent } from '../define.ts';

/**
 * The actor began a session with their password. Subject: the user. It says nothing about the device or the place, since the log is
 * kept forever; only the actor ever sees it.
 */
export const userSignedIn = defineEvent({
  name: 'rookery.user.signed-in',
  version: 1,
  verb: 'SIGN_IN',
  data: z.strictObject({}),
  example: {},
});
