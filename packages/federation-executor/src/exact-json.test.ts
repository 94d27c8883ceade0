import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { isRawNumber, parseExact } from './exact-json.ts';

describe('parseExact', () => {
  it('agrees with JSON.parse if doubles can represent all numbers', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(parseExact(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  it('keeps the digits of integers of any length, wherever they stand', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 80n), max: 2n ** 80n }), fc.string(), (big, text) => {
        const json = `{"a":[${big},{"b":${big}}],${JSON.stringify(`t${text}`)}:${JSON.stringify(text)},"c":-0,"d":7}`;
        const read = parseExact(json) as { a: [unknown, unknown]; c: unknown; d: unknown };
        expect(JSON.stringify(read.a)).toBe(`[${big},{"b":${big}}]`);
        expect(isRawNumber(read.a[0])).toBe(String(Number(big)) !== String(big));
        expect([read.c, read.d]).toEqual([-0, 7]);
      }),
    );
  });

  test.each([
    ['{"a":9007199254740993}'],
    ['[-0.12345678901234567890]'],
    ['[0,1e400]'],
    ['[ 18446744073709551615 ]'],
  ])('keeps %s', (text) => {
    expect(JSON.stringify(parseExact(text))).toBe(text.replaceAll(' ', ''));
  });

  it('leaves texts that look like numbers alone', () => {
    expect(parseExact('{"a":"1,9007199254740993","b":1.50}')).toEqual({ a: '1,9007199254740993', b: 1.5 });
  });

  it('skips a byte order mark', () => {
    expect(parseExact('\ufeff{"a":1}')).toEqual({ a: 1 });
  });
});
