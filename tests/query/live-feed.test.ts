import fc from 'fast-check';
import type { Client } from 'graphql-ws';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { eventuallyPasses } from '../support/eventually-passes.ts';
import { lockTable } from '../support/index.ts';
import { propertyRuns } from '../support/property-runs.ts';
import { type Connection, type QueryWorld, startQueryWorld } from '../support/systems/query-world.ts';

let world: QueryWorld;
let socket: Client;
beforeAll(async () => {
  world = await startQueryWorld();
});
afterAll(() => world[Symbol.asyncDispose]());
beforeEach(() => {
  socket = world.socket();
});
afterEach(async () => {
  await socket.dispose();
  // A subscription of this test that is still being closed would be taken for the next test's own.
  await Promise.all([world.open('friendsFeed', 0), world.open('post', 0)]);
});

interface Edge {
  readonly cursor: string;
  readonly node: { readonly id: string };
}

const query =
  'subscription ($after: String) { friendsFeed(after: $after) { cursor node { id post { body } } } }';
const subscribe = (viewer: string, after?: string | null) =>
  world.live<{ friendsFeed: Edge }>(socket, query, { viewer }, { after });

const take = async (feed: AsyncIterableIterator<{ data?: { friendsFeed: Edge } | null }>): Promise<Edge> => {
  const { value, done } = await feed.next();
  if (done || !value.data) throw new Error(`no edge: ${JSON.stringify(value)}`);
  return value.data.friendsFeed;
};

const page = async (viewer: string) => {
  const { data } = await world.ask<{ friendsFeed: Connection<{ id: string }> }>(
    '{ friendsFeed { edges { cursor node { id } } pageInfo { hasNextPage endCursor } } }',
    { viewer },
  );
  return data.friendsFeed.edges;
};

/** A reader who follows an author, with a feed in Redis or without. */
const pair = async ({ held }: { held: boolean }) => {
  const [reader, author] = [await world.user(), await world.user()];
  await world.relate('follows', reader, author);
  const first = await world.post(author);
  await world.progress();
  if (held) {
    await eventuallyPasses(async () => {
      await page(reader);
      expect(await world.holds(reader)).toBe(true);
    });
  }
  return { reader, author, first };
};

/** Does what the projector does for one post: documents, feed, progress, hint. */
const publish = async (author: string, readers: readonly string[]) => {
  const id = await world.post(author);
  await world.fanOut(id, readers);
  await world.progress();
  await world.hint(...readers.map((reader) => `feed:${reader}` as const));
  return id;
};

