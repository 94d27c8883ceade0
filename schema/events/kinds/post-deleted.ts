import { z } from 'zod';
import { defineEvent } from '../define.ts';

/** The subject (a post) is deleted. Has an effect only if the actor is the author. */
export const postDeleted = defineEvent({
  name: 'rookery.post.deleted',
  version: 1,
  verb: 'DELETE',
  data: z.strictObject({}),
  example: {},
});
