import { z } from 'zod';
import { defineEvent } from '../define.ts';
import { quotePolicies, replyPolicies } from '../post-policies.ts';

/**
 * The actor decides who may reply in the thread that the subject (a post) begins, or who may quote the post. Has an effect only if the
 * actor is the author, and on replies and quotes to come.
 */
export const postPolicySet = defineEvent({
  name: 'rookery.post.policy-set',
  version: 1,
  verb: 'SET_POLICY',
  data: z.strictObject({
    /** Absent: as before. */
    replies: z.enum(['EVERYONE', ...replyPolicies]).optional(),
    /** Absent: as before. */
    quotes: z.enum(['EVERYONE', ...quotePolicies]).optional(),
  }),
  example: { replies: 'FOLLOWERS' },
});
