import { expect, it } from 'vitest';
import { createClock } from './clock.ts';

it('gives one actor ever later instants, even where the time stands still or is set back', () => {
  const times = [1_000, 1_000, 1_000, 400, 2_000];
  const clock = createClock(() => times.shift() ?? 0);
  const given = [1, 2, 3, 4, 5].map(() => Date.parse(clock('ann')));
  expect(given).toEqual([1_000, 1_001, 1_002, 1_003, 2_000]);
});

it('keeps actors apart', () => {
  const clock = createClock(() => 1_000);
  expect(clock('ann')).toBe(clock('bob'));
});
