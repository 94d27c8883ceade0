import { z } from 'zod';
import { defineEvent } from '../define.ts';

const data = z.strictObject({
  /** Set if nobody could tell whether the actor is the author of the thread. Then the document of the reply must say so. */
  unchecked: z.literal(true).optional(),
});

/** The actor hides the subject (a reply) from a thread of their own. */
export const postReplyHidden = defineEvent({
  name: 'rookery.post.reply-hidden',
  version: 1,
  verb: 'HIDE_REPLY',
  data,
  example: {},
});

/** The actor no longer hides the subject (a reply). */
export const postReplyUnhidden = defineEvent({
  name: 'rookery.post.reply-unhidden',
  version: 1,
  verb: 'UNHIDE_REPLY',
  data,
  example: {},
});
