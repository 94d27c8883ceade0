import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventuallyPasses } from '../support/eventually-passes.ts';
import { documentEngines } from '../support/index.ts';
import { readerWithFollowings } from '../support/systems/followings.ts';
import { type Connection, codes, type QueryWorld, startQueryWorld } from '../support/systems/query-world.ts';

/*
 * The cost law of pages: the calls to the stores and the rows that they return depend on the size of the page, and on
 * nothing else. The sizes are small here; `npm run bench:scale` measures the large ones.
 */

/**
 * Followings of the readers: more than 1,000, as many follows as anything reads at once; and more than 200, as many scans
 * as MongoDB merges. The server of the tests for MongoDB sorts without indexes, so its sizes are smaller.
 */
const shapes = {
  postgres: { sizes: [10, 300, 1_500], pageSize: 10, cap: 100 },
  mongodb: { sizes: [10, 210], pageSize: 5, cap: 40 },
} as const;

interface Cost {
  readonly calls: number;
  readonly rows: number;
  readonly feeds: number;
}

const query = `query ($first: Int, $after: String) { friendsFeed(first: $first, after: $after) {
  edges { cursor node { id actor { handle } post { id body author { handle } } } } pageInfo { hasNextPage endCursor } } }`;

describe.each(documentEngines())('a page of the friends feed on $engine', ({ engine, documents }) => {
  describe('the cost law', () => {
    const { sizes, pageSize, cap } = shapes[engine];
    let world: QueryWorld;
    beforeAll(async () => {
      const url = documents();
      world = await startQueryWorld({
        FEED_CAP: String(cap),
        ...(url === undefined ? {} : { DOCUMENTS_URL: url }),
      });
    });
    afterAll(() => world[Symbol.asyncDispose]());

    const spent = async (): Promise<Cost> => ({
      calls: await world.metric('rookery_query_store_calls_total', { store: 'documents' }),
      rows: await world.metric('rookery_query_store_rows_total', { store: 'documents' }),
      feeds: await world.metric('rookery_query_store_calls_total', { store: 'feeds' }),
    });
    const costOf = async <T>(
      read: () => Promise<T>,
    ): Promise<{ readonly result: T; readonly cost: Cost }> => {
      const before = await spent();
      const result = await read();
      const { calls, rows, feeds } = await spent();
      return {
        result,
        cost: { calls: calls - before.calls, rows: rows - before.rows, feeds: feeds - before.feeds },
      };
    };
    const readPage = async (viewer: string, after?: string | null, first: number = pageSize) => {
      const answer = await world.ask<{ friendsFeed: Connection<{ id: string }> }>(
        query,
        { viewer },
        { first, after },
      );
      expect(codes(answer)).toBeUndefined();
      const { edges, pageInfo } = answer.data.friendsFeed;
      expect(edges).toHaveLength(first);
      return { ids: edges.map(({ node }) => node.id), endCursor: pageInfo.endCursor };
    };

    /** Cost of each kind of page for a reader who follows so many. */
    const measure = async (followings: number, broadcast: boolean) => {
      const posts = 4 * cap;
      const { reader, authors } = await readerWithFollowings(world, { followings, posts, broadcast });
      await world.progress();
      // A cold page, and the fill that it starts.
      const cold = await costOf(async () => {
        const { ids } = await readPage(reader);
        await eventuallyPasses(async () => expect(await world.holds(reader)).toBe(true));
        return ids;
      });
      const first = await costOf(() => readPage(reader));
      expect(first.result.ids).toEqual(cold.result);
      const seen = [...first.result.ids];
      const next = async (pages: number, after: string | null) => {
        let cursor = after;
        for (let page = 0; page < pages; page++) {
          const { ids, endCursor } = await readPage(reader, cursor);
          seen.push(...ids);
          cursor = endCursor;
        }
        return cursor;
      };
      const held = await costOf(() => next(3, first.result.endCursor));
      const { ids, endCursor } = await readPage(reader, held.result, cap - seen.length);
      seen.push(...ids);
      const past = await costOf(() => next(12, endCursor));
      // Nothing twice, and nothing left out: the newest posts of everybody.
      expect(new Set(seen).size).toBe(seen.length);
      // One more post, by somebody whose posts are broadcast or written to the feed.
      const author = authors.at(-1) ?? '';
      const id = await world.post(author);
      if (!broadcast) await world.fanOut(id, [reader]);
      await world.progress();
      const fresh = await costOf(() => readPage(reader));
      expect(fresh.result.ids[0]).toBe(id);
      await eventuallyPasses(async () =>
        expect((await world.feedUpTo(reader)) >= world.head).toBe(broadcast),
      );
      const again = await costOf(() => readPage(reader));
      return {
        cold: cold.cost,
        first: first.cost,
        held: perPage(held.cost, 3),
        past: perPage(past.cost, 12),
        fresh: fresh.cost,
        again: again.cost,
      };
    };
    const perPage = ({ calls, rows, feeds }: Cost, pages: number): Cost => ({
      calls: calls / pages,
      rows: rows / pages,
      feeds: feeds / pages,
    });

    it.each([{ broadcast: false }, { broadcast: true }])(
      'is the same for any number of followings, if their posts are broadcast: $broadcast',
      async ({ broadcast }) => {
        const costs = [];
        for (const size of sizes) costs.push(await measure(size, broadcast));
        const [smallest, ...larger] = costs.map(({ cold, ...costs }, i) => ({
          ...costs,
          // Without the fill behind it, which reads the follows, and the marks of their authors.
          cold: cold.rows - (sizes[i] ?? 0) * (broadcast ? 2 : 1),
        }));
        if (!smallest) throw new Error('nothing was measured');
        for (const cost of larger) {
          // The same calls, and the same rows except for authors who wrote several items of one page.
          for (const page of ['first', 'held', 'fresh', 'again'] as const) {
            expect(cost[page].calls).toBe(smallest[page].calls);
            expect(cost[page].rows).toBeLessThanOrEqual(1.3 * smallest[page].rows);
            expect(cost[page].feeds).toBe(smallest[page].feeds);
          }
          expect(cost.past.calls).toBeLessThanOrEqual(2 * cost.first.calls);
          // MongoDB cannot join: it also returns the follows of the reader, once for each segment or cold page.
          if (engine === 'mongodb') continue;
          expect(cost.cold).toBeLessThanOrEqual(1.3 * smallest.cold);
          expect(cost.past.rows).toBeLessThanOrEqual(1.3 * smallest.past.rows);
          expect(cost.past.rows).toBeLessThanOrEqual(2 * cost.first.rows);
        }
      },
      120_000,
    );
  });
});
