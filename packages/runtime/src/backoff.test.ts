import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backoffMs, jittered, waitBeforeRetry } from './backoff.ts';

const failures = fc.integer({ min: 1, max: 100_000 });
const delays = fc.tuple(fc.integer({ min: 1, max: 10_000 }), fc.integer({ min: 1, max: 100_000 }));

describe('backoff', () => {
  it('doubles the first delay with each failure, up to the longest', () => {
    const delay = (count: number) => backoffMs(count, { firstMs: 50, maxMs: 1_000, jitter: 'none' });
    expect([1, 2, 3, 4, 5, 6, 7, 5_000].map(delay)).toEqual([50, 100, 200, 400, 800, 1_000, 1_000, 1_000]);
  });

  it('keeps at least half of a delay, or any part of it, as asked', () => {
    fc.assert(
      fc.property(failures, delays, (count, [firstMs, longestMs]) => {
        const whole = backoffMs(count, { firstMs, maxMs: longestMs, jitter: 'none' });
        const half = backoffMs(count, { firstMs, maxMs: longestMs });
        const full = backoffMs(count, { firstMs, maxMs: longestMs, jitter: 'full' });
        expect(half).toBeGreaterThanOrEqual(Math.floor(whole / 2));
        expect(half).toBeLessThanOrEqual(whole);
        expect(full).toBeGreaterThanOrEqual(0);
        expect(full).toBeLessThanOrEqual(whole);
      }),
    );
    const spread = (jitter: 'half' | 'full') => {
      const drawn = Array.from({ length: 1_000 }, () => backoffMs(1, { firstMs: 1_000, jitter }));
      return [Math.min(...drawn), Math.max(...drawn)] as const;
    };
    // With 1,000 draws an end of the range is missed by a fifth with a chance below 1e-90.
    expect(spread('half')[0]).toBeLessThan(600);
    expect(spread('half')[1]).toBeGreaterThan(900);
    expect(spread('full')[0]).toBeLessThan(200);
    expect(spread('full')[1]).toBeGreaterThan(800);
  });

  it('ends at once when aborted', async () => {
    const stopping = new AbortController();
    const waiting = waitBeforeRetry(1, { firstMs: 3_600_000, maxMs: 3_600_000, signal: stopping.signal });
    stopping.abort();
    await waiting;
    await waitBeforeRetry(1, { firstMs: 3_600_000, maxMs: 3_600_000, signal: stopping.signal });
  });
});

it('jitter stays within its share', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 100_000 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (ms, share) => {
        expect(Math.abs(jittered(ms, share) - ms)).toBeLessThanOrEqual(ms * share + 1e-6);
      },
    ),
  );
});
