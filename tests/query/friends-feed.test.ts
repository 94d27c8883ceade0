import { feedKey } from '@rookery/read-models';
import { newId } from '@rookery/runtime';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { eventuallyPasses } from '../support/eventually-passes.ts';
import { withoutRepeats } from '../support/model/friends-feeds.ts';
import { type CostMeter, openCostMeter } from '../support/systems/page-costs.ts';
import { type Connection, codes, type QueryWorld, startQueryWorld } from '../support/systems/query-world.ts';
import { busyFeed, readAll, sharersAt } from './busy-feed.ts';

let world: QueryWorld;
let reader: string;
let ada: string;
let bob: string;

beforeAll(async () => {
  world = await startQueryWorld();
});
afterAll(() => world[Symbol.asyncDispose]());
beforeEach(async () => {
  [reader, ada, bob] = [await world.user(), await world.user(), await world.user()];
  await world.relate('follows', reader, ada);
  await world.relate('follows', reader, bob);
});

interface Item {
  readonly id: string;
}

const query = `query ($first: Int = 20, $after: String) {
  friendsFeed(first: $first, after: $after) { edges { cursor node { id } } pageInfo { hasNextPage endCursor } }
}`;

const page = async (variables: { first?: number; after?: string | null } = {}) => {
  const answer = await world.ask<{ friendsFeed: Connection<Item> }>(query, { viewer: reader }, variables);
  if (answer.errors) throw new Error(JSON.stringify(answer.errors));
  const { edges, pageInfo } = answer.data.friendsFeed;
  return { ids: edges.map(({ node }) => node.id), edges, ...pageInfo };
};

/** Every page, one after the other. */
const pages = async (first: number, between: () => Promise<unknown> = async () => {}) => {
  const seen: string[] = [];
  for (let after: string | null = null; ; ) {
    const { ids, hasNextPage, endCursor } = await page({ first, after });
    seen.push(...ids);
    if (!hasNextPage) return seen;
    after = endCursor;
    await between();
  }
};

const sources = async () => ({
  redis: await world.metric('rookery_query_feed_reads_total', { source: 'redis' }),
  documents: await world.metric('rookery_query_feed_reads_total', { source: 'documents' }),
});

/** Reads until the feed has been filled behind a read, and Redis answers. */
const filled = () =>
  eventuallyPasses(async () => {
    const before = await sources();
    await page({ first: 1 });
    const { redis, documents } = await sources();
    expect(redis).toBeGreaterThan(before.redis);
    expect(documents).toBe(before.documents);
  });

