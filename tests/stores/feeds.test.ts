import { type Feeds, type LiveTopic, openFeeds } from '@rookery/feeds';
import { createLog } from '@rookery/runtime';
import fc from 'fast-check';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { propertyRuns } from '../support/property-runs.ts';
import { changeLineage, entry, newestFirst, nothing, redisEngines, startFeeds } from './redis-engines.ts';

const log = createLog('test', 'silent');
const cap = 8;
const day = 86_400;

let redis: Redis;
let feeds: Feeds;

const whole = (reader: string) => feeds.entriesBefore(reader, undefined, 10 * cap);

describe.each(redisEngines)('a feed in $engine', ({ engine, start }) => {
  // The scripts are the same: on a cluster only their keys matter.
  const numRuns = propertyRuns(engine === 'one Redis' ? 60 : 5);
  let world: Awaited<ReturnType<typeof startFeeds>>;
  beforeAll(async () => {
    world = await startFeeds(start, cap);
    ({ redis, feeds } = world);
  });
  beforeEach(() => redis.flushall());
  afterAll(() => world.stop());

  const positions = fc.uniqueArray(fc.integer({ min: 1, max: 60 }), { maxLength: 3 * cap, size: 'max' });
  /** Ways in which an item reaches a feed: alone or with others; the last of a group may come again. */
  type Delivery = { readonly kind: 'add' | 'merge'; readonly positions: readonly number[] };
  const deliver = async (reader: string, { kind, positions }: Delivery): Promise<void> => {
    if (kind === 'merge') await feeds.merge(reader, positions.map(entry));
    else await feeds.add([reader, 'nobody'], ...positions.map(entry));
  };
  /** Every position at least once, some twice, in any order and any groups smaller than the cap. */
  const deliveries = positions.chain((all) =>
    fc
      .tuple(fc.shuffledSubarray(all, { minLength: all.length }), fc.shuffledSubarray(all))
      .chain(([once, again]) =>
        fc.shuffledSubarray([...once, ...again], { minLength: once.length + again.length }),
      )
      .chain((order) =>
        fc.record({
          all: fc.constant(all),
          order: fc.constant(order),
          cuts: fc.array(fc.integer({ min: 1, max: cap - 1 }), {
            minLength: order.length,
            maxLength: order.length,
          }),
          kinds: fc.infiniteStream(fc.constantFrom('add' as const, 'merge' as const)),
        }),
      )
      .map(({ all, order, cuts, kinds }) => {
        const groups: Delivery[] = [];
        for (let rest = order; rest.length > 0; ) {
          const size = cuts[groups.length] ?? 1;
          groups.push({ kind: kinds.next().value ?? 'add', positions: rest.slice(0, size) });
          rest = rest.slice(size);
        }
        return { all, groups };
      }),
  );

  it('holds the newest items, whatever the order, the grouping and the repetition', async () => {
    await fc.assert(
      fc.asyncProperty(deliveries, async ({ all, groups }) => {
        await redis.flushall();
        await feeds.fill('r', nothing);
        for (const group of groups) await deliver('r', group);
        const { ready, entries, exhausted, complete } = await whole('r');
        expect({ ready, entries, exhausted }).toEqual({
          ready: true,
          entries: newestFirst(all).slice(0, cap),
          exhausted: true,
        });
        expect(complete).toBe(all.length <= cap);
        expect((await whole('nobody')).ready).toBe(false);
      }),
      { numRuns },
    );
  });

  it('has no hole, whatever is added and removed, also after trimming', async () => {
    const step = fc.record({ position: fc.integer({ min: 1, max: 40 }), remove: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60, size: 'max' }), async (steps) => {
        await redis.flushall();
        await feeds.fill('r', nothing);
        const active = new Set<number>();
        for (const { position, remove } of steps) {
          if (remove) await feeds.remove(['r'], entry(position).itemId);
          else await feeds.add(['r'], entry(position));
          if (remove) active.delete(position);
          else active.add(position);
          const { entries, complete } = await whole('r');
          expect(entries.length).toBeLessThanOrEqual(cap);
          // The feed holds the newest active items: none of the newer ones is missing.
          expect(entries).toEqual(newestFirst(active).slice(0, entries.length));
          if (complete) expect(entries).toHaveLength(active.size);
        }
      }),
      { numRuns },
    );
  });

  /** Documents and feeds as the projector and the readers use them; a fill has other steps within. */
  type Step =
    | { readonly kind: 'publish' | 'flush' | 'fill-that-fails' | 'replicate' | 'take-over' }
    | {
        readonly kind: 'fill';
        readonly beforeReading: readonly Step[];
        readonly afterReading: readonly Step[];
      };
  const { steps } = fc.letrec<{ steps: Step[]; step: Step; fill: Step }>((tie) => ({
    steps: fc.array(tie('step'), { maxLength: 8, size: 'medium' }),
    step: fc.oneof(
      { depthSize: 'small' },
      { weight: 5, arbitrary: fc.constant<Step>({ kind: 'publish' }) },
      { weight: 1, arbitrary: fc.constantFrom<Step>({ kind: 'flush' }, { kind: 'fill-that-fails' }) },
      { weight: 2, arbitrary: fc.constantFrom<Step>({ kind: 'replicate' }, { kind: 'take-over' }) },
      { weight: 3, arbitrary: tie('fill') },
    ),
    fill: fc.record({
      kind: fc.constant('fill' as const),
      beforeReading: tie('steps'),
      afterReading: tie('steps'),
    }),
  }));

  it('is never ready without something that was published, whatever happens during a fill', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (all) => {
        await redis.flushall();
        const documents: number[] = [];
        const newest = () => newestFirst(documents).slice(0, cap);
        const fill = (step: Extract<Step, { beforeReading: unknown }>) =>
          feeds.fill('r', async () => {
            await run(step.beforeReading);
            const candidates = newest();
            await run(step.afterReading);
            return candidates;
          });
        const publish = async () => {
          documents.push(documents.length + 1);
          await feeds.add(['r'], entry(documents.length));
        };
        const failToFill = async () => {
          const wasReady = (await whole('r')).ready;
          const failure = new Error('the documents are down');
          const outcome = await feeds.fill('r', () => Promise.reject(failure)).catch((error) => error);
          expect(outcome).toBe(wasReady ? undefined : failure);
        };
        /** The feed as a replica holds it that takes over later, and has missed all that comes after. */
        let copy: Buffer | null = null;
        const takeOver = async () => {
          await redis.del('feed:{r}');
          if (copy) await redis.restore('feed:{r}', 0, copy);
          await changeLineage(redis);
        };
        const play = async (step: Step): Promise<unknown> => {
          if ('beforeReading' in step) return fill(step);
          if (step.kind === 'publish') return publish();
          if (step.kind === 'replicate') {
            copy = await redis.dumpBuffer('feed:{r}');
            return undefined;
          }
          if (step.kind === 'take-over') return takeOver();
          return step.kind === 'flush' ? redis.flushall() : failToFill();
        };
        const run = async (some: readonly Step[]): Promise<void> => {
          for (const step of some) {
            await play(step);
            const { ready, entries } = await whole('r');
            expect(entries).toEqual(ready ? newest() : []);
          }
        };
        await run(all);
      }),
      { numRuns },
    );
  });

  it('is ready after a fill, and asks nothing while it is', async () => {
    await feeds.fill('r', async () => [entry(2), entry(1)]);
    await feeds.fill('r', () => Promise.reject(new Error('asked again')));
    expect((await whole('r')).entries).toEqual([entry(2), entry(1)]);
    await feeds.fill('empty', nothing);
    expect(await whole('empty')).toEqual({
      held: true,
      ready: true,
      upTo: 0,
      entries: [],
      exhausted: true,
      complete: true,
    });
  });

  it('is not ready when the filling process died, and the next fill makes it so', async () => {
    const { promise: asked, resolve } = Promise.withResolvers<void>();
    void feeds.fill('r', () => {
      resolve();
      return new Promise(() => {}); // what a process leaves behind that is killed here
    });
    await asked;
    await feeds.add(['r'], entry(3));
    expect(await whole('r')).toEqual({
      held: false,
      ready: false,
      upTo: 0,
      entries: [],
      exhausted: false,
      complete: false,
    });
    await feeds.fill('r', async () => [entry(1), entry(2)]);
    expect((await whole('r')).entries).toEqual([entry(3), entry(2), entry(1)]);
    expect(await redis.zrangebyscore('feed:{r}', '-inf', 0)).toEqual([
      expect.stringMatching(/^ready:[0-9a-f]{40}$/),
      'floor',
      'upto',
    ]);
  });

  it('has an item where it is now, after a replica took over that had it elsewhere', async () => {
    await feeds.fill('r', async () => [entry(1), { itemId: 'share', position: 2 }]);
    const copy = await redis.dumpBuffer('feed:{r}');
    const moved = { itemId: 'share', position: 9 };
    await feeds.add(['r'], moved);
    await redis.del('feed:{r}');
    await changeLineage(redis);
    if (copy && engine === 'one Redis') await redis.restore('feed:{r}', 0, copy);
    expect(await whole('r')).toMatchObject({ held: false, entries: [] });
    await feeds.fill('r', async () => [moved, entry(1)]);
    expect((await whole('r')).entries).toEqual([moved, entry(1)]);
  });

  it('of the version before, without a lineage, is filled again', async () => {
    await redis.zadd('feed:{r}', '-inf', 'ready', -1, 'floor', 1, 'item1');
    expect(await whole('r')).toMatchObject({ held: false, ready: false });
    expect(await feeds.dump('r')).toBeUndefined();
    await feeds.fill('r', async () => [entry(2), entry(1)]);
    expect((await whole('r')).entries).toEqual([entry(2), entry(1)]);
  });

  it('is gone after a flush, and not empty', async () => {
    await feeds.fill('r', async () => [entry(1)]);
    await redis.flushall();
    expect(await whole('r')).toMatchObject({ ready: false, entries: [] });
    expect(await feeds.entriesAfter('r', 0, 100, 10)).toMatchObject({ ready: false, entries: [] });
    await feeds.add(['r'], entry(2));
    await feeds.merge('r', [entry(3)]);
    expect(await redis.dbsize()).toBe(0);
  });

  it('moves an item that is added at another position, and leaves nothing at the old one', async () => {
    await feeds.fill('r', async () => [1, 2, 8].map(entry));
    for (const position of [5, 3, 9]) await feeds.add(['r'], { itemId: 'share', position });
    const share = { itemId: 'share', position: 9 };
    expect((await whole('r')).entries).toEqual([share, entry(8), entry(2), entry(1)]);
  });

  it('drops an item that moves into the trimmed part of the feed', async () => {
    await feeds.fill('r', async () => Array.from({ length: cap }, (_, i) => entry(10 + i)));
    await feeds.add(['r'], { itemId: 'item12', position: 4 });
    expect((await whole('r')).entries.map(({ position }) => position)).toEqual([17, 16, 15, 14, 13, 11, 10]);
  });

  it('does not move an item back to the position at which a fill or a follow has read it', async () => {
    const moved = { itemId: 'share', position: 9 };
    await feeds.fill('r', async () => {
      await feeds.add(['r'], moved);
      return [entry(1), { itemId: 'share', position: 2 }];
    });
    await feeds.merge('r', [entry(3), { itemId: 'share', position: 2 }]);
    expect((await whole('r')).entries).toEqual([moved, entry(3), entry(1)]);
  });

  it('catches up with broadcasts once, and only from the position up to which it has them', async () => {
    await feeds.fill('r', async () => [1, 2, 3].map(entry), 10);
    const share = { itemId: 'share', position: 12 };
    await feeds.catchUp('r', { from: 10, to: 20 }, [share, entry(15), { itemId: 'item2', position: null }]);
    const caughtUp = [entry(15), share, entry(3), entry(1)];
    expect(await whole('r')).toMatchObject({ upTo: 20, entries: caughtUp });
    // A reader who has read before does not move anything back.
    await feeds.catchUp('r', { from: 10, to: 18 }, [{ ...share, position: 11 }, entry(2)]);
    expect(await whole('r')).toMatchObject({ upTo: 20, entries: caughtUp });
    await feeds.catchUp('r', { from: 20, to: 30 }, [{ ...share, position: 25 }]);
    expect(await whole('r')).toMatchObject({
      upTo: 30,
      entries: [{ ...share, position: 25 }, entry(15), entry(3), entry(1)],
    });
    // Nor does a feed appear that Redis does not hold.
    await feeds.catchUp('nobody', { from: 0, to: 10 }, [entry(5)]);
    expect(await redis.dbsize()).toBe(1);
  });

  it('takes several items out at once', async () => {
    await feeds.fill('r', async () => [1, 2, 3, 4].map(entry));
    await feeds.removeMany('r', ['item1', 'item3', 'item9']);
    expect((await whole('r')).entries).toEqual([entry(4), entry(2)]);
    await feeds.removeMany('r', []);
  });

  it('reaches many feeds in few calls, and each once', async () => {
    const readers = Array.from({ length: 1_300 }, (_, i) => `r${i}`);
    for (const reader of ['r0', 'r700', 'r1299']) await feeds.fill(reader, nothing);
    const before = feeds.calls;
    await feeds.add([...readers, ...readers], entry(1));
    expect(feeds.calls - before).toBe(3);
    for (const reader of ['r0', 'r700', 'r1299']) expect((await whole(reader)).entries).toEqual([entry(1)]);
    await feeds.remove(readers, 'item1');
    for (const reader of ['r0', 'r700', 'r1299']) expect((await whole(reader)).entries).toEqual([]);
    expect(await redis.dbsize()).toBe(3);
    await feeds.add([], entry(1));
  });

  it('gets what is added at the same time as to others, in order', async () => {
    for (const reader of ['a', 'b', 'c']) await feeds.fill(reader, nothing);
    const before = feeds.calls;
    const missing = await Promise.all([
      feeds.add(['gone', 'a'], entry(1), entry(2)),
      feeds.add(['b', 'lost', 'c'], entry(3)),
      feeds.add(['c'], { itemId: 'item3', position: 4 }, entry(5)),
    ]);
    expect(feeds.calls - before).toBe(1);
    expect(missing).toEqual([['gone'], ['lost'], []]);
    expect((await whole('a')).entries).toEqual([entry(2), entry(1)]);
    expect((await whole('b')).entries).toEqual([entry(3)]);
    expect((await whole('c')).entries).toEqual([entry(5), { itemId: 'item3', position: 4 }]);
  });

  it('expires when nobody reads it; what is added keeps nothing alive', async () => {
    await feeds.fill('r', async () => [entry(1)]);
    expect(await redis.ttl('feed:{r}')).toBeGreaterThan(14 * day - 60);
    await redis.expire('feed:{r}', day);
    await feeds.add(['r'], entry(2));
    await feeds.fill('r', nothing);
    expect(await redis.ttl('feed:{r}')).toBeLessThanOrEqual(day);
    await whole('r');
    expect(await redis.ttl('feed:{r}')).toBeGreaterThan(14 * day - 60);
    await redis.expire('feed:{r}', day);
    await feeds.entriesAfter('r', 0, 9, 9);
    expect(await redis.ttl('feed:{r}')).toBeGreaterThan(14 * day - 60);
    await redis.del('feed:{r}');
    void feeds.fill('r', () => new Promise(() => {}));
    await expect.poll(() => redis.ttl('feed:{r}')).toBeGreaterThan(0);
  });

  it('goes on after the server forgot its scripts', async () => {
    await feeds.fill('r', nothing);
    await redis.script('FLUSH');
    await feeds.add(['r'], entry(1));
    await redis.script('FLUSH');
    expect((await whole('r')).entries).toEqual([entry(1)]);
  });

  it('publishes hints to those who listen', async () => {
    await using listening = new AsyncDisposableStack();
    const listener = listening.adopt(new Redis(world.server.nodeUrl), (r) => r.disconnect());
    const heard = new Map<string, unknown>();
    const hear = (channel: string, message: string) => heard.set(channel, JSON.parse(message));
    for (const channel of ['live:feed:r', 'live:progress', 'live:post:p']) {
      if (engine === 'one Redis') await listener.subscribe(channel);
      else await listener.ssubscribe(channel);
    }
    listener.on('message', hear);
    listener.on('smessage', hear);
    const before = feeds.calls;
    await feeds.hint(
      new Map<LiveTopic, object>([
        ['feed:r', {}],
        ['progress', { projection: 'posts', position: 7 }],
      ]),
    );
    await expect.poll(() => heard.size).toBe(2);
    expect(heard).toEqual(
      new Map<string, unknown>([
        ['live:feed:r', {}],
        ['live:progress', { projection: 'posts', position: 7 }],
      ]),
    );
    expect(feeds.calls - before).toBe(1);
    await feeds.hint(new Map());
  });
});

it.each(['', 'http://localhost', 'redis://[', 'localhost:6379'])('refuses the address %j', (url) => {
  expect(() => openFeeds(url, { cap, idleDays: 1, log })).toThrow(/address of the feeds/);
});
