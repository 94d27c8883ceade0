import { defineEvent } from '../define.ts';
import { reason } from '../reason.ts';

/**
 * The actor, a moderator, suspends the subject (a user), who is hidden from everybody with everything that they have done. Only
 * moderators may know the actor and the reason.
 */
export const userSuspended = defineEvent({
  name: 'rookery.user.suspended',
  version: 1,
  verb: 'SUSPEND',
  data: reason,
  example: { reason: 'Spam.' },
});

/** The actor, a moderator, ends the suspension of the subject (a user). */
export const userUnsuspended = defineEvent({
  name: 'rookery.user.unsuspended',
  version: 1,
  verb: 'UNSUSPEND',
  data: reason,
  example: { reason: 'A mistake.' },
});
