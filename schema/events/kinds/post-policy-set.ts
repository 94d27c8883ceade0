import { z } from 'zod';
import { defineEvent } from '../define.ts';
import { replyPolicies } from '../reply-policies.ts';

/**
 * The actor decides who may reply in the thread that the subject (a post) begins. Has an effect only if the actor is the author,
 * and on replies to come.
 */
export const postPolicySet = defineEvent({
  name: 'rookery.post.policy-set',
  version: 1,
  verb: 'SET_POLICY',
  data: z.strictObject({
    /** Absent: as before. */
    replies: z.enum(['EVERYONE', ...replyPolicies]).optional(),
  }),
  example: { replies: 'FOLLOWERS' },
});
