import { z } from 'zod';
import { defineEvent } from '../define.ts';

/** The actor has another handle, which the accounts have given to them alone. Subject: the user. */
export const userHandleChanged = defineEvent({
  name: 'rookery.user.handle-changed',
  version: 1,
  verb: 'CHANGE_HANDLE',
  data: z.strictObject({ handle: z.string() }),
  example: { handle: 'anna' },
});
