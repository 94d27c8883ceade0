import { expect } from 'vitest';
import type { documentEngines } from '../support/index.ts';
import { feedPageCosts } from '../support/systems/feed-page-costs.ts';
import { readerWithFollowings } from '../support/systems/followings.ts';
import { openCostMeter } from '../support/systems/page-costs.ts';
import { startQueryWorld } from '../support/systems/query-world.ts';

/*
 * The cost law of pages: the calls to the stores, the rows that they return, and those that they look at, depend on the
 * size of the page, and on nothing else. The sizes are small here; `npm run bench:scale` measures the large ones.
 */

/**
 * Followings of the readers. The server of the tests for MongoDB sorts without indexes, so its readers follow fewer, and its pages
 * are smaller. `page-cost.long.test.ts` has thousands of followings, and on MongoDB more than the 200 scans that it merges.
 */
const sizes = { postgres: [10, 210], mongodb: [10, 40] } as const;
const pageSizes = { postgres: 10, mongodb: 5 } as const;
/** Pages that a held feed or a segment has, and pages that are read past the cap: so many that what is next to a first page is held. */
const pagesHeld = { postgres: 24, mongodb: 6 } as const;
const past = 7;

/**
 * Most calls, and most documents for each item, of a first page on Postgres with shares, quotes and replies that are hidden. A page that
 * hydrates all that is next to it takes half as many again.
 */
const most = { calls: 11, rows: 12 } as const;

/** Most bytes that a cold page and its fill read for each following. MongoDB cannot join, so that both read whom the reader follows. */
const bytesEach = { postgres: 80, mongodb: 300 } as const;

/** Checks the law for a page of the friends feed on one engine, for readers half of whose followings broadcast their posts. */
export const checkPageCost = async ({
  engine,
  documents,
}: ReturnType<typeof documentEngines>[number]): Promise<void> => {
  const pageSize = pageSizes[engine];
  const cap = pagesHeld[engine] * pageSize;
  const isPlain = engine === 'mongodb';
  const url = documents();
  await using world = await startQueryWorld({
    FEED_CAP: String(cap),
    ...(url === undefined ? {} : { DOCUMENTS_URL: url }),
  });
  await using meter = await openCostMeter(world, 'small');
  const readers = [];
  for (const followings of sizes[engine])
    readers.push(
      await readerWithFollowings(world, {
        followings,
        posts: isPlain ? 4 * cap : 2 * cap,
        isPlain,
        broadcast: true,
      }),
    );
  await world.progress();
  const costs = [];
  for (const reader of readers) {
    const { cold, ...others } = await feedPageCosts(world, meter, reader, { pageSize, cap, past });
    const { length: followings } = reader.authors;
    // Without the fill, which reads the follows, and the marks of their authors.
    const { length: marks } = reader.broadcasters;
    costs.push({
      ...others,
      followings,
      cold: cold.rows - followings - marks,
      looks: cold.examined,
      coldBytes: cold.bytes,
    });
  }
  const [smallest, ...larger] = costs;
  if (!smallest) throw new Error('nothing was measured');
  for (const cost of larger) {
    // The same calls, and the same rows except for authors who wrote several items of one page.
    for (const page of ['first', 'held', 'fresh', 'again'] as const) {
      expect(cost[page].calls, page).toBe(smallest[page].calls);
      expect(cost[page].rows).toBeLessThanOrEqual(1.3 * smallest[page].rows);
      expect(cost[page].examined).toBeLessThanOrEqual(1.3 * cost[page].rows);
      expect(cost[page].feeds).toBe(smallest[page].feeds);
    }
    expect(cost.past.calls).toBeLessThanOrEqual(2 * cost.first.calls);
    // MongoDB cannot join: it also returns the follows of the reader, once for each segment or cold page.
    const segments = Math.ceil((past * pageSize) / cap) + 1;
    const follows = engine === 'mongodb' ? (segments * cost.followings) / past : 0;
    expect(cost.past.rows - follows).toBeLessThanOrEqual(1.3 * smallest.past.rows);
    // The fill reads whom the reader follows, and since when, and not their whole follows.
    const more = cost.followings - smallest.followings;
    expect(cost.coldBytes - smallest.coldBytes).toBeLessThanOrEqual(bytesEach[engine] * more);
    if (engine === 'mongodb') continue;
    expect(cost.cold).toBeLessThanOrEqual(1.3 * smallest.cold);
    // A cold page and its fill look at each follow three times and at each mark, and at the newest items of all, not of each.
    expect(cost.looks - smallest.looks).toBeLessThanOrEqual(4 * more);
    expect(cost.past.rows).toBeLessThanOrEqual(2 * cost.first.rows);
    expect(cost.first.calls).toBeLessThanOrEqual(most.calls);
    expect(cost.first.rows).toBeLessThanOrEqual(most.rows * pageSize);
    expect(cost.first.feeds).toBe(1);
  }
};
