import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toMutedWord, toPattern, toSearchable } from './muted-words.ts';

const has = (text: string, word: string): boolean =>
  toSearchable(text).includes(toPattern(toMutedWord(word) ?? '?'));

describe('a muted word', () => {
  it.each([
    ['rook', 'A rook.', true],
    ['rook', 'The ROOK', true],
    ['Rook', 'ｒｏｏｋ', true],
    ['rook', 'rooks', false],
    ['rook', 'a brook', false],
    ['rook', 'snake_rook', false],
    ['rook', 'rook-like', true],
    ['rook', '#rook', true],
    ['#rook', '#Rook!', true],
    ['#rook', 'rook', false],
    ['#rook', '#rooks', false],
    ['STRASSE', 'in der Straße', true],
    ['οδος', 'ΟΔΟΣ', true],
    ['cafe', 'café', false],
    ['café', 'cafe\u0301', true],
    ['the end', 'It is the\n  END of it', true],
    ['the end', 'the very end', false],
    ['spoiler', 'spo\u00adil\u200ber', true],
    ['ネタバレ', 'ネタバレ注意', true],
    ['注意', 'ネタバレ注意', true],
    ['東京', '新東京駅', true],
    ['แมว', 'ฉันมีแมวตัวหนึ่ง', true],
    ['хотел', 'Хотелось', false],
    ['🐦', 'a🐦b', true],
    ['c++', 'C++ and C', true],
    ['c++', 'c', false],
    ["don't", "DON'T!", true],
    ['a', 'a\u0301', false],
  ])('%j in %j: %s', (word, text, isThere) => expect(has(text, word)).toBe(isThere));

  it.each([
    ['', undefined],
    [' \n', undefined],
    ['\u200b\u00ad', undefined],
    ['a\0b', undefined],
  ])('%j is none', (text, word) => expect(toMutedWord(text)).toBe(word));
  it.each(['\ud800', 'x'.repeat(101), 'ﷺ'.repeat(30)])('%j is none either', (text) =>
    expect(toMutedWord(text)).toBeUndefined(),
  );

  it('has one form, which every text has that has the word by itself', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 20 }), (text) => {
        const word = toMutedWord(text);
        if (word === undefined) return;
        expect(toMutedWord(word)).toBe(word);
        expect(has(`. ${text} .`, text)).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  it('is looked for in a page of the longest texts in little time, whatever text and words are', () => {
    for (const [unit, end] of [
      ['a ', 'b'],
      ['a', 'b'],
      ['ab', 'a'],
      ['東', '京'],
      ['. ', '.'],
    ] as const) {
      const text = unit.repeat(5_000 / unit.length);
      const patterns = Array.from({ length: 100 }, (_, i) =>
        toPattern(toMutedWord(unit.repeat(Math.ceil((i % 48) + 1)) + end) ?? '?'),
      );
      const { user } = process.threadCpuUsage();
      for (let post = 0; post < 20; post++) {
        const searchable = toSearchable(text);
        expect(patterns.every((pattern) => pattern !== '?')).toBe(true);
        expect(patterns.filter((pattern) => searchable.includes(pattern)).length).toBeLessThanOrEqual(100);
      }
      // Microseconds, of which a page of 20 posts may take 100,000 in all.
      expect(process.threadCpuUsage().user - user).toBeLessThan(60_000);
    }
  });
});
