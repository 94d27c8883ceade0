import { type Feeds, openFeeds } from '@rookery/feeds';
import { createLog } from '@rookery/runtime';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { changeLineage, redisEngines } from './redis-engines.ts';

let redis: Redis;
let feeds: Feeds;

const built = async (...audiences: string[]) => (await feeds.audiences.beginBuild(audiences)).end();
const feedsIn = async (audience: string) =>
  (await feeds.audiences.members(audience, 0, 100))?.members.map(({ feed }) => feed);

describe.each(redisEngines)('an audience in $engine', ({ start }) => {
  let server: Awaited<ReturnType<typeof start>>;
  beforeAll(async () => {
    server = await start();
    redis = new Redis(server.nodeUrl);
    feeds = openFeeds(server.url, { cap: 10, idleDays: 14, log: createLog('test', 'silent') });
  });
  beforeEach(() => redis.flushall());
  afterAll(async () => {
    redis.disconnect();
    await feeds.close();
    await server.stop();
  });

  it('is built again after a replica has taken over that may lack feeds', async () => {
    await built('a');
    await feeds.audiences.join(['joined'], ['a']);
    const build = await feeds.audiences.beginBuild(['b']);
    await changeLineage(redis);
    await build.end();
    for (const audience of ['a', 'b']) expect(await feedsIn(audience)).toBeUndefined();
    await built('a');
    expect(await feedsIn('a')).toEqual([]);
  });

  it('is not ready until a build has ended, and takes feeds from its beginning on', async () => {
    await feeds.audiences.join(['before'], ['a']);
    expect(await feedsIn('a')).toBeUndefined();
    const build = await feeds.audiences.beginBuild(['a']);
    expect(build.audiences).toEqual(['a']);
    await feeds.audiences.join(['meanwhile'], ['a', 'b']);
    expect(await feedsIn('a')).toBeUndefined();
    await build.end();
    expect(await feedsIn('a')).toEqual(['meanwhile']);
    expect(await feedsIn('b')).toBeUndefined();
    expect((await feeds.audiences.beginBuild(['a'])).audiences).toEqual([]);
  });

  it('is not ready if Redis has lost it during the build', async () => {
    const build = await feeds.audiences.beginBuild(['a']);
    await redis.flushall();
    await build.end();
    expect(await feedsIn('a')).toBeUndefined();
    const again = await feeds.audiences.beginBuild(['a']);
    await build.end();
    expect(await feedsIn('a')).toBeUndefined();
    await again.end();
    expect(await feedsIn('a')).toEqual([]);
  });

  it('gives its members in pages, each once, while others join', async () => {
    await built('a');
    const all = Array.from({ length: 1_203 }, (_, i) => `f${i}`);
    await feeds.audiences.join(all, ['a']);
    const found: string[] = [];
    for (let after = 0; ; ) {
      const page = await feeds.audiences.members('a', after, 500);
      if (!page || page.members.length === 0) break;
      expect(page.size).toBe(all.length);
      found.push(...page.members.map(({ feed }) => feed));
      after = page.members.at(-1)?.joined ?? 0;
    }
    expect(found).toEqual(all);
  });

  it('gives the members of several, whoever asks at the same time', async () => {
    await built('a', 'b', 'c');
    const all = Array.from({ length: 600 }, (_, i) => `f${i}`);
    await feeds.audiences.join(all, ['a', 'c']);
    const [a, b, gone, c] = await Promise.all(
      ['a', 'b', 'gone', 'c'].map((audience) => feeds.audiences.members(audience, 0, 500)),
    );
    expect([a?.size, b?.size, gone, c?.size]).toEqual([600, 0, undefined, 600]);
    expect(c?.members.map(({ feed }) => feed)).toEqual(all.slice(0, 500));
    const last = c?.members.at(-1)?.joined ?? 0;
    const rest = await Promise.all([
      feeds.audiences.members('b', 0, 5),
      feeds.audiences.members('c', last, 500),
    ]);
    expect(rest.map((one) => one?.members.length)).toEqual([0, 100]);
  });

  it('keeps a feed that joins again while it is dropped', async () => {
    await built('a');
    await feeds.audiences.join(['one', 'two'], ['a']);
    const found = (await feeds.audiences.members('a', 0, 10))?.members ?? [];
    await feeds.audiences.join(['one'], ['a']);
    await feeds.audiences.drop('a', found);
    expect(await feedsIn('a')).toEqual(['one']);
  });

  it('is left by a feed, which says whether it was there', async () => {
    await built('a', 'b');
    await feeds.audiences.join(['one'], ['a']);
    expect(await feeds.audiences.leave('one', ['b'])).toBe(false);
    expect(await feeds.audiences.leave('one', ['a', 'b'])).toBe(true);
    expect(await feedsIn('a')).toEqual([]);
  });

  it('expires like a feed if its author does not post', async () => {
    await built('a');
    expect(await redis.ttl('audience:{a}')).toBeGreaterThan(13 * 86_400);
    await redis.expire('audience:{a}', 60);
    await feedsIn('a');
    expect(await redis.ttl('audience:{a}')).toBeGreaterThan(13 * 86_400);
  });

  it('which feeds are held is told without them', async () => {
    await feeds.fill('held', async () => []);
    const full = Array.from({ length: 10 }, (_, i) => ({ itemId: `i${i}`, position: 40 + i }));
    await feeds.fill('full', async () => full);
    void feeds.fill('filling', () => new Promise(() => {}));
    await expect.poll(() => redis.exists('feed:{filling}')).toBe(1);
    expect(await feeds.whichAreHeld(['held', 'filling', 'gone', 'full'])).toEqual(
      new Map([
        ['held', 0],
        ['filling', 0],
        ['full', 39],
      ]),
    );
    expect(await feeds.add(['held', 'gone'], { itemId: 'i', position: 1 })).toEqual(['gone']);
  });
});
