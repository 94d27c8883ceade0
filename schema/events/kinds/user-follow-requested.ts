import { z } from 'zod';
import { defineEvent } from '../define.ts';

/** The actor asks the subject (a user whose account is protected) to be allowed to follow. Only the two ever see it. */
export const userFollowRequested = defineEvent({
  name: 'rookery.user.follow-requested',
  version: 1,
  verb: 'REQUEST_FOLLOW',
  data: z.strictObject({}),
  example: {},
});

/** The actor lets the subject (a user) follow. Has an effect on requests that were made before. */
export const userFollowApproved = defineEvent({
  name: 'rookery.user.follow-approved',
  version: 1,
  verb: 'APPROVE_FOLLOW',
  data: z.strictObject({}),
  example: {},
});

/** The actor refuses all requests of the subject (a user) that were made before, and ends the subject's follow. */
export const userFollowRejected = defineEvent({
  name: 'rookery.user.follow-rejected',
  version: 1,
  verb: 'REJECT_FOLLOW',
  data: z.strictObject({}),
  example: {},
});
