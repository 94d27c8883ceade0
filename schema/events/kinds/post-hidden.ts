import { defineEvent } from '../define.ts';
import { reason } from '../reason.ts';

/** The actor, a moderator, hides the subject (a post) from everybody but its author. Only moderators may know the actor and the reason. */
export const postHidden = defineEvent({
  name: 'rookery.post.hidden',
  version: 1,
  verb: 'HIDE',
  data: reason,
  example: { reason: 'Spam.' },
});

/** The actor, a moderator, shows the subject (a post) again. */
export const postUnhidden = defineEvent({
  name: 'rookery.post.unhidden',
  version: 1,
  verb: 'UNHIDE',
  data: reason,
  example: { reason: 'A mistake.' },
});
