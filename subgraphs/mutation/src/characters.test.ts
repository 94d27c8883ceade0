import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clusterFault, countCharacters, textFault } from './characters.ts';
import { readName, visibleTextFault } from './visible-text.ts';

/** Characters that people write and that take more than most: each is one grapheme cluster. */
const written = [
  ...['a', '漢', '한', 'é', 'e\u0302\u0301', 'o\u031b\u0323', 'ệ'.normalize('NFD'), '각'.normalize('NFD')],
  // Hindi and Sanskrit conjuncts, Bengali, Malayalam, Sinhala, Khmer, Myanmar, Thai, Tamil
  ...['क्ष्म्य', 'र्त्स्न्युं', 'ङ्क्ष्वौ', 'ন্ত্র্য', 'ന്ത്ര്യ', 'ක්‍ෂ්‍ර', 'ក្ស្ម្រេី', 'င်္ဂျွှ', 'กี้', 'க்ஷௌ'],
  // Tibetan stacks, Hebrew with vowels and cantillation, Arabic with harakat
  ...['ཧྐྵྨླྺྼྻྂ', 'བསྒྲུབས', 'שׁ\u05bc\u05b8\u0591\u05bd', 'لّٰ', 'ﷲ\u0651\u0670'],
  // ZWJ sequences with skin tones, flags, flags of subdivisions, keycaps
  ...['👩🏽‍❤️‍💋‍👨🏽', '👨‍👩‍👧‍👦', '👨🏽‍👩🏽‍👧🏽‍👦🏽', '🏳️‍⚧️', '🏴‍☠️', '🇩🇪', '🏴󠁧󠁢󠁳󠁣󠁴󠁿', '🏴󠁵󠁳󠁣󠁡󠁿', '#️⃣', '🧑🏿‍🦽‍➡️'],
];

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });
const firstCharacters = (text: string, count: number): string =>
  [...segmenter.segment(text)]
    .slice(0, count)
    .map(({ segment }) => segment)
    .join('');

/** Each script that Unicode blocks of 128 hold: its letters and the marks beside them. */
const scripts = () =>
  Array.from({ length: 0x20000 / 128 }, (_, block) => {
    const all = Array.from({ length: 128 }, (_, i) => block * 128 + i)
      .filter((code) => code < 0xd800 || code > 0xdfff)
      .map((code) => String.fromCodePoint(code));
    return {
      letters: all.filter((c) => /[\p{Lo}\p{Ll}\p{N}]/u.test(c)),
      marks: all.filter((c) => /\p{M}/u.test(c)),
    };
  }).filter(({ letters, marks }) => letters.length > 0 && marks.length > 0);

