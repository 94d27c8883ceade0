import { z } from 'zod';

const clientText = z.string().max(100).nullable();

const operationUsage = z.strictObject({
  /** Text of the document without literals. */
  document: z.string().min(1).max(200_000),
  operationName: z.string().max(200).nullable(),
  client: z.strictObject({ name: clientText, version: clientText }),
  count: z.int().positive(),
  errors: z.int().nonnegative(),
  /** Sum over all requests. */
  durationMs: z.number().nonnegative(),
  /** Coordinates of the input fields and enum values that variables held; never their values. */
  inputs: z.array(z.string().max(300)).max(1_000),
});

/** Operations that a gateway ran since its last report. */
export const usageBatch = z.strictObject({ operations: z.array(operationUsage).min(1).max(500) });

export type UsageBatch = z.infer<typeof usageBatch>;
