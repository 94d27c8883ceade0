import { z } from 'zod';
import { defineEvent } from '../define.ts';
import { mentions } from '../mentions.ts';

/** The subject (a post) has a new text. Has an effect only if the actor is the author. */
export const postEdited = defineEvent({
  name: 'rookery.post.edited',
  version: 1,
  verb: 'EDIT',
  data: z.strictObject({
    body: z.string(),
    /** Absent: the new text mentions nobody. */
    mentions: mentions.optional(),
  }),
  example: { body: 'Hello again.' },
});
