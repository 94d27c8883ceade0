import { z } from 'zod';
import { defineEvent } from './define.ts';

/** The actor shares the subject (a post) with their followers. */
export const postShared = defineEvent({
  name: 'rookery.post.shared',
  version: 1,
  verb: 'SHARE',
  data: z.strictObject({}),
});
