import { expect, it } from 'vitest';
import { VerifiedTokens } from './verified-tokens.ts';

const valid = { validUntil: Number.POSITIVE_INFINITY };

it('remembers so many tokens, and forgets the oldest first', () => {
  const known = new VerifiedTokens(2);
  for (const token of ['a', 'b', 'c']) known.remember(token, valid);
  expect(['a', 'b', 'c'].map((token) => known.recall(token))).toEqual([undefined, valid, valid]);
});

it('forgets a token that is no longer valid', () => {
  const known = new VerifiedTokens(2);
  known.remember('a', { validUntil: Date.now() - 1 });
  expect(known.recall('a')).toBeUndefined();
});
