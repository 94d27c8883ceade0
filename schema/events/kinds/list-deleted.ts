import { z } from 'zod';
import { defineEvent } from '../define.ts';

/** The actor deletes the subject (a list of the actor's), for good. */
export const listDeleted = defineEvent({
  name: 'rookery.list.deleted',
  version: 1,
  verb: 'DELETE_LIST',
  data: z.strictObject({}),
  example: {},
});
