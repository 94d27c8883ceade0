import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fromStored, fromStoredText, toStored, toStoredText } from './text.ts';

/** Any sequence of code units, with those that matter here more often than chance would have it. */
const text = fc
  .array(
    fc.oneof(
      fc.integer({ min: 0, max: 0xffff }),
      fc.constantFrom(...'\0\u001b\ud83d\ude00\\"u0d'.split('').map((c) => c.charCodeAt(0))),
    ),
  )
  .map((units) => String.fromCharCode(...units));
const json = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    text,
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    tie('list'),
    tie('object'),
  ),
  list: fc.array(tie('value')),
  object: fc.dictionary(text, tie('value')),
})).value;

it('gives back any JSON as it was', () => {
  fc.assert(
    fc.property(json, (value) => {
      expect(fromStored(toStored(value))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});

it('gives back any text as it was, and keeps two texts apart', () => {
  fc.assert(
    fc.property(text, text, (a, b) => {
      expect(fromStoredText(toStoredText(a))).toBe(a);
      expect(toStoredText(a) === toStoredText(b)).toBe(a === b);
    }),
  );
});

it('stores nothing that an engine refuses', () => {
  fc.assert(
    fc.property(json, (value) => {
      const stored = toStored(value);
      expect(JSON.stringify(JSON.parse(stored))).not.toMatch(/(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/);
      expect(stored.isWellFormed()).toBe(true);
    }),
  );
});
