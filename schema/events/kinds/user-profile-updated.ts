import { z } from 'zod';
import { defineEvent } from '../define.ts';

/** The actor changed their own profile. Absent fields stay unchanged. Subject: the user. */
export const userProfileUpdated = defineEvent({
  name: 'rookery.user.profile-updated',
  version: 1,
  verb: 'UPDATE_PROFILE',
  data: z.strictObject({
    name: z.string().optional(),
    bio: z.string().nullable().optional(),
    /** True: only followers see the actor's posts, and the actor approves who follows. */
    protected: z.boolean().optional(),
  }),
  example: { name: 'Ann', bio: null },
});
