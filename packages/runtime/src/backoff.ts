import { setTimeout } from 'node:timers/promises';
import { fullJitterGenerator, halfJitterGenerator, noJitterGenerator } from 'cockatiel';

/**
 * Random part of a delay. `half` keeps at least half of it, `full` may take all of it, for thousands of clients that
 * would return at once, and `none` is for delays of which a sum is promised.
 */
type Jitter = 'half' | 'full' | 'none';

export interface BackoffOptions {
  /** Delay after the first failure. Default 100. */
  readonly firstMs?: number;
  /** Maximum delay. Default 2,000. */
  readonly maxMs?: number;
  /** Default half. */
  readonly jitter?: Jitter;
}

const generators = { half: halfJitterGenerator, full: fullJitterGenerator, none: noJitterGenerator };

/** Returns the delay before the next attempt, which doubles with each failure. `failures` counts from 1. */
export const backoffMs = (
  failures: number,
  { firstMs = 100, maxMs = 2_000, jitter = 'half' }: BackoffOptions = {},
): number => {
  const generator = generators[jitter];
  const options = { initialDelay: firstMs, maxDelay: maxMs, exponent: 2 };
  const [delay] = generator(failures - 1, { ...options, generator });
  return delay;
};

/** Returns a delay of which up to `share` is added or taken off at random, so that processes do not act in step. */
export const jittered = (ms: number, share: number): number => ms * (1 - share + 2 * share * Math.random());

/** Waits before the next attempt. Returns early if aborted. */
export const waitBeforeRetry = async (
  failures: number,
  { signal, ...options }: BackoffOptions & { readonly signal: AbortSignal },
): Promise<void> => {
  await setTimeout(backoffMs(failures, options), undefined, { signal }).catch(() => {});
};
