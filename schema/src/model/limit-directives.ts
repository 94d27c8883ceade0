import { z } from 'zod';

/** Arguments of @rateLimit. */
export const rateLimitArguments = z.object({
  limit: z.number().positive(),
  /** In seconds. */
  window: z.number().positive(),
  key: z.string().default('viewer'),
});

/** Arguments of @listSize of the IBM cost specification, as Apollo Federation 2.9 has it. */
export const listSizeArguments = z.object({
  assumedSize: z.number().nullish(),
  slicingArguments: z.array(z.string()).nullish(),
  sizedFields: z.array(z.string()).nullish(),
  /** The gateway does not enforce it. */
  requireOneSlicingArgument: z.boolean().nullish(),
});
