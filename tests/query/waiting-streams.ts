import { vi } from 'vitest';

/** Time after which a stream looks without a hint, in milliseconds: so long that none does before a test ends. No other timer is as long. */
export const neverMs = 1_000_000_000;

/**
 * Counts the live streams of this process that wait for a hint, if they look by themselves after `neverMs`: they differ from those
 * that look or pause by nothing else that can be seen, and a stream that still looks finds a change that nobody has announced.
 */
export const countWaitingStreams = () => {
  const { setTimeout, clearTimeout } = globalThis;
  const waiting = new Set<unknown>();
  const begun = vi.spyOn(globalThis, 'setTimeout').mockImplementation(((
    callback: () => void,
    ms?: number,
    ...args: []
  ) => {
    const timer = setTimeout(callback, ms, ...args);
    // The time varies by half.
    if (ms !== undefined && ms >= neverMs / 2) waiting.add(timer);
    return timer;
  }) as typeof setTimeout);
  const ended = vi.spyOn(globalThis, 'clearTimeout').mockImplementation((timer) => {
    waiting.delete(timer);
    clearTimeout(timer);
  });
  return {
    count: () => waiting.size,
    [Symbol.dispose]: () => {
      begun.mockRestore();
      ended.mockRestore();
    },
  };
};
