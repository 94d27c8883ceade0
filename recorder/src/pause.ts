import { setTimeout } from 'node:timers/promises';

const longest = 2_000;

/** Waits before the next attempt: 100 ms, doubling up to 2 s, with jitter over the second half. Returns early if aborted. */
export const pause = async (failures: number, signal: AbortSignal): Promise<void> => {
  const limit = Math.min(longest, 100 * 2 ** Math.min(failures - 1, 10));
  await setTimeout(limit * (0.5 + Math.random() / 2), undefined, { signal }).catch(() => {});
};
