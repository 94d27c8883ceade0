import { StatementTimeout } from '@rookery/stores/documents';
import type { RecountOptions } from './recount.ts';

/** Sets whose count takes too long for the path that all events take; each is counted beside it. */
export interface SlowCounts {
  isSlow(countId: string): boolean;
  /**
   * Counts one set beside the path of the other events: one set at a time, and once for all who ask meanwhile.
   * @throws StatementTimeout if it took too long even so, or if too much waits here
   */
  count(countId: string, work: (timeoutMs: number) => Promise<void>): Promise<void>;
}

export interface SlowCountsOptions {
  /** Longest time of one such count. */
  readonly timeoutMs?: number;
  /** How long a set is left alone after a count that took too long; doubles each time, up to a minute. */
  readonly firstRestMs?: number;
}

/** For commands and rebuilds, which hold nobody up: they wait for each count where they are. */
export const patientCounts: RecountOptions = { timeoutMs: 120_000 };

/** A count that takes no longer returns to the path that all events take. */
const fastMs = 500;
const longestRestMs = 60_000;
/** Sets that are known to be slow, and counts that may wait here. */
const maxKnown = 1_000;
const maxWaiting = 20;

interface Slow {
  failures: number;
  /** Not counted again before, by `performance.now()`. */
  restsUntil: number;
  /** The count that has not begun: it will see whatever is written by now. */
  next: Promise<void> | undefined;
}

/** Keeps the sets of one projection in one process that take too long to count. */
export const createSlowCounts = ({
  timeoutMs = 15_000,
  firstRestMs = 1_000,
}: SlowCountsOptions = {}): SlowCounts => {
  const known = new Map<string, Slow>();
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;

  const remember = (countId: string): Slow => {
    const slow = known.get(countId) ?? { failures: 0, restsUntil: 0, next: undefined };
    const [oldest] = known.keys();
    if (!known.has(countId) && known.size >= maxKnown && oldest !== undefined) known.delete(oldest);
    known.set(countId, slow);
    return slow;
  };

  const run = async (
    countId: string,
    slow: Slow,
    work: (timeoutMs: number) => Promise<void>,
  ): Promise<void> => {
    slow.next = undefined;
    const began = performance.now();
    if (began < slow.restsUntil)
      throw new StatementTimeout(`the count of ${countId} rests: it took too long`);
    try {
      await work(timeoutMs);
      slow.failures = 0;
      if (performance.now() - began <= fastMs) known.delete(countId);
    } catch (error) {
      if (error instanceof StatementTimeout) {
        slow.failures += 1;
        slow.restsUntil =
          performance.now() + Math.min(longestRestMs, firstRestMs * 2 ** Math.min(slow.failures - 1, 10));
      }
      throw error;
    }
  };

  return {
    isSlow: (countId) => known.has(countId),
    count(countId, work) {
      const slow = remember(countId);
      if (slow.next) return slow.next;
      if (waiting >= maxWaiting)
        return Promise.reject(new StatementTimeout(`too many slow counts wait before ${countId}`));
      waiting += 1;
      slow.next = last
        .then(() => run(countId, slow, work))
        .finally(() => {
          waiting -= 1;
        });
      last = slow.next.catch(() => {});
      return slow.next;
    },
  };
};