describe('the friends feed', () => {
  it('comes from the documents first, then from Redis, and is the same', async () => {
    const posts: string[] = [];
    for (let i = 0; i < 5; i++) posts.unshift(await world.post(i % 2 ? ada : bob));
    posts.unshift(await world.share(ada, await world.post(await world.user())));
    await world.progress();
    expect((await page()).ids).toEqual(posts);
    await filled();
    expect((await page()).ids).toEqual(posts);
    expect(await pages(2)).toEqual(posts);
  });

  it('goes on in the documents beyond what Redis holds, with the same cursors, while posts arrive', async () => {
    const posts: string[] = [];
    for (let i = 0; i < 70; i++) posts.unshift(await world.post(ada));
    await world.progress();
    await filled();
    const arrive = async () => {
      await world.fanOut(await world.post(bob), [reader]);
      await world.progress();
    };
    expect(await pages(20, arrive)).toEqual(posts);
    // FEED_CAP is 50: the first pages are Redis's, the last can't be.
    const after = await sources();
    expect(after.redis).toBeGreaterThan(1);
    expect(after.documents).toBeGreaterThan(1);
  });

  it('merges authors who have too many followers to be written to each feed', async () => {
    const posts = [await world.post(ada), await world.post(bob)];
    await world.progress();
    await page();
    await filled();
    await world.change('authors', bob, { big: true });
    posts.push(await world.post(bob), await world.post(ada), await world.post(bob));
    await world.fanOut(posts[3] ?? '', [reader]);
    await world.progress();
    expect((await page()).ids).toEqual(posts.toReversed());
    expect(await pages(2)).toEqual(posts.toReversed());
  });

  it('is filled again if it lacks more broadcasts than a read adds', async () => {
    await world.change('authors', bob, { big: true });
    await world.post(ada);
    await world.progress();
    await page();
    await filled();
    const fills = await world.metric('rookery_query_feed_fills_total');
    const posts: string[] = [];
    for (let i = 0; i < 3; i++) posts.unshift(await world.post(bob));
    // Broadcasts of the rest of the network: later ones of the same posts would do as well.
    const strangers = Array.from({ length: 260 }, () => ({
      id: newId(),
      doc: { actor: newId(), position: world.nextPosition() },
    }));
    await world.documents.collection('broadcasts').insertMany(strangers);
    posts.unshift(await world.post(bob));
    await world.progress();
    expect((await page({ first: 4 })).ids).toEqual(posts);
    await eventuallyPasses(async () =>
      expect(await world.metric('rookery_query_feed_fills_total')).toBe(fills + 1),
    );
    await filled();
    expect((await page({ first: 4 })).ids).toEqual(posts);
  });

  it('has the items of somebody who is followed while it is paged beyond what Redis holds', async () => {
    const cleo = await world.user();
    const posts: { id: string; author: string }[] = [];
    for (let i = 0; i < 90; i++) {
      const author = i % 3 ? ada : cleo;
      posts.unshift({ id: await world.post(author), author });
    }
    await world.progress();
    await page();
    await filled();
    const ids = (of: readonly { id: string }[]) => of.map(({ id }) => id);
    const own = posts.filter(({ author }) => author === ada);
    const first = await page({ first: 52 });
    expect(first.ids).toEqual(ids(own.slice(0, 52)));
    const segments = async () => world.metric('rookery_query_feed_reads_total', { source: 'segment' });
    const served = await segments();
    await eventuallyPasses(async () => {
      expect((await page({ first: 2, after: first.endCursor })).ids).toEqual(ids(own.slice(52, 54)));
      expect(await segments()).toBeGreaterThan(served);
    });
    await world.relate('follows', reader, cleo);
    await world.progress();
    const from = posts.findIndex(({ id }) => id === own[51]?.id) + 1;
    expect((await page({ first: 10, after: first.endCursor })).ids).toEqual(
      ids(posts.slice(from, from + 10)),
    );
    await world.relate('follows', reader, cleo, false);
    await world.progress();
    expect((await page({ first: 5, after: first.endCursor })).ids).toEqual(ids(own.slice(52, 57)));
  });

  it('shows a share that moves to the top while somebody pages in one place only', async () => {
    const posts: string[] = [];
    const shared = await world.post(await world.user());
    for (let i = 0; i < 6; i++) posts.unshift(await world.post(ada));
    const item = await world.share(bob, shared);
    posts.unshift(item, await world.post(ada));
    posts.splice(0, 2, posts[1] ?? '', item);
    await world.progress();
    await page();
    await filled();
    const { ids, endCursor } = await page({ first: 1 });
    expect(ids).toEqual([posts[0]]);
    // The documents are ahead of Redis, which still has it at its old position.
    await world.share(bob, shared);
    await world.progress();
    expect((await page({ after: endCursor })).ids).toEqual(posts.slice(2));
    await world.fanOut(item, [reader]);
    expect((await page()).ids).toEqual([item, posts[0], ...posts.slice(2)]);
    expect(await pages(2)).toEqual([item, posts[0], ...posts.slice(2)]);
  });

  it('shows nothing that is denied, whatever Redis says', async () => {
    const kept = await world.post(ada);
    const [inactive, deleted, unfollowed] = [
      await world.post(ada),
      await world.post(ada),
      await world.post(bob),
    ];
    await world.progress();
    await page();
    await filled();
    await world.change('items', inactive, { active: false });
    await world.change('posts', deleted, { deleted: true });
    await world.relate('follows', reader, bob, false);
    expect((await page()).ids).toEqual([kept]);
    expect((await page({ first: 1 })).ids).toEqual([kept]);
    expect(unfollowed).not.toBe(kept);
  });

  it('ends at the position of the slowest projection that it needs, so that no item appears below a cursor', async () => {
    const first = await world.post(ada);
    await world.progress();
    const second = await world.post(bob);
    await world.progress(world.head, ['feeds', 'profiles']);
    expect((await page()).ids).toEqual([first]);
    await world.progress(world.head, ['posts']);
    expect((await page()).ids).toEqual([second, first]);
  });

  it('joins the audiences of those whom its reader follows before it is filled', async () => {
    await world.post(ada);
    await world.progress();
    // In the epoch of the test that ran before this one, whichever that is.
    const { epoch } = (
      await world.documents.collection<{ epoch: number }>('progress').getMany(['feeds'])
    ).get('feeds')?.doc ?? { epoch: 0 };
    const audience = feedKey(ada, epoch);
    await (await world.feeds.audiences.beginBuild([audience])).end();
    await page();
    await filled();
    const found = await world.feeds.audiences.members(audience, 0, 10);
    expect(found?.members.map(({ feed }) => feed)).toEqual([feedKey(reader, epoch)]);
  });

  it('is filled again in a new epoch', async () => {
    const first = await world.post(ada);
    await world.progress();
    await page();
    await filled();
    // Redis did not take this one, so the projector raised the epoch.
    const second = await world.post(ada);
    await world.raiseEpoch();
    await world.progress();
    expect((await page()).ids).toEqual([second, first]);
    await filled();
    expect((await page()).ids).toEqual([second, first]);
  });

  it('is empty for one who follows nobody', async () => {
    reader = await world.user();
    await world.progress();
    const { endCursor } = await page();
    expect(await page()).toMatchObject({ ids: [], hasNextPage: false, endCursor: expect.any(String) });
    expect(await page({ after: endCursor })).toMatchObject({ ids: [], hasNextPage: false, endCursor });
  });
});

