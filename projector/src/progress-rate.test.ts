import { expect, it } from 'vitest';
import { ProgressRate } from './progress-rate.ts';

it('is not known before two positions at some distance', () => {
  const rate = new ProgressRate();
  expect(rate.perSecond).toBeUndefined();
  rate.note(100, 0);
  rate.note(200, 100);
  expect(rate.perSecond).toBeUndefined();
  rate.note(1_100, 1_000);
  expect(rate.perSecond).toBe(1_000);
});

it('follows a change of the pace within its window', () => {
  const rate = new ProgressRate();
  for (let second = 0; second <= 60; second++) rate.note(second * 5_000, second * 1_000);
  for (let second = 1; second <= 15; second++) rate.note(300_000 + second * 100, (60 + second) * 1_000);
  expect(rate.perSecond).toBe(100);
});

it('begins again after a position that has gone back', () => {
  const rate = new ProgressRate();
  rate.note(1_000_000, 0);
  rate.note(0, 1_000);
  expect(rate.perSecond).toBeUndefined();
  rate.note(3_000, 2_000);
  expect(rate.perSecond).toBe(3_000);
});
