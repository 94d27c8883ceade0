import { z } from 'zod';
import { defineEvent } from './define.ts';

/** A new text for the subject (a post). It counts only where the actor is the author. */
export const postEdited = defineEvent({
  name: 'rookery.post.edited',
  version: 1,
  verb: 'EDIT',
  data: z.strictObject({ body: z.string() }),
});
