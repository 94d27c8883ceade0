import { expect } from 'vitest';
import { eventuallyPasses } from '../eventually-passes.ts';
import type { ReaderWithFollowings } from './followings.ts';
import { type CostMeter, type PageCost, perPage } from './page-costs.ts';
import type { Connection, QueryWorld } from './query-world.ts';
import { dataOf, untilInTime } from './stores-in-time.ts';

const queryOf = (
  more: string,
): string => `query ($first: Int, $after: String) { friendsFeed(first: $first, after: $after) {
  edges { cursor node { id verb actor { handle } ${more}
    post { id body likeCount shareCount replyCount author { handle } quotedPost { id body author { handle } } } } }
  pageInfo { hasNextPage endCursor } } }`;
/** Sharers are looked for among newer items, which a page past the cap has to read. */
const [plain, withSharers] = [queryOf(''), queryOf('sharers { handle } sharerCount')];

export interface FeedPages {
  readonly pageSize: number;
  /** Value of FEED_CAP. */
  readonly cap: number;
  /** Number of pages that are read past the cap. */
  readonly past: number;
}

/** Costs of one page of each kind. */
export interface FeedPageCosts {
  /** A page of a feed that is not held, with the fill that follows. */
  readonly cold: PageCost;
  readonly first: PageCost;
  readonly held: PageCost;
  readonly past: PageCost;
  /** The first page after a new post, or after two of which one was broadcast; and once more. */
  readonly fresh: PageCost;
  readonly again: PageCost;
}

/** Reads the friends feed of a reader page by page, and checks that no post is missing or twice. */
export const feedPageCosts = async (
  world: QueryWorld,
  { costOf }: Pick<CostMeter, 'costOf'>,
  { reader, authors, broadcasters }: ReaderWithFollowings,
  { pageSize, cap, past }: FeedPages,
): Promise<FeedPageCosts> => {
  const readPage = async (after?: string | null, first: number = pageSize, query = withSharers) => {
    const answer = await world.ask<{ friendsFeed: Connection<{ id: string }> }>(
      query,
      { viewer: reader },
      { first, after },
    );
    const { edges, pageInfo } = dataOf(answer).friendsFeed;
    expect(edges).toHaveLength(first);
    return { ids: edges.map(({ node }) => node.id), endCursor: pageInfo.endCursor };
  };
  const cold = await costOf(async () => {
    const { ids } = await readPage();
    await eventuallyPasses(async () => expect(await world.holds(reader)).toBe(true));
    return ids;
  });
  const first = await costOf(() => readPage());
  expect(first.result.ids).toEqual(cold.result);
  const seen = [...first.result.ids];
  const next = async (pages: number, after: string | null, query?: string) => {
    const all: string[] = [];
    let cursor = after;
    for (let page = 0; page < pages; page++) {
      const { ids, endCursor } = await readPage(cursor, pageSize, query);
      all.push(...ids);
      cursor = endCursor;
    }
    return { ids: all, cursor };
  };
  const held = await costOf(() => next(3, first.result.endCursor));
  seen.push(...held.result.ids);
  let { cursor } = held.result;
  while (seen.length < cap) {
    const { ids, endCursor } = await untilInTime(() => readPage(cursor, Math.min(100, cap - seen.length)));
    seen.push(...ids);
    cursor = endCursor;
  }
  const pastCap = await costOf(() => next(past, cursor, plain));
  seen.push(...pastCap.result.ids);
  // Nothing twice, and nothing left out: the newest posts of everybody.
  expect(new Set(seen).size).toBe(seen.length);
  const written = await world.post(authors.find((author) => !broadcasters.includes(author)) ?? '');
  await world.fanOut(written, [reader]);
  const [broadcaster] = broadcasters;
  const newest = broadcaster === undefined ? [written] : [await world.post(broadcaster), written];
  await world.progress();
  const fresh = await costOf(() => readPage());
  expect(fresh.result.ids.slice(0, newest.length)).toEqual(newest);
  if (broadcaster !== undefined)
    await eventuallyPasses(async () =>
      expect(await world.feedUpTo(reader)).toBeGreaterThanOrEqual(world.head),
    );
  const again = await costOf(() => readPage());
  return {
    cold: cold.cost,
    first: first.cost,
    held: perPage(held.cost, 3),
    past: perPage(pastCap.cost, past),
    fresh: fresh.cost,
    again: again.cost,
  };
};
