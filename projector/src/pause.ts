import { setTimeout } from 'node:timers/promises';

/**
 * Waits before the next attempt: `first` ms, doubling up to `longest`, with jitter over the second half.
 * Returns early if aborted.
 */
export const pause = async (
  failures: number,
  { first = 100, longest = 2_000, signal }: { first?: number; longest?: number; signal: AbortSignal },
): Promise<void> => {
  const limit = Math.min(longest, first * 2 ** Math.min(failures - 1, 20));
  await setTimeout(limit * (0.5 + Math.random() / 2), undefined, { signal }).catch(() => {});
};
