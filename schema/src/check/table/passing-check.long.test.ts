import { expect, test } from 'vitest';
import { checkRandomPairs } from './passing-check.ts';

test('after a check that passes, every recorded operation validates and plans: many pairs', {
  timeout: 1_800_000,
}, async () => {
  const { passed, failed, unused } = await checkRandomPairs(1_500);
  expect(Math.min(passed, failed, unused)).toBeGreaterThan(50);
});
