import { z } from 'zod';
import { defineEvent } from './define.ts';

/** The actor likes the subject (a post). */
export const postLiked = defineEvent({
  name: 'rookery.post.liked',
  version: 1,
  verb: 'LIKE',
  data: z.strictObject({}),
});
