import { z } from 'zod';
import { defineEvent } from '../define.ts';

/** The actor shares the subject (a post) with their followers. */
export const postShared = defineEvent({
  name: 'rookery.post.shared',
  version: 1,
  verb: 'SHARE',
  data: z.strictObject({}),
  example: {},
});

/** The actor no longer shares the subject (a post). */
export const postUnshared = defineEvent({
  name: 'rookery.post.unshared',
  version: 1,
  verb: 'UNSHARE',
  data: z.strictObject({}),
  example: {},
});
