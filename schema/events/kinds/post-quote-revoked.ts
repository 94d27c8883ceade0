import { z } from 'zod';
import { defineEvent } from '../define.ts';

/** The actor takes back that the subject (a post) quotes a post of theirs, for good. Has an effect only if the actor is its author. */
export const postQuoteRevoked = defineEvent({
  name: 'rookery.post.quote-revoked',
  version: 1,
  verb: 'REVOKE_QUOTE',
  data: z.strictObject({}),
  example: {},
});
