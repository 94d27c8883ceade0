import { z } from 'zod';
import { defineEvent } from '../define.ts';
import { reason } from '../reason.ts';

/** The hashtag in canonical form, of which the subject is derived, and the reason. */
const data = z.strictObject({ hashtag: z.string(), ...reason.shape });

/** The actor, a moderator, keeps a hashtag out of trends. */
export const hashtagBarred = defineEvent({
  name: 'rookery.hashtag.barred',
  version: 1,
  verb: 'BAR_HASHTAG',
  data,
  example: { hashtag: 'rooks', reason: 'Spam.' },
});

/** The actor, a moderator, lets a hashtag trend again. */
export const hashtagAllowed = defineEvent({
  name: 'rookery.hashtag.allowed',
  version: 1,
  verb: 'ALLOW_HASHTAG',
  data,
  example: { hashtag: 'rooks', reason: 'A mistake.' },
});