describe('characters', () => {
  it.each([
    ['plain', 5],
    ['é', 1],
    ['👩🏽‍❤️‍💋‍👨🏽', 1],
    ['🇩🇪🇫🇷', 2],
    ['\r\n', 1],
    ['नमस्ते', 3],
  ])('%j has %i', (text, count) => expect(countCharacters(text.normalize('NFD'), 100)).toBe(count));

  it('counts a text that it need not segment as the segmenter does', () => {
    const unit = fc.oneof(
      fc.integer({ min: 0, max: 0x2ff }).map((code) => String.fromCodePoint(code)),
      fc.constantFrom('\r', '\n', '\r\n', '\u00ad', '\u00a9', '\u0300', '\u0301', '\u200d', '👩', '🇩', '한'),
    );
    fc.assert(
      fc.property(fc.array(unit, { maxLength: 40 }), (units) => {
        const text = units.join('');
        expect(countCharacters(text, 100)).toBe([...segmenter.segment(text)].length);
      }),
      { numRuns: 1_000 },
    );
    for (let code = 0; code < 0x300; code++)
      expect(countCharacters(`a${String.fromCodePoint(code)}b`, 10), `U+${code.toString(16)}`).toBe(3);
  });

  it('stops counting above the maximum', () => expect(countCharacters('a'.repeat(100), 10)).toBe(11));

  it('counts by cluster: 5,000 of the longest emoji are 5,000 characters', () => {
    expect(textFault('👩🏽‍❤️‍💋‍👨🏽'.repeat(5_000), 1, 5_000)).toBeUndefined();
    expect(textFault('👩🏽‍❤️‍💋‍👨🏽'.repeat(5_001), 1, 5_000)).toBeDefined();
  });

  it('refuses more bytes than 5,000 of the longest emoji have', () => {
    expect(textFault(`a${'\u0301'.repeat(105_000)}`, 1, 5_000)).toBeDefined();
  });

  it.each([
    ['89,000 combining marks', `a${'\u0301'.repeat(89_000)}`],
    ['11 combining marks', `fine until here: a${'\u0301'.repeat(11)}`],
    ['enclosing marks', `a${'\u20dd'.repeat(11)}`],
    ['format characters', `a${'\u200d'.repeat(20)}`],
    ['variation selectors', `a${'\u{e0100}'.repeat(11)}`],
    ['tags', `🏴${'\u{e0067}'.repeat(20)}`],
    ['people in one emoji', '👩‍'.repeat(11)],
    ['letters in one conjunct', 'क्'.repeat(11)],
    ['Hangul vowels', `\u1100${'\u1161'.repeat(20)}`],
  ])('refuses one character of too many %s', (_what, text) => {
    expect(clusterFault(text)).toBeDefined();
  });

  it('takes a text of full length in whatever people write with', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...written), { minLength: 1, maxLength: 40 }), (some) => {
        const text = some.join('').repeat(Math.ceil(5_000 / some.length));
        const full = firstCharacters(text, 5_000);
        expect(textFault(full, 5_000, 5_000)).toBeUndefined();
        expect(clusterFault(full)).toBeUndefined();
      }),
      { numRuns: 50 },
    );
  });

  it('takes a text of full length in any script, with up to four marks on each letter', () => {
    for (const { letters, marks } of scripts()) {
      const letter = fc.constantFrom(...letters);
      const written = fc
        .tuple(letter, fc.array(fc.constantFrom(...marks), { maxLength: 4 }))
        .map(([base, above]) => base + above.join(''));
      // A space ends a conjunct, which random viramas would let grow without end.
      const text = fc.array(written, { minLength: 300, maxLength: 300 }).map((all) => all.join(' '));
      fc.assert(
        fc.property(text, (some) => {
          const full = firstCharacters(some.repeat(Math.ceil(5_000 / countCharacters(some, 5_000))), 5_000);
          expect(textFault(full, 5_000, 5_000)).toBeUndefined();
          expect(clusterFault(full)).toBeUndefined();
        }),
        { numRuns: 2 },
      );
    }
  });

  it.each(['a\0b', '\ud800', 'a\udfffb'])('refuses %j', (text) => {
    expect(textFault(text, 1, 5_000)).toBeDefined();
  });

  it.each(['\u202eright to left', "'; drop table users; --", '{"$ne":1}', ' '])('takes %j', (text) => {
    expect(textFault(text, 1, 5_000)).toBeUndefined();
  });

  it('never holds the event loop, whatever the text', () => {
    const unit = fc.constantFrom('a', '\u0301', '👩', '\u200d', '🇩', 'क', '्', 'ᄀ', '\r', '\n', '漢');
    const text = fc
      .tuple(fc.array(unit, { minLength: 1, maxLength: 8 }), fc.integer({ min: 1, max: 250_000 }))
      .map(([units, length]) => units.join('').repeat(Math.ceil(length / units.length)));
    fc.assert(
      fc.property(text, (value) => {
        const start = process.threadCpuUsage();
        visibleTextFault(value, 1, 5_000);
        readName(value, 80);
        const { user, system } = process.threadCpuUsage(start);
        expect((user + system) / 1_000).toBeLessThan(100);
      }),
    );
  });
});
