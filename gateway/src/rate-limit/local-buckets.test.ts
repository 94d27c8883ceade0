import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LocalBuckets } from './local-buckets.ts';

test('a bucket gives its limit at once, and no more than as much again over each window', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.integer({ min: 0, max: 5_000 }), fc.integer({ min: 1, max: 10 })), {
        maxLength: 60,
      }),
      async (steps) => {
        let now = 0;
        let given = 0;
        const buckets = new LocalBuckets(() => now, 10);
        for (const [wait, cost] of steps) {
          now += wait;
          const { allowed, left } = await buckets.take([{ key: 'k', limit: 20, window: 10, cost }]);
          if (allowed) given += cost;
          expect(left[0]).toBeGreaterThanOrEqual(0);
          expect(given).toBeLessThanOrEqual(20 + (now / 10_000) * 20 + 1e-6);
        }
      },
    ),
  );
});

test('of several buckets all are charged or none is', async () => {
  const buckets = new LocalBuckets(() => 0);
  const small = { key: 'small', limit: 1, window: 60, cost: 1 };
  const large = { key: 'large', limit: 10, window: 60, cost: 1 };
  expect(await buckets.take([large, small])).toEqual({ allowed: true, left: [9, 0] });
  expect(await buckets.take([large, small])).toEqual({ allowed: false, left: [9, 0] });
  expect(await buckets.take([{ ...large, cost: 1_000 }])).toEqual({ allowed: false, left: [9] });
});
