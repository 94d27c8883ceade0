import type { FeedEntry, Feeds } from '@rookery/feeds';
import fc from 'fast-check';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { propertyRuns } from '../support/property-runs.ts';
import { entry, newestFirst, nothing, redisEngines, startFeeds } from './redis-engines.ts';

const cap = 8;

/** Part of a segment that is asked for. */
interface Wanted {
  readonly direction: 'asc' | 'desc';
  readonly from: number;
  readonly least: number;
  /** Entries beyond those. */
  readonly more: number;
}

let redis: Redis;
let feeds: Feeds;

describe.each(redisEngines)('reads of a feed in $engine', ({ engine, start }) => {
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

  it('pages in both directions like a model', async () => {
    await fc.assert(
      fc.asyncProperty(
        positions,
        fc.integer({ min: 1, max: cap }),
        fc.nat(70),
        fc.nat(70),
        async (all, limit, after, upTo) => {
          await redis.flushall();
          await feeds.fill('r', async () => all.map(entry));
          const held = newestFirst(all).slice(0, cap);
          const walked: FeedEntry[] = [];
          for (let before: number | undefined; ; ) {
            const page = await feeds.entriesBefore('r', before, limit);
            walked.push(...page.entries);
            expect(page.exhausted).toBe(walked.length === held.length);
            if (page.exhausted) break;
            before = page.entries.at(-1)?.position;
          }
          expect(walked).toEqual(held);
          // About items that it does not hold, it only knows that they are after the oldest one.
          const floor = all.length >= cap ? Number(held.at(-1)?.position) - 1 : 0;
          const newer = held.filter(({ position }) => position > after && position <= upTo).toReversed();
          expect(await feeds.entriesAfter('r', after, upTo, limit)).toMatchObject(
            after < floor
              ? { ready: false, entries: [] }
              : { ready: true, entries: newer.slice(0, limit), exhausted: newer.length <= limit },
          );
        },
      ),
      { numRuns },
    );
  });

  describe('segments of a feed', () => {
    const segment = fc
      .record({
        low: fc.integer({ min: 1, max: 60 }),
        size: fc.integer({ min: 0, max: 25 }),
        asOf: fc.integer({ min: 100, max: 200 }),
        validFrom: fc.integer({ min: 50, max: 150 }),
      })
      .map(({ low, size, ...ages }) => ({ ...ages, low, high: low + size }));
    const request = fc.record({
      direction: fc.constantFrom('asc' as const, 'desc' as const),
      from: fc.integer({ min: 0, max: 90 }),
      least: fc.integer({ min: 1, max: 10 }),
      more: fc.integer({ min: 0, max: 10 }),
    });

    /** Returns whether anything was answered. */
    const answersAsTheWholeListDoes = async (
      all: readonly number[],
      { direction, from, least, more }: Wanted,
    ): Promise<boolean> => {
      const limit = least + more;
      const found = await feeds.entriesOfSegment('r', { direction, from, limit });
      const some = await feeds.entriesOfSegment('r', { direction, from, limit, least });
      if (found) expect(some).toBeDefined();
      if (!some) return false;
      const expected =
        direction === 'desc'
          ? newestFirst(all).filter(({ position }) => position < from)
          : newestFirst(all)
              .filter(({ position }) => position > from)
              .toReversed();
      if (found) expect(found.entries).toEqual(expected.slice(0, limit));
      // As many as one segment has, none left out.
      expect(some.entries).toEqual(expected.slice(0, Math.min(some.entries.length, limit)));
      expect(some.entries.length).toBeGreaterThanOrEqual(Math.min(least, expected.length));
      return true;
    };

    it('answer with what the whole list has there, or not at all', async () => {
      const everything = fc.uniqueArray(fc.integer({ min: 1, max: 85 }), {
        minLength: 10,
        maxLength: 60,
        size: 'max',
      });
      await fc.assert(
        fc.asyncProperty(
          everything,
          fc.array(segment, { minLength: 1, maxLength: 8 }),
          fc.array(request, { minLength: 1, maxLength: 10 }),
          async (all, segments, requests) => {
            await redis.flushall();
            let answered = 0;
            for (const { validFrom, ...range } of segments) {
              const entries = newestFirst(all).filter(
                ({ position }) => position >= range.low && position <= range.high,
              );
              await feeds.keepSegment('r', { ...range, entries }, validFrom);
              for (const one of requests) if (await answersAsTheWholeListDoes(all, one)) answered++;
            }
            fc.pre(answered > 0);
          },
        ),
        { numRuns: Math.min(numRuns, 20), endOnFailure: true },
      );
    });

    it('are at most four for each reader, expire, and go if they are older than the newest follow', async () => {
      const keep = (low: number, asOf: number, validFrom = 0) =>
        feeds.keepSegment(
          'r',
          { low, high: low + 9, asOf, entries: [entry(low), entry(low + 5)] },
          validFrom,
        );
      for (let i = 0; i < 9; i++) await keep(10 * i + 1, 100 + i);
      const keys = await redis.keys('*');
      expect(keys).toHaveLength(4);
      for (const key of keys) expect(await redis.ttl(key)).toBeGreaterThan(500);
      const read = (from: number) => feeds.entriesOfSegment('r', { direction: 'desc', from, limit: 1 });
      expect(await read(91)).toEqual({ asOf: 108, entries: [entry(86)] });
      await keep(1, 120, 108);
      expect(await read(91)).toBeDefined();
      await keep(11, 120, 109);
      expect(await read(91)).toBeUndefined();
      expect(
        await feeds.entriesOfSegment('somebody', { direction: 'desc', from: 91, limit: 1 }),
      ).toBeUndefined();
    });

    it('reach to the end of the feed if they start at position 1', async () => {
      const all = { direction: 'desc', from: 51, limit: 10 } as const;
      await feeds.keepSegment('r', { low: 2, high: 50, asOf: 60, entries: [entry(20), entry(10)] }, 0);
      expect(await feeds.entriesOfSegment('r', all)).toBeUndefined();
      await feeds.keepSegment('r', { low: 1, high: 50, asOf: 61, entries: [entry(20), entry(10)] }, 61);
      expect(await feeds.entriesOfSegment('r', all)).toEqual({ asOf: 61, entries: [entry(20), entry(10)] });
    });
  });

  it('lists every feed that is held, of each reader', async () => {
    for (const reader of ['a', 'b', 'c.7']) await feeds.fill(reader, nothing);
    const held = async () => {
      const keys: string[] = [];
      for await (const some of feeds.held()) keys.push(...some);
      return keys.toSorted();
    };
    expect(await held()).toEqual(['a', 'b', 'c.7']);
    await feeds.drop(['a', 'c.7', 'd']);
    expect(await held()).toEqual(['b']);
  });
});
