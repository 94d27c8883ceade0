import { setTimeout } from 'node:timers/promises';

const longest = 2_000;

/** Waits before the next try: 100 ms doubling up to 2 s, spread over its second half; less where stopped. */
export const pause = async (failures: number, signal: AbortSignal): Promise<void> => {
  const limit = Math.min(longest, 100 * 2 ** Math.min(failures - 1, 10));
  await setTimeout(limit * (0.5 + Math.random() / 2), undefined, { signal }).catch(() => {});
};