describe('a post that several friends share', () => {
  it('comes up once among 40 items on pages of any size and direction, and names who shares it', async () => {
    const there = await busyFeed(world, reader, [ada, bob]);
    await page();
    await filled();
    const expected = withoutRepeats(there.map(({ text }) => text));
    expect(expected.length).toBeLessThan(there.length - 10);
    for (const [size, isForward] of [
      [6, true],
      [40, true],
      [6, false],
      [40, false],
    ] as const) {
      const items = await readAll(world, reader, size, isForward);
      expect(items.map(({ verb, post }) => `${verb} ${post.id}`)).toEqual(expected);
      expect(items.map(({ sharers }) => sharers.map(({ id }) => id))).toEqual(
        items.map((item) => sharersAt(there, item)),
      );
      expect(items.map(({ sharerCount }) => sharerCount)).toEqual(items.map(({ sharers }) => sharers.length));
      expect(items.some(({ sharerCount }) => sharerCount > 1)).toBe(true);
    }
  });
});

describe('a page', () => {
  const wide = `query ($first: Int) {
    friendsFeed(first: $first) { edges { cursor node {
      id verb at actor { id handle name followerCount }
      post { id body likeCount shareCount replyCount viewerLikes viewerShared author { id handle postCount viewerFollows } }
    } } pageInfo { hasNextPage endCursor } }
  }`;
  let meter: CostMeter;
  beforeAll(async () => {
    meter = await openCostMeter(world, 'small');
  });
  afterAll(() => meter[Symbol.asyncDispose]());

  const cost = async (first: number) => {
    const { cost } = await meter.costOf(async () => {
      const answer = await world.ask<{ friendsFeed: Connection<unknown> }>(
        wide,
        { viewer: reader },
        { first },
      );
      expect(codes(answer)).toBeUndefined();
      expect(answer.data.friendsFeed.edges).toHaveLength(first);
    });
    return { documents: cost.calls, feeds: cost.feeds };
  };

  it('takes as many store calls for 5 items as for 50, from Redis and from the documents', async () => {
    for (let i = 0; i < 60; i++) await world.post(i % 2 ? ada : bob);
    await world.progress();
    await page();
    await filled();
    // Redis holds 50, and a page of 50 asks for one more: 40 stays within it.
    const fromRedis = await cost(40);
    expect(await cost(5)).toEqual(fromRedis);
    expect(fromRedis.feeds).toBe(1);
    // One for each step: all that it reads by id is read together.
    expect(fromRedis.documents).toBeLessThanOrEqual(7);
    await world.redis.kill();
    try {
      const fromDocuments = await cost(50);
      expect(await cost(5)).toMatchObject({ documents: fromDocuments.documents });
      expect(fromDocuments.documents).toBeLessThanOrEqual(7);
    } finally {
      await world.redis.restart();
    }
  });

  it('takes no call more to look for its shares among the items before it, however many it has', async () => {
    const stranger = await world.user();
    for (let i = 0; i < 40; i++) await world.post(i % 2 ? ada : bob);
    await world.progress();
    await page();
    await filled();
    const add = async (items: readonly string[]) => {
      for (const item of items) await world.fanOut(item, [reader]);
      await world.progress();
    };
    // As after each new item of anybody, a read looks at the broadcasts.
    await add([await world.post(ada)]);
    const without = await cost(3);
    const shares = [];
    for (let i = 0; i < 4; i++) shares.push(await world.share(i % 2 ? ada : bob, await world.post(stranger)));
    await add(shares);
    for (const first of [2, 3]) expect(await cost(first)).toEqual(without);
  });
});