describe('the live friends feed', () => {
  it.each([{ held: true }, { held: false }])(
    'brings what is new, with Redis holding the feed: $held',
    async (where) => {
      const { reader, author } = await pair(where);
      const feed = subscribe(reader);
      const next = take(feed);
      await world.open('friendsFeed', 1);
      const id = await publish(author, [reader]);
      expect((await next).node).toMatchObject({ id, post: { body: 'hello' } });
      const after = [await publish(author, [reader]), await publish(author, [reader])];
      expect([(await take(feed)).node.id, (await take(feed)).node.id]).toEqual(after);
      await feed.return?.();
      await world.open('friendsFeed', 0);
    },
  );

  it('continues from the newest cursor of a page', async () => {
    const { reader, author, first } = await pair({ held: true });
    const [newest] = await page(reader);
    expect(newest?.node.id).toBe(first);
    const missed = [await publish(author, [reader]), await publish(author, [reader])];
    const feed = subscribe(reader, newest?.cursor);
    expect([(await take(feed)).node.id, (await take(feed)).node.id]).toEqual(missed);
    await feed.return?.();
  });

  it('gives each item once and in order over reconnects, while items are applied out of order', async () => {
    const shuffled = fc
      .integer({ min: 5, max: 40 })
      .chain((n) => fc.shuffledSubarray([...Array(n).keys()], { minLength: n, maxLength: n }));
    const property = fc.asyncProperty(
      shuffled,
      fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1 }),
      fc.boolean(),
      async (order, gulps, held) => {
        const { reader, author } = await pair({ held });
        let cursor: string | null = (await page(reader))[0]?.cursor ?? null;
        const positions = order.map(() => world.nextPosition());
        const ids = new Map<number, string>();
        const apply = async () => {
          for (const i of order) {
            const position = positions[i] ?? 0;
            const id = await world.post(author, { position });
            await world.fanOut(id, [reader]);
            ids.set(i, id);
            await world.hint(`feed:${reader}`);
            // The floor: everything below it has been applied.
            const gap = positions.findIndex((_, place) => !ids.has(place));
            await world.progress((gap < 0 ? (positions.at(-1) ?? 0) + 1 : (positions[gap] ?? 0)) - 1);
          }
          await world.progress();
        };
        const seen: string[] = [];
        const read = async () => {
          for (let round = 0; seen.length < order.length; round++) {
            const feed = subscribe(reader, cursor);
            for (let n = gulps[round % gulps.length] ?? 1; n > 0 && seen.length < order.length; n--) {
              const edge = await take(feed);
              cursor = edge.cursor;
              // At once, not when something is waited for in vain that was passed by.
              expect(edge.node.id).toBe(ids.get(seen.length));
              seen.push(edge.node.id);
            }
            await feed.return?.();
          }
        };
        await Promise.all([apply(), read()]);
        expect(seen).toEqual(positions.map((_, i) => ids.get(i)));
        // And nothing more.
        const rest = subscribe(reader, cursor);
        const last = take(rest);
        const more = await publish(author, [reader]);
        expect((await last).node.id).toBe(more);
        await rest.return?.();
      },
    );
    await fc.assert(property, { numRuns: propertyRuns(6), endOnFailure: true });
  });

  it('asks the rules at delivery: nothing of whom the viewer left meanwhile, nothing deleted', async () => {
    const { reader, author } = await pair({ held: true });
    const friend = await world.user();
    await world.relate('follows', reader, friend);
    await world.progress();
    const feed = subscribe(reader);
    const next = take(feed);
    await world.open('friendsFeed', 1);
    await world.relate('follows', reader, author, false);
    await publish(author, [reader]);
    const deleted = await world.post(friend);
    await world.fanOut(deleted, [reader]);
    await world.change('posts', deleted, { deleted: true });
    await world.progress();
    const shown = await publish(friend, [reader]);
    expect((await next).node.id).toBe(shown);
    await feed.return?.();
  });

  it.each([{ held: true }, { held: false }])(
    'brings a share again that was taken back and made again, with Redis holding the feed: $held',
    async (where) => {
      const { reader, author, first } = await pair(where);
      const shared = await world.post(await world.user());
      const item = await world.share(author, shared);
      await world.fanOut(item, [reader]);
      const other = await publish(author, [reader]);
      const [newest, second] = await page(reader);
      expect([newest?.node.id, second?.node.id]).toEqual([other, item]);
      const feed = subscribe(reader, newest?.cursor);
      const next = take(feed);
      await world.open('friendsFeed', 1);
      await world.share(author, shared);
      await world.fanOut(item, [reader]);
      await world.progress();
      await world.hint(`feed:${reader}`);
      expect((await next).node.id).toBe(item);
      expect((await page(reader)).map(({ node }) => node.id)).toEqual([item, other, first]);
      await feed.return?.();
    },
  );

  it('follows authors who are merged at read', async () => {
    const { reader, author } = await pair({ held: true });
    const feed = subscribe(reader);
    const next = take(feed);
    await world.open('friendsFeed', 1);
    await world.change('authors', author, { big: true });
    const first = await world.post(author);
    await world.progress();
    // As the projector does while readers don't know yet.
    await world.hint(`feed:${reader}`);
    expect((await next).node.id).toBe(first);
    const second = await world.post(author);
    await world.progress();
    const later = take(feed);
    await eventuallyPasses(async () => {
      await world.hint(`author:${author}`);
      expect(await Promise.race([later, Promise.resolve(undefined)])).toBeDefined();
    });
    expect((await later).node.id).toBe(second);
    await feed.return?.();
  });

  it('continues while Redis is down, and after it has come back empty', async () => {
    const { reader, author } = await pair({ held: true });
    const feed = subscribe(reader);
    const next = take(feed);
    await world.open('friendsFeed', 1);
    await world.redis.kill();
    const silently = async () => {
      const id = await world.post(author);
      await world.raiseEpoch();
      await world.progress();
      return id;
    };
    const during = [await silently(), await silently()];
    expect((await next).node.id).toBe(during[0]);
    expect((await take(feed)).node.id).toBe(during[1]);
    const then = take(feed);
    await world.redis.restart();
    const after = await silently();
    expect((await then).node.id).toBe(after);
    await feed.return?.();
  });

  it('leaves nothing behind when its consumer goes', async () => {
    const { reader } = await pair({ held: true });
    const redis = new Redis(world.redis.url);
    const channels = async () => (await redis.pubsub('CHANNELS', 'live:feed:*')).length;
    const feeds = [subscribe(reader), subscribe(reader), subscribe(reader)];
    const pending = feeds.map((feed) => feed.next());
    await world.open('friendsFeed', 3);
    await eventuallyPasses(async () => expect(await channels()).toBe(1));
    for (const feed of feeds) await feed.return?.();
    await Promise.all(pending);
    await world.open('friendsFeed', 0);
    await eventuallyPasses(async () => expect(await channels()).toBe(0));
    redis.disconnect();
  });
});

describe('the changes of a friends feed', () => {
  it('include those that are applied while somebody who comes back is looked up', async () => {
    const { reader, author } = await pair({ held: true });
    const item = await world.share(author, await world.post(await world.user()));
    await world.fanOut(item, [reader]);
    await world.progress();
    const [newest] = await page(reader);
    expect(newest?.node.id).toBe(item);

    const documents = world.env.DOCUMENTS_URL ?? '';
    await using items = await lockTable(documents, 'documents.items');
    const events = world.live<{ friendsFeedEvents: { kind: string; itemId: string | null } }>(
      socket,
      'subscription ($after: String) { friendsFeedEvents(after: $after) { kind itemId } }',
      { viewer: reader },
      { after: newest?.cursor },
    );
    const next = events.next();
    // The first look loads the share before it ends, and the second one reads the progress after its end.
    await eventuallyPasses(async () => expect(await items.waiting()).toBeGreaterThan(0));
    const changed = world.nextPosition();
    await world.progress();
    await using progress = await lockTable(documents, 'documents.progress');
    await items.release();
    await eventuallyPasses(async () => expect(await progress.waiting()).toBeGreaterThan(0));
    await world.change('items', item, { active: false, position: null, changed });
    await progress.release();
    await publish(author, [reader]);
    expect((await next).value?.data?.friendsFeedEvents).toEqual({ kind: 'REMOVED', itemId: item });
    await events.return?.();
  });
});
