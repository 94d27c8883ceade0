import { z } from 'zod';
import { defineEvent } from '../define.ts';

/** The actor published a post. The event id is the id of the post and the subject. */
export const postPublished = defineEvent({
  name: 'rookery.post.published',
  version: 1,
  verb: 'POST',
  data: z.strictObject({ body: z.string(), inReplyTo: z.uuid().optional() }),
  example: { body: 'Hello.' },
});
