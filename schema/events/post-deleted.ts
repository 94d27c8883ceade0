import { z } from 'zod';
import { defineEvent } from './define.ts';

/** The subject (a post) is gone for good. It counts only where the actor is the author. */
export const postDeleted = defineEvent({
  name: 'rookery.post.deleted',
  version: 1,
  verb: 'DELETE',
  data: z.strictObject({}),
});
