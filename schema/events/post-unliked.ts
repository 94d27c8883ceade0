import { z } from 'zod';
import { defineEvent } from './define.ts';

/** The actor no longer likes the subject (a post). */
export const postUnliked = defineEvent({
  name: 'rookery.post.unliked',
  version: 1,
  verb: 'UNLIKE',
  data: z.strictObject({}),
});
