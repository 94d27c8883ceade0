import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countCharacters, textFault } from './characters.ts';

describe('characters', () => {
  it.each([
    ['plain', 5],
    ['é', 1],
    ['👩🏽‍❤️‍💋‍👨🏽', 1],
    ['🇩🇪🇫🇷', 2],
    ['\r\n', 1],
    ['नमस्ते', 3],
  ])('%j has %i', (text, count) => expect(countCharacters(text.normalize('NFD'), 100)).toBe(count));

  it('counts by cluster: 5,000 of the longest emoji are 5,000 characters', () => {
    expect(textFault('👩🏽‍❤️‍💋‍👨🏽'.repeat(5_000), 1, 5_000)).toBeUndefined();
    expect(textFault('👩🏽‍❤️‍💋‍👨🏽'.repeat(5_001), 1, 5_000)).toBeDefined();
  });

  it('refuses 100,000 combining marks on one letter', () => {
    expect(textFault(`a${'\u0301'.repeat(100_000)}`, 1, 5_000)).toBeDefined();
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
        const start = process.cpuUsage();
        textFault(value, 1, 5_000);
        const { user, system } = process.cpuUsage(start);
        expect((user + system) / 1_000).toBeLessThan(100);
      }),
    );
  });
});
