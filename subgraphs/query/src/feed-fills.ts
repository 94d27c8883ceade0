import type { Logger } from '@rookery/runtime';

/** Fills of feeds that run concurrently, and those that may wait. Beyond that the next read of the feed tries again. */
const maxConcurrentFills = 4;
const maxWaitingFills = 256;

/** Fills feeds in Redis in the background, after a read that did not find its feed there. */
export interface FeedFills {
  /** Starts a fill, unless one of the same feed waits or runs. */
  start(feed: string, fill: () => Promise<void>): void;
}

export const createFeedFills = (log: Logger): FeedFills => {
  const pending = new Set<string>();
  const waiting: { feed: string; fill: () => Promise<void> }[] = [];
  let running = 0;

  const run = async (): Promise<void> => {
    running++;
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      try {
        await next.fill();
      } catch (error) {
        log.debug({ error }, 'failed to fill a feed; the next read tries again');
      }
      pending.delete(next.feed);
    }
    running--;
  };

  return {
    start(feed, fill) {
      if (pending.has(feed) || waiting.length >= maxWaitingFills) return;
      pending.add(feed);
      waiting.push({ feed, fill });
      if (running < maxConcurrentFills) void run();
    },
  };
};
