import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readName, visibleTextFault } from './visible-text.ts';

/** Code points that leave a reader with nothing to see. */
const blanks = [
  ...[
    ' ',
    '\t',
    '\n',
    '\r',
    '\v',
    '\u0007',
    '\u0085',
    '\u00a0',
    '\u00ad',
    '\u034f',
    '\u061c',
    '\u115f',
    '\u1160',
  ],
  ...[
    '\u1680',
    '\u17b4',
    '\u180b',
    '\u180e',
    '\u2000',
    '\u200b',
    '\u200c',
    '\u200d',
    '\u200e',
    '\u2028',
    '\u202e',
  ],
  ...[
    '\u2060',
    '\u2064',
    '\u2069',
    '\u206f',
    '\u2800',
    '\u3000',
    '\u3164',
    '\ufe0f',
    '\ufeff',
    '\uffa0',
    '\ufff9',
  ],
  ...['\ufffc', '\uffff', '\u{13441}', '\u{16fe4}', '\u{1d159}', '\u{1d173}', '\u{e0020}', '\u{e0100}'],
];

describe('a text that shows nothing', () => {
  it.each(blanks)('is refused: %j', (blank) =>
    expect(visibleTextFault(blank, 1, 5_000)).toContain('show something'),
  );

  it('is refused in any combination, and shows something with one letter more', () => {
    const blank = fc
      .array(fc.constantFrom(...blanks), { minLength: 1, maxLength: 8 })
      .map((all) => all.join(''));
    fc.assert(
      fc.property(
        blank,
        blank,
        fc.constantFrom('a', '.', '漢', 'ـ', '👍', '\u0600', '\u{110bd}', '\u0301'),
        (before, after, shown) => {
          expect(visibleTextFault(before + after, 1, 5_000)).toBeDefined();
          expect(visibleTextFault(`${before}${shown}${after}`, 1, 5_000)).toBeUndefined();
        },
      ),
    );
  });

  it('may be empty if it is optional', () => {
    expect(visibleTextFault('', 0, 500)).toBeUndefined();
    expect(visibleTextFault('', 1, 500)).toBeDefined();
  });
});

describe('a name', () => {
  it.each([
    ['Ann Lee', 'Ann Lee'],
    ['  Ann\u3000', 'Ann'],
    ['Zoe\u0308', 'Zoë'],
    ['山田　太郎', '山田　太郎'],
    ['נועה‏ (Noa)', 'נועה‏ (Noa)'],
    ['a \u2067שלום\u2069 b', 'a \u2067שלום\u2069 b'],
    ['\u202b\u2066x\u2069\u202c', '\u202b\u2066x\u2069\u202c'],
    ['می‌خواهم', 'می‌خواهم'],
    ['👨‍👩‍👧‍👦', '👨‍👩‍👧‍👦'],
  ])('%j is kept as %j', (text, name) => expect(readName(text, 80)).toEqual({ name }));

  it.each([
    ...['', ' ', '\u200b', '\u3164', '\u2800', ' \u200b\u3164\u2800', '\u202e\u202c'],
    ...['Ann\nLee', 'Ann\n', '\u0007Ann', 'Ann\u0085', 'Ann\u2028Lee', 'Ann\u2029', 'a\tb', '\u001b[31mred'],
    ...[
      '\u202eAnn',
      'Ann\u202c',
      'Ann\u2067',
      'Ann\u2069',
      '\u202e\u2066Ann\u202c\u2069',
      '\u2068a\u2069\u2069',
    ],
    ...[`a${'\u0301'.repeat(1_400)}`, `a${'\u0301'.repeat(11)}`.repeat(80), 'a\0', '\ud800', 'x'.repeat(81)],
  ])('%j is refused', (text) => expect(readName(text, 80)).toHaveProperty('fault'));

  it('is the same once it is read again', () => {
    const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(text, (some) => {
        const read = readName(some, 80);
        if ('name' in read) expect(readName(read.name, 80)).toEqual(read);
      }),
    );
  });
});
