import { z } from 'zod';
import { defineEvent } from '../define.ts';

/** The actor likes the subject (a post). */
export const postLiked = defineEvent({
  name: 'rookery.post.liked',
  version: 1,
  verb: 'LIKE',
  data: z.strictObject({}),
  example: {},
});

/** The actor no longer likes the subject (a post). */
export const postUnliked = defineEvent({
  name: 'rookery.post.unliked',
  version: 1,
  verb: 'UNLIKE',
  data: z.strictObject({}),
  example: {},
});
