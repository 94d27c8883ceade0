import { z } from 'zod';
import { defineEvent } from '../define.ts';
import { muteUntil } from '../mute-until.ts';

/** The actor mutes the subject (a user), until a time or for good. Only the actor ever sees it. */
export const userMuted = defineEvent({
  name: 'rookery.user.muted',
  version: 1,
  verb: 'MUTE',
  data: z.strictObject({ until: muteUntil }),
  example: { until: '2026-03-21T09:26:24.752Z' },
});

/** The actor no longer mutes the subject (a user). */
export const userUnmuted = defineEvent({
  name: 'rookery.user.unmuted',
  version: 1,
  verb: 'UNMUTE',
  data: z.strictObject({}),
  example: {},
});
