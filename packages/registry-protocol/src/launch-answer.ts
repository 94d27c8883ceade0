import { z } from 'zod';

const launch = z.int().positive().nullable();

/** Name of a gateway, unlike that of all others. */
export const gatewayName = z.string().regex(/^[\w.-]{1,100}$/, 'must be letters, digits, dots and hyphens');

/** Answer of a gateway to a launch. */
export const launchAnswer = z.strictObject({
  /** Null if the signature was wrong, so that the number cannot be trusted: the current launch is meant. */
  launch,
  /** Launch that the gateway serves now. */
  serves: launch,
  outcome: z.enum(['served', 'refused']),
  reason: z.string().max(1_000).optional(),
});

export type LaunchAnswer = z.infer<typeof launchAnswer>;
