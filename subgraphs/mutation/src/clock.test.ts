import { expect, it } from 'vitest';
import { createClock } from './clock.ts';

it('returns ever later times for one actor, even if the time does not move or is set back', () => {
  const times = [1_000, 1_000, 1_000, 400, 2_000];
  const clock = createClock(() => times.shift() ?? 0);
  const given = [1, 2, 3, 4, 5].map(() => Date.parse(clock('ann')));
  expect(given).toEqual([1_000, 1_001, 1_002, 1_003, 2_000]);
});

it('returns a later time than the mark, and goes on from there', () => {
  const clock = createClock(() => 1_000);
  expect(Date.parse(clock('ann', 6_000))).toBe(6_001);
  expect(Date.parse(clock('ann', 400))).toBe(6_002);
  expect(Date.parse(clock('ann'))).toBe(6_003);
});

it('keeps actors apart', () => {
  const clock = createClock(() => 1_000);
  expect(clock('ann')).toBe(clock('bob'));
});
