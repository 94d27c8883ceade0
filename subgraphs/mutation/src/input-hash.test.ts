import { expect, it } from 'vitest';
import { inputHash } from './input-hash.ts';

it('is the same for the same input in another order, and for a field that is absent or undefined', () => {
  expect(inputHash('UPDATE_PROFILE', { name: 'Ann', bio: 'x' })).toBe(
    inputHash('UPDATE_PROFILE', { bio: 'x', name: 'Ann' }),
  );
  expect(inputHash('POST', { body: 'x', inReplyTo: undefined })).toBe(inputHash('POST', { body: 'x' }));
});

it('differs by verb, by value, and by field', () => {
  const hashes = [
    inputHash('LIKE', { postId: '1' }),
    inputHash('UNLIKE', { postId: '1' }),
    inputHash('LIKE', { postId: '2' }),
    inputHash('UPDATE_PROFILE', { name: 'x' }),
    inputHash('UPDATE_PROFILE', { bio: 'x' }),
    inputHash('UPDATE_PROFILE', { bio: null }),
    inputHash('UPDATE_PROFILE', {}),
  ];
  expect(new Set(hashes).size).toBe(hashes.length);
});
