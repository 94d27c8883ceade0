import { z } from 'zod';
import { defineEvent } from './define.ts';

/** Why an accepted command had no effect. */
export const rejections = ['IDEMPOTENCY_KEY_REUSED'] as const;
export type Rejection = (typeof rejections)[number];

/**
 * The recorder refused a command that had been accepted. The event has the id of the one that it stands for, which is not
 * recorded itself. Subject: that of the refused event.
 */
export const commandRejected = defineEvent({
  name: 'rookery.command.rejected',
  version: 1,
  verb: 'of data.type',
  data: z.strictObject({
    /** Type of the refused event, with its version. */
    type: z.string(),
    reason: z.enum(rejections),
  }),
});
