import { z } from 'zod';
import { defineEvent } from '../define.ts';

/** The actor creates a list of accounts, whose id is that of the event. Only the actor ever sees it. */
export const listCreated = defineEvent({
  name: 'rookery.list.created',
  version: 1,
  verb: 'CREATE_LIST',
  data: z.strictObject({ name: z.string() }),
  example: { name: 'Mathematicians' },
});
