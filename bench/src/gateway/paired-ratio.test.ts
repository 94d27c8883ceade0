import { expect, test } from 'vitest';
import { pairedRatio } from './paired-ratio.ts';

const pairs = (ratios: readonly number[]) => ratios.map((ratio) => [ratio * 400, 400] as const);

test('the median and its bounds by rank, whatever a disturbed turn took', () => {
  const ratios = Array.from({ length: 100 }, (_, n) => 1 + n / 1_000);
  expect(pairedRatio(pairs(ratios.toReversed()))).toEqual({
    median: expect.closeTo(1.0495, 10),
    low: expect.closeTo(1.04, 10),
    high: expect.closeTo(1.059, 10),
    pairs: 100,
  });
  expect(pairedRatio(pairs([...ratios.slice(0, 99), 50]))).toMatchObject({
    median: expect.closeTo(1.0495, 10),
    high: expect.closeTo(1.059, 10),
  });
});

test('few pairs are bounded by the smallest and the largest ratio', () => {
  expect(pairedRatio(pairs([1.2, 1, 1.1]))).toEqual({ median: 1.1, low: 1, high: 1.2, pairs: 3 });
});

test('the bounds hold the true median in 19 of 20 runs', () => {
  // Even numbers from 0 to 1, the same in each run of the test (Numerical Recipes).
  let state = 1;
  const next = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  const runs = Array.from({ length: 400 }, () =>
    pairedRatio(pairs(Array.from({ length: 40 }, () => 0.97 + next() / 10))),
  );
  const held = runs.filter(({ low, high }) => low <= 1.02 && high >= 1.02);
  expect(held.length).toBeGreaterThan(370);
});
