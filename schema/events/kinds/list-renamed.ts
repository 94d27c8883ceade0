import { z } from 'zod';
import { defineEvent } from '../define.ts';

/** The actor gives the subject (a list of the actor's) another name. */
export const listRenamed = defineEvent({
  name: 'rookery.list.renamed',
  version: 1,
  verb: 'RENAME_LIST',
  data: z.strictObject({ name: z.string() }),
  example: { name: 'Engineers' },
});
