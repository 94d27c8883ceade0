import { z } from 'zod';

const operationUsage = z.strictObject({
  /** Text of the document, normalized or as it was sent. */
  document: z.string().min(1),
  /** Name of the operation, if the document has several. */
  operationName: z.string().nullish(),
  client: z.strictObject({ name: z.string(), version: z.string().nullable() }),
  /** Requests in the window. */
  count: z.int().nonnegative(),
  lastSeen: z.iso.datetime(),
  /** Subscriptions of this operation that were open at the last report. */
  openSubscriptions: z.int().nonnegative().optional(),
  /**
   * Coordinates of the input fields and enum values that variables held: `Filter.text`, `Color.RED`. Absent if they were
   * not recorded, so that any of them may have been sent.
   */
  inputs: z.array(z.string()).readonly().optional(),
});

/** Requests of one operation by one version of one client. */
export type OperationUsage = z.infer<typeof operationUsage>;

export const usageReport = z.strictObject({
  version: z.literal(1),
  from: z.iso.datetime(),
  to: z.iso.datetime(),
  operations: z.array(operationUsage).readonly(),
});

/** Recorded traffic of a period. */
export type UsageReport = z.infer<typeof usageReport>;

interface UsageWindow {
  readonly from: Date;
  readonly to: Date;
}

/** Source of recorded traffic: a file, or the registry's server. */
export interface UsageSource {
  /** Path or address, as in messages. */
  readonly name: string;
  /**
   * Reads the operations that were seen in a window.
   * @throws InputError if a file is unavailable or invalid
   * @throws CommandError if a registry is
   */
  read(window: UsageWindow): Promise<UsageReport>;
}

/** An operation that an app version ships with: live whether or not it was seen. */
export interface TrustedDocument {
  readonly id: string;
  readonly document: string;
  readonly client: { readonly name: string; readonly version: string | null };
}
