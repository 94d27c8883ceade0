import { z } from 'zod';
import { defineEvent } from '../define.ts';

/**
 * The actor blocks the subject (a user): neither sees the other any more, and follows between them end. Only the actor ever
 * sees the block itself.
 */
export const userBlocked = defineEvent({
  name: 'rookery.user.blocked',
  version: 1,
  verb: 'BLOCK',
  data: z.strictObject({}),
  example: {},
});

/** The actor no longer blocks the subject (a user). Follows that the block ended do not come back. */
export const userUnblocked = defineEvent({
  name: 'rookery.user.unblocked',
  version: 1,
  verb: 'UNBLOCK',
  data: z.strictObject({}),
  example: {},
});
