import { z } from 'zod';
import { defineEvent } from '../define.ts';
import { mentions } from '../mentions.ts';

/** Audiences narrower than everybody, who is the audience of a post without `visibility`. */
const narrowVisibilities = ['FOLLOWERS', 'MENTIONED'] as const;

/** The actor published a post. The event id is the id of the post and the subject. */
export const postPublished = defineEvent({
  name: 'rookery.post.published',
  version: 1,
  verb: 'POST',
  data: z.strictObject({
    body: z.string(),
    inReplyTo: z.uuid().optional(),
    /** Absent: the text mentions nobody. */
    mentions: mentions.optional(),
    /** Absent: everybody may see it. The author always may. */
    visibility: z.enum(narrowVisibilities).optional(),
  }),
  example: { body: 'Hello.' },
});
