import { z } from 'zod';
import { defineEvent } from './define.ts';

/** The actor changed their own profile; a field that is absent stays as it is. Subject: the user. */
export const userProfileUpdated = defineEvent({
  name: 'rookery.user.profile-updated',
  version: 1,
  verb: 'UPDATE_PROFILE',
  data: z.strictObject({ name: z.string().optional(), bio: z.string().nullable().optional() }),
});
