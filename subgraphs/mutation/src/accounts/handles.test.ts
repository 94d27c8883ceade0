import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readHandle, skeleton } from './handles.ts';

describe('a handle', () => {
  it.each([
    ['ann', 'ann'],
    ['Ann_Lee9', 'ann_lee9'],
    ['ＡＤＭＩＮ', 'admin'],
    ['x'.repeat(30), 'x'.repeat(30)],
  ])('%j is %s', (text, handle) => expect(readHandle(text).handle).toBe(handle));

  it.each(['', 'ab', 'x'.repeat(31), 'a b c', 'ann!', 'аdmin', 'ann\0', 'ann\ud800', ' ann', 'ı'.repeat(3)])(
    '%j is none',
    (text) => expect(readHandle(text).handle).toBeUndefined(),
  );

  it.each([
    ['аdmin', 'admin'],
    ['ВОВ', 'bob'],
    ['МAX', 'max'],
    ['modern_10', 'modem_lo'],
    ['аnn_1', 'ann_l'],
    ['ｒｏｏｋ', 'rook'],
  ])('%j looks like %s', (text, handle) => expect(readHandle(text).skeletons).toContain(skeleton(handle)));

  it.each(['ann\0', '\0'])('%j looks like none', (text) => expect(readHandle(text).skeletons).toEqual([]));

  it('is in one form whatever the letter case, and folding it again changes nothing', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-zA-Z0-9_]{3,30}$/), (text) => {
        const { handle } = readHandle(text);
        expect(handle).toBe(readHandle(text.toUpperCase()).handle);
        expect(readHandle(handle ?? '').handle).toBe(handle);
        expect(readHandle(text).skeletons).toContain(skeleton(handle ?? ''));
      }),
    );
  });
});
