import { z } from 'zod';
import { defineEvent } from './define.ts';

/** A post by the actor. Its event id is the post's id, and the subject. */
export const postPublished = defineEvent({
  name: 'rookery.post.published',
  version: 1,
  verb: 'POST',
  data: z.strictObject({ body: z.string(), inReplyTo: z.uuid().optional() }),
});
