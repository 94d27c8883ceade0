import { expect, it } from 'vitest';
import { handlesIn } from './mentions.ts';

it.each([
  ['@ada', ['ada']],
  ['Hello @Ada, @grace_h and @ADA.', ['ada', 'grace_h']],
  ['(@ada) @ada’s: @ben!', ['ada', 'ben']],
  ['@ada@ben', []],
  ['a@ada.org @ada.', ['ada']],
  ['https://rookery.test/@ada me@ada x.@ada', []],
  ['@ab @this_handle_is_longer_than_thirty_characters', []],
  ['@adaé @аda é@ada', []],
  ['@ @@ada', []],
  // The Kelvin sign is a letter k by case folding only.
  ['@\u212aelvin', []],
])('finds the handles of %j', (text, handles) => expect(handlesIn(text)).toEqual(handles));

it('finds at most ten', () =>
  expect(handlesIn(Array.from({ length: 30 }, (_, i) => `@user${i}`).join(' '))).toHaveLength(10));

it('looks at a text of any size in little time', () => {
  const { user } = process.threadCpuUsage();
  for (const part of ['@', '@a', '@abc', 'a@']) handlesIn(part.repeat(100_000 / part.length));
  // Microseconds, of which a search that is quadratic would take a thousand times as many.
  expect(process.threadCpuUsage().user - user).toBeLessThan(1_000_000);
});
