import { z } from 'zod';
import { defineEvent } from '../define.ts';

/** Kinds of notifications; some are reserved for versions to come. */
const notificationKinds = [
  ...(['FOLLOW', 'FOLLOW_REQUEST', 'LIKE', 'SHARE', 'REPLY'] as const),
  ...(['MENTION', 'QUOTE', 'EDIT', 'REPORT', 'SIGN_IN'] as const),
] as const;

/** People of whose acts a user is notified. */
const notificationSources = ['EVERYONE', 'FOLLOWED', 'NOBODY'] as const;

/** The actor decides of whom notifications of one kind come to them. Only the actor ever sees it. */
export const userNotificationsSet = defineEvent({
  name: 'rookery.user.notifications-set',
  version: 1,
  verb: 'SET_NOTIFICATIONS',
  data: z.strictObject({ kind: z.enum(notificationKinds), from: z.enum(notificationSources) }),
  example: { kind: 'LIKE', from: 'FOLLOWED' },
});
