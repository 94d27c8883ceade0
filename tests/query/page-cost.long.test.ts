import { describe, expect, it } from 'vitest';
import { documentEngines } from '../support/index.ts';
import { bulkDocuments } from '../support/systems/bulk-documents.ts';
import { type FeedPageCosts, feedPageCosts } from '../support/systems/feed-page-costs.ts';
import { readerWithFollowings } from '../support/systems/followings.ts';
import { openCostMeter } from '../support/systems/page-costs.ts';
import { startQueryWorld } from '../support/systems/query-world.ts';
import { checkPageCost } from './check-page-cost.ts';
import { checkSuggestionCosts } from './suggestion-costs.ts';

/*
 * The cost law of pages at 5,000 followings, with FEED_CAP as it is. The server of the tests for MongoDB has no indexes: for each
 * query it compares every item with every author, and on a busy machine that took longer than the 2 s of a statement with
 * 1,000 followings. So there are as many as need a second query, which has at most 200 authors.
 */
const shapes = {
  postgres: { followings: 5_000, cap: 800, posts: 6_000, looks: 4 },
  mongodb: { followings: 220, cap: 100, posts: 300, looks: 6 },
} as const;
const [few, pageSize] = [10, 20];
/** Items that a page reads: those that it shows, the next one, and spare ones. */
const candidates = 1.4 * pageSize + 1;

describe.each(documentEngines())('a page of the friends feed on $engine', ({ engine, documents }) => {
  it('costs as much for thousands of followings as for ten', { timeout: 900_000 }, async () => {
    const { followings, cap, posts, looks } = shapes[engine];
    const url = documents();
    await using world = await startQueryWorld({
      FEED_CAP: String(cap),
      ...(url === undefined ? {} : { DOCUMENTS_URL: url }),
    });
    await using meter = await openCostMeter(world, 'large');
    const readers = [];
    const isPlain = engine === 'mongodb';
    for (const count of [few, followings])
      readers.push(
        await readerWithFollowings(world, { followings: count, posts, isPlain, broadcast: false }),
      );
    await world.progress();
    // As many pages past the cap as a segment has.
    const options = { pageSize, cap, past: cap / pageSize };
    const costs: FeedPageCosts[] = [];
    for (const reader of readers) costs.push(await feedPageCosts(world, meter, reader, options));
    const [small, large] = costs;
    if (!small || !large) throw new Error('nothing was measured');
    for (const page of ['first', 'held', 'fresh', 'again'] as const) {
      expect(large[page].calls, page).toBe(small[page].calls);
      // A page of ten authors has fewer users and follows than one with an author for each item.
      expect(large[page].rows).toBeLessThanOrEqual(small[page].rows + 2 * (candidates - few));
      expect(large[page].examined).toBeLessThanOrEqual(1.3 * large[page].rows);
    }
    expect(large.past.calls).toBeLessThanOrEqual(2 * large.first.calls);
    expect(large.past.rows).toBeLessThanOrEqual(2 * large.first.rows);
    // Each follows the same others, so that there are suggestions.
    const bulk = bulkDocuments(world);
    const others = await bulk.users(12);
    const viewers = engine === 'postgres' ? readers : [];
    for (const { authors } of viewers)
      await bulk.relate(
        'follows',
        authors.slice(-60).flatMap((author) => others.map((other) => [author, other] as const)),
      );
    await checkSuggestionCosts(
      world,
      meter,
      viewers.map(({ reader }) => reader),
    );
    // A cold page and the fill look at each follow; all else is the same for few. On Postgres the page looks at no item of each author.
    // On MongoDB both do, since a page reads its neighbors together with its items.
    expect(large.cold.examined).toBeLessThanOrEqual(small.cold.examined + looks * (followings - few));
  });
});

const onMongo = documentEngines().filter(({ engine }) => engine === 'mongodb');

describe.each(onMongo)('a page of the friends feed on $engine', (engine) => {
  it('is the same for any number of followings, half of whom broadcast their posts', () =>
    checkPageCost(engine));
});
