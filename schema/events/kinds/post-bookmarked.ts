import { z } from 'zod';
import { defineEvent } from '../define.ts';

/** The actor bookmarks the subject (a post). Only the actor ever sees it. */
export const postBookmarked = defineEvent({
  name: 'rookery.post.bookmarked',
  version: 1,
  verb: 'BOOKMARK',
  data: z.strictObject({}),
  example: {},
});

/** The actor no longer bookmarks the subject (a post). */
export const postUnbookmarked = defineEvent({
  name: 'rookery.post.unbookmarked',
  version: 1,
  verb: 'UNBOOKMARK',
  data: z.strictObject({}),
  example: {},
});
