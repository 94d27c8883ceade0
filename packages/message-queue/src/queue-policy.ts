import { createPolicy, type Policy, type PolicyMetrics } from '@rookery/runtime';
import { isWrongLastSequence, QueueDisconnectedError, QueueFullError } from './errors.ts';

/**
 * Breaker of requests that clients wait for. A server that hangs is avoided after its first missing answer,
 * so that callers with an alternative, or an error to return, do not wait for it; one request at a time
 * probes.
 */
const breaker = { threshold: 0.3, size: 3, minimum: 1, halfOpenAfterMs: 500, maxPauseMs: 2_000 };

/** Maximum number of unacknowledged publishes: beyond it the queue does not keep up, and publishing is refused. */
const maxPublishing = 4_096;

/**
 * A missing connection fails at once and must not count once it is back; "full" and "exists" are answers of a
 * server that works.
 */
const tellsOfServer = (error: unknown): boolean =>
  !(error instanceof QueueDisconnectedError || error instanceof QueueFullError || isWrongLastSequence(error));

export interface QueuePolicyOptions {
  /** Name of the queue among two. */
  readonly name: string;
  /** Maximum wait for an answer. */
  readonly timeoutMs: number;
  readonly metrics?: PolicyMetrics | undefined;
}

/** Creates the policy of requests to one queue that clients wait for. */
export const createQueuePolicy = ({ name, timeoutMs, metrics }: QueuePolicyOptions): Policy =>
  createPolicy({
    name: `queue ${name}`,
    timeoutMs,
    breaker,
    bulkhead: { limit: maxPublishing, queue: 0 },
    tellsOfTarget: tellsOfServer,
    ...(metrics ? { metrics } : {}),
  });
