import { expect, it } from 'vitest';
import { lastOf } from './client-order.ts';

it.each([
  [
    'the one that was sent after the answer of the other',
    [
      [1, 2],
      [3, 4],
    ],
    [1],
  ],
  [
    'both of two at once',
    [
      [1, 3],
      [2, 4],
    ],
    [0, 1],
  ],
  [
    'one that was accepted, beside a later one that may have had no effect',
    [
      [1, 2],
      [3, null],
    ],
    [0, 1],
  ],
  ['one that was never answered, as long as nothing follows it', [[1, null]], [0]],
  [
    'one that was never answered, which may take effect after a later one',
    [
      [1, null],
      [2, 3],
    ],
    [0, 1],
  ],
] as const)('%s may have the last word', (_, commands, last) => {
  const all = commands.map(([sent, answered]) => ({ sent, answered }));
  expect(lastOf(all)).toEqual(last.map((n) => all[n]));
});
