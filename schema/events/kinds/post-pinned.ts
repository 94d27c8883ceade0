import { z } from 'zod';
import { defineEvent } from '../define.ts';

/** The actor shows the subject (a post) on their profile. Has an effect only if the actor is the author. */
export const postPinned = defineEvent({
  name: 'rookery.post.pinned',
  version: 1,
  verb: 'PIN',
  data: z.strictObject({}),
  example: {},
});

/** The actor no longer shows the subject (a post) on their profile. */
export const postUnpinned = defineEvent({
  name: 'rookery.post.unpinned',
  version: 1,
  verb: 'UNPIN',
  data: z.strictObject({}),
  example: {},
});
