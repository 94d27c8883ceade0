import { z } from 'zod';
import { defineEvent } from '../define.ts';
import { muteUntil } from '../mute-until.ts';

/** The actor mutes the thread that the subject (a post) begins, until a time or for good. Only the actor ever sees it. */
export const postThreadMuted = defineEvent({
  name: 'rookery.post.thread-muted',
  version: 1,
  verb: 'MUTE_THREAD',
  data: z.strictObject({ until: muteUntil }),
  example: { until: '2026-03-21T09:26:24.752Z' },
});

/** The actor no longer mutes the thread that the subject (a post) begins. */
export const postThreadUnmuted = defineEvent({
  name: 'rookery.post.thread-unmuted',
  version: 1,
  verb: 'UNMUTE_THREAD',
  data: z.strictObject({}),
  example: {},
});
