import { z } from 'zod';
import { defineEvent } from '../define.ts';

/** The actor does not want what the subject (a user) shares in the friends feed. Only the actor ever sees it. */
export const userSharesHidden = defineEvent({
  name: 'rookery.user.shares-hidden',
  version: 1,
  verb: 'HIDE_SHARES',
  data: z.strictObject({}),
  example: {},
});

/** The actor wants what the subject (a user) shares in the friends feed again. */
export const userSharesShown = defineEvent({
  name: 'rookery.user.shares-shown',
  version: 1,
  verb: 'SHOW_SHARES',
  data: z.strictObject({}),
  example: {},
});
