import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isPlayable } from '../../tests/support/playable.ts';
import { powerLaw, powerLawFollows } from './power-law.ts';

test('a network of any size can be played', () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 120 }), (n) => {
      const plan = powerLaw(n);
      expect(plan.people).toHaveLength(n);
      isPlayable(plan);
    }),
    { numRuns: 30 },
  );
});

test('the same size gives the same network', () => {
  expect(powerLaw(200)).toEqual(powerLaw(200));
});

test('the number of followers has a power-law tail', () => {
  const n = 20_000;
  const followers = new Array<number>(n).fill(0);
  for (const [, to] of powerLawFollows(n)) followers[to] = (followers[to] ?? 0) + 1;
  const sorted = followers.toSorted((a, b) => b - a);
  const mean = sorted.reduce((a, b) => a + b) / n;
  expect(sorted[0] ?? 0).toBeGreaterThan(100 * mean);
  expect(sorted[n / 2] ?? 0).toBeLessThan(mean);

  // Hill's estimate of the density's exponent from the top 5 % (A. Clauset and others, SIAM Review 51(4), 2009).
  const tail = sorted.slice(0, n / 20);
  const least = tail.at(-1) ?? 1;
  const exponent = 1 + tail.length / tail.reduce((sum, x) => sum + Math.log(x / least), 0);
  expect(exponent).toBeGreaterThan(1.8);
  expect(exponent).toBeLessThan(2.8);
});
