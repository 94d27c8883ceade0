import type { Logger } from '@rookery/runtime';

/** Fills of feeds that run at the same time, and those that may wait; beyond that the next read asks again. */
const atOnce = 4;
const mayWait = 256;

export interface Fills {
  /** Fills the feed behind the read that missed it; once at a time for each feed. */
  start(feed: string, fill: () => Promise<void>): void;
}

export const createFills = (log: Logger): Fills => {
  const known = new Set<string>();
  const waiting: { feed: string; fill: () => Promise<void> }[] = [];
  let running = 0;

  const run = async (): Promise<void> => {
    running++;
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      try {
        await next.fill();
      } catch (error) {
        log.debug({ error }, 'could not fill a feed');
      }
      known.delete(next.feed);
    }
    running--;
  };

  return {
    start(feed, fill) {
      if (known.has(feed) || waiting.length >= mayWait) return;
      known.add(feed);
      waiting.push({ feed, fill });
      if (running < atOnce) void run();
    },
  };
};
