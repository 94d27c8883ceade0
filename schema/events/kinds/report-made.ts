import { z } from 'zod';
import { defineEvent } from '../define.ts';

/**
 * The actor reports the subject (a post or a user) to the moderators. Only they, and the actor, ever see it. Repeating it replaces what the
 * actor has reported before.
 */
export const reportMade = defineEvent({
  name: 'rookery.report.made',
  version: 1,
  verb: 'REPORT',
  data: z.strictObject({
    about: z.enum(['POST', 'USER']),
    category: z.enum(['SPAM', 'HARASSMENT', 'HATE', 'VIOLENCE', 'SEXUAL', 'SELF_HARM', 'ILLEGAL', 'OTHER']),
    text: z.string().optional(),
  }),
  example: { about: 'POST', category: 'SPAM', text: 'The same link again.' },
});
