import { z } from 'zod';
import { defineEvent } from './define.ts';

/** The actor no longer shares the subject (a post). */
export const postUnshared = defineEvent({
  name: 'rookery.post.unshared',
  version: 1,
  verb: 'UNSHARE',
  data: z.strictObject({}),
});
