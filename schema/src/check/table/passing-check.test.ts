import { expect, test } from 'vitest';
import { checkRandomPairs } from './passing-check.ts';

test('after a check that passes, every recorded operation validates and plans', {
  timeout: 240_000,
}, async () => {
  const { passed, failed, unused } = await checkRandomPairs(10, 1);
  expect({ passed: passed > 2, failed: failed > 2, unused: unused > 0 }).toEqual({
    passed: true,
    failed: true,
    unused: true,
  });
});
