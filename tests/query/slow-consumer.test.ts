import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createResponseExtensions } from '@rookery/graphql-server';
import {
  createContext,
  liveFriendsFeed,
  openSources,
  type QueryContext,
  sourceSettings,
} from '@rookery/query/live-parts';
import { createLog, createMetrics, newId, readConfig } from '@rookery/runtime';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { type QueryWorld, startQueryWorld } from '../support/systems/query-world.ts';

/** Over a socket the buffers of the network hide what a slow consumer gets; here the stream itself is consumed. */
let world: QueryWorld;
const resources = new AsyncDisposableStack();
let contextOf: (viewer: string) => QueryContext;

beforeAll(async () => {
  world = await startQueryWorld();
  const log = createLog('query', 'silent');
  const config = readConfig(sourceSettings, { ...world.env });
  const sources = await openSources(config, createMetrics('query'), log, resources);
  contextOf = (viewer) =>
    createContext(
      {
        viewer,
        scopes: new Set(),
        roles: new Set(),
        session: undefined,
        boundToOperation: false,
        requestId: 'test',
        readAfter: [],
        log,
        responseExtensions: createResponseExtensions(),
        wantsCheckpoints: false,
        traceparent: undefined,
      },
      sources,
    );
});
afterAll(async () => {
  await resources.disposeAsync();
  await world[Symbol.asyncDispose]();
});
afterEach(() => {
  vi.restoreAllMocks();
});

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Returns the size of the JavaScript heap after a collection, in bytes. */
const heapInUse = (): number => {
  collect();
  return process.memoryUsage().heapUsed;
};

describe('a consumer who takes its time', () => {
  it('gets nothing that was hidden since the last look, and misses nothing', async () => {
    const [reader, author] = [await world.user(), await world.user()];
    await world.relate('follows', reader, author);
    await world.progress();
    const context = contextOf(reader);
    const feed = await liveFriendsFeed(context, undefined);
    const ids: string[] = [];
    for (let i = 0; i < 4; i++) ids.push(await world.post(author));
    await world.progress();
    const next = async () => (await feed.next()).value?.friendsFeed.node.id;
    expect(await next()).toBe(ids[0]);
    await world.change('posts', ids[2] ?? '', { deleted: true });
    const now = performance.now();
    vi.spyOn(performance, 'now').mockReturnValue(now + 2_000);
    expect(await next()).toBe(ids[1]);
    expect(await next()).toBe(ids[3]);
    await feed.return();
  });

  it('has nothing kept for it that it does not ask for', async () => {
    const [reader, author] = [await world.user(), await world.user()];
    await world.relate('follows', reader, author);
    await world.progress();
    const feeds = await Promise.all(
      Array.from({ length: 40 }, () => liveFriendsFeed(contextOf(reader), undefined)),
    );
    const length = 100_000;
    for (let i = 0; i < 20; i++) await world.post(author, { body: String(i).padEnd(length, 'long ') });
    await world.progress();
    const before = heapInUse();
    // Each has read all of them to deliver one.
    for (const feed of feeds) expect((await feed.next()).done).toBe(false);
    await expect.poll(() => heapInUse() - before).toBeLessThan((feeds.length * 20 * length) / 4);
    for (const feed of feeds) await feed.return();
  });

  it('costs no store call while it does not ask', async () => {
    const [reader, author] = [await world.user(), await world.user()];
    await world.relate('follows', reader, author);
    await world.progress();
    const context = contextOf(reader);
    const feed = await liveFriendsFeed(context, undefined);
    const first = await world.post(author);
    await world.progress();
    expect((await feed.next()).value?.friendsFeed.node.id).toBe(first);
    // The fill that the stream has caused goes on behind it.
    await expect.poll(() => world.holds(reader)).toBe(true);
    const { documents, feeds } = context.sources.stores;
    const callsSoFar = () => [...documents, ...feeds].reduce((sum, { calls }) => sum + calls, 0);
    const calls = callsSoFar();
    const started = performance.now();
    const deliveries = 20;
    for (let i = 0; i < deliveries; i++) {
      await world.post(author);
      await world.progress();
      await world.hint(`feed:${reader}`);
    }
    // A hint that goes through Redis and back has passed all those before it.
    const { promise, resolve } = Promise.withResolvers<void>();
    const topic = `post:${newId()}` as const;
    const unwatch = context.sources.hints.watch(topic, () => resolve());
    await promise;
    unwatch();
    // The follower of the projections polls once a second meanwhile, and the last calls of the fill and of the look at the
    // follows may be counted; each delivery would cost three calls in addition.
    const looks = Math.ceil((performance.now() - started) / 1_000);
    expect(callsSoFar() - calls).toBeLessThan(deliveries + looks);
    await feed.return();
  });
});
