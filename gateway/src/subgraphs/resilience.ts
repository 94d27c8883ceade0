import { createPolicy, type Policy, type PolicyMetrics } from '@rookery/runtime';
import { errors } from 'undici';
import { z } from 'zod';
import { UnusableAnswerError, UnwellSubgraphError } from './subgraph-status.ts';

const whole = (min: number, max: number) => z.number().int().min(min).max(max);

/**
 * Policy for calls of one subgraph, with the keys of SUBGRAPH_POLICIES. The names of the result carry their units.
 */
const resilience = z
  .strictObject({
    /** Maximum wait for a whole answer. Milliseconds. */
    timeout: whole(10, 60_000).default(10_000),
    /** Tries after the first, of queries alone. */
    retries: whole(0, 5).default(1),
    /** Share of the calls that retries may add over time, besides a burst of ten. */
    retryRatio: z.number().min(0).max(1).default(0.1),
    /** Share of the last twenty calls whose failure opens the breaker. */
    breakerThreshold: z.number().gt(0).lt(1).default(0.5),
    /** Pause before a probe in milliseconds; doubles after each failed one, up to twenty times as long. */
    breakerPause: whole(10, 60_000).default(500),
    /** Fetches in flight at once, of which one user or anonymous address gets half. */
    concurrency: whole(1, 10_000).default(64),
    /** Fetches that wait for one of those, half of them of one user or address; one more is SERVICE_UNAVAILABLE. */
    queue: whole(0, 100_000).default(1_000),
  })
  .transform(({ timeout, breakerPause, ...rest }) => ({
    ...rest,
    timeoutMs: timeout,
    breakerPauseMs: breakerPause,
  }));

export type Resilience = Readonly<z.output<typeof resilience>>;

/** Policy as written in SUBGRAPH_POLICIES. */
export type ResilienceSetting = z.input<typeof resilience>;

/** By name; what is left out of one is as in the default. */
export const resilienceBySubgraph = z.record(z.string(), resilience);

export type ResilienceBySubgraph = z.output<typeof resilienceBySubgraph>;

export const defaultResilience: Resilience = resilience.parse({});

/** The client asked for more than fits into its time or size; the subgraph is well. */
export class ClientCausedError extends Error {
  override name = 'ClientCausedError';
}

/** Creates the policy for calls of a subgraph; the fetch itself has the time-out. */
export const subgraphPolicy = (name: string, how: Resilience, metrics: PolicyMetrics): Policy =>
  createPolicy({
    name: `subgraph ${name}`,
    ...(how.retries === 0 ? {} : { retries: { attempts: how.retries, ratio: how.retryRatio } }),
    breaker: {
      threshold: how.breakerThreshold,
      halfOpenAfterMs: how.breakerPauseMs,
      maxPauseMs: how.breakerPauseMs * 20,
    },
    bulkhead: { limit: how.concurrency, queue: how.queue, callerShare: 0.5 },
    // Transport failures, timeouts and 5xx alone: anything else a single client could bring about on purpose.
    tellsOfTarget: (error) =>
      !(error instanceof ClientCausedError) &&
      !(error instanceof UnusableAnswerError) &&
      !(error instanceof errors.ResponseExceededMaxSizeError),
    isRetryable: (error) => !(error instanceof UnwellSubgraphError && error.retryAfterSeconds !== undefined),
    metrics,
  });
