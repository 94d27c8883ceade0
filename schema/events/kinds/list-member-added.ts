import { z } from 'zod';
import { defineEvent } from '../define.ts';

const member = z.uuid();

/** The actor adds a user to the subject (a list of the actor's). Only the actor ever sees it. */
export const listMemberAdded = defineEvent({
  name: 'rookery.list.member-added',
  version: 1,
  verb: 'ADD_TO_LIST',
  data: z.strictObject({ member }),
  example: { member: '0b0de0ea-8a3c-4f4c-a7d5-6c4b5c7b5f1e' },
});

/** The actor removes a user from the subject (a list of the actor's). */
export const listMemberRemoved = defineEvent({
  name: 'rookery.list.member-removed',
  version: 1,
  verb: 'REMOVE_FROM_LIST',
  data: z.strictObject({ member }),
  example: { member: '0b0de0ea-8a3c-4f4c-a7d5-6c4b5c7b5f1e' },
});
