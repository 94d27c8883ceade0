import { z } from 'zod';
import { defineEvent, verbOfDataType } from '../define.ts';

/** Reasons why an accepted command has no effect. */
export const rejections = ['IDEMPOTENCY_KEY_REUSED'] as const;
export type Rejection = (typeof rejections)[number];

/**
 * The recorder refused an accepted command. The event has the id and the subject of the refused event, which
 * is not recorded itself.
 */
export const commandRejected = defineEvent({
  name: 'rookery.command.rejected',
  version: 1,
  verb: verbOfDataType,
  data: z.strictObject({
    /** Type of the refused event, with its version. */
    type: z.string(),
    reason: z.enum(rejections),
  }),
  example: { type: 'rookery.post.liked.v1', reason: 'IDEMPOTENCY_KEY_REUSED' },
});
