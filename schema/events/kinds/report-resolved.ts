import { z } from 'zod';
import { defineEvent } from '../define.ts';

/** The actor, a moderator, answers all reports about the subject (a post or a user). The reporters learn the outcome, not the reason. */
export const reportResolved = defineEvent({
  name: 'rookery.report.resolved',
  version: 1,
  verb: 'RESOLVE_REPORTS',
  data: z.strictObject({
    outcome: z.enum(['ACTION_TAKEN', 'NO_VIOLATION']),
    reason: z.string(),
    /** Ids of the newest reporters. */
    reporters: z.array(z.string()),
  }),
  example: { outcome: 'NO_VIOLATION', reason: 'Satire.', reporters: [] },
});
