import { z } from 'zod';
import { defineEvent } from './define.ts';

/** The actor shares the subject (a post) with those who follow the actor. */
export const postShared = defineEvent({
  name: 'rookery.post.shared',
  version: 1,
  verb: 'SHARE',
  data: z.strictObject({}),
});
