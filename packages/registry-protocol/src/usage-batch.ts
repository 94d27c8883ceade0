import { z } from 'zod';
import { storable } from './storable-text.ts';

const clientText = storable(z.string().max(100)).nullable();

/** Most operations of one report. */
export const maxOperationsOfBatch = 500;
/** Most coordinates of one operation. */
export const maxInputsOfOperation = 1_000;

const operationOfClient = {
  /** Text of the document without literals. */
  document: storable(z.string().min(1).max(200_000)),
  operationName: storable(z.string().max(200)).nullable(),
  client: z.strictObject({ name: clientText, version: clientText }),
  /** Coordinates of the input fields and enum values that variables held; never their values. */
  inputs: z.array(storable(z.string().max(300))).max(maxInputsOfOperation),
};

/** Use of one operation by one client. */
export const operationUsage = z.strictObject({
  ...operationOfClient,
  count: z.int().positive(),
  errors: z.int().nonnegative(),
  /** Sum over all requests. */
  durationMs: z.number().nonnegative(),
});

export type OperationUsage = z.infer<typeof operationUsage>;

/** Operations that a gateway ran since its last report. */
export const usageBatch = z.strictObject({
  operations: z.array(operationUsage).min(1).max(maxOperationsOfBatch),
});

export type UsageBatch = z.infer<typeof usageBatch>;

/** Subscriptions to one operation that one client has open at a gateway. */
export const openSubscriptions = z.strictObject({ ...operationOfClient, open: z.int().positive() });

export type OpenSubscriptions = z.infer<typeof openSubscriptions>;

/** One part of a gateway's open subscriptions. All parts together replace those of its report before. */
export const openSubscriptionsPart = z.strictObject({
  /** Number of the report. All its parts have the same. */
  report: z.int().positive(),
  /** True in the last part. */
  last: z.boolean(),
  subscriptions: z.array(openSubscriptions).max(maxOperationsOfBatch),
});

export type OpenSubscriptionsPart = z.infer<typeof openSubscriptionsPart>;
