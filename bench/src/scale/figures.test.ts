import { expect, test } from 'vitest';
import { mediansOf } from './figures.ts';

test('the median of each figure counts, among the measurements that have it', () => {
  const rounds = [
    { time: 30, rate: 5, once: 1 },
    { time: 10, rate: 7 },
    { time: 20, rate: 9 },
  ];
  expect(mediansOf(rounds)).toEqual({ time: 20, rate: 7, once: 1 });
});

test('of an even number of measurements the lower one of the middle counts', () => {
  expect(mediansOf([{ time: 4 }, { time: 1 }, { time: 3 }, { time: 2 }])).toEqual({ time: 2 });
});

test('nothing measured is nothing', () => {
  expect(mediansOf([])).toEqual({});
});
