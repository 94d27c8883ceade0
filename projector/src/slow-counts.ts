import { StatementTimeoutError } from '@rookery/document-store';
import { backoffMs } from '@rookery/runtime';
import type { RecountOptions } from './recount.ts';

/** Sets that take too long to count for the common path. Each is counted in the background. */
export interface SlowCounts {
  isSlow(countId: string): boolean;
  /**
   * Counts one set in the background: one set at a time, and once for all callers that wait.
   * @throws StatementTimeoutError if even this takes too long, or if too many counts wait
   */
  count(countId: string, work: (timeoutMs: number) => Promise<void>): Promise<void>;
}

export interface SlowCountsOptions {
  /** Limit of one such count. */
  readonly timeoutMs?: number;
  /** Pause of a set after a count that took too long. Doubles each time, up to a minute. */
  readonly firstRestMs?: number;
}

/** Options of commands and rebuilds, which block no other work: they wait for each count. */
export const patientCounts: RecountOptions = { timeoutMs: 120_000 };

/** A count within this time returns to the common path. */
const fastMs = 500;
const longestRestMs = 60_000;
/** Maximum number of known slow sets, and of waiting counts. */
const maxKnown = 1_000;
const maxWaiting = 20;

interface Slow {
  failures: number;
  /** Earliest time of the next count, by `performance.now()`. */
  restsUntil: number;
  /** Pending count that has not begun: it will see all current writes. */
  next: Promise<void> | undefined;
}

/** Tracks the slow sets of one projection in one process. */
export const createSlowCounts = ({
  timeoutMs = 15_000,
  firstRestMs = 1_000,
}: SlowCountsOptions = {}): SlowCounts => {
  const rests = { firstMs: firstRestMs, maxMs: longestRestMs, jitter: 'none' } as const;
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
      throw new StatementTimeoutError(`the count of ${countId} rests: it took too long`);
    try {
      await work(timeoutMs);
      slow.failures = 0;
      if (performance.now() - began <= fastMs) known.delete(countId);
    } catch (error) {
      if (error instanceof StatementTimeoutError) {
        slow.failures += 1;
        slow.restsUntil = performance.now() + backoffMs(slow.failures, rests);
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
        return Promise.reject(new StatementTimeoutError(`too many slow counts wait before ${countId}`));
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
