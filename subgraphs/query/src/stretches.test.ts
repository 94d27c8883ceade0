import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergeStretches, type Stretch } from './stretches.ts';

/** Returns the first entries of a list from a position on. */
const stretchOf = (
  positions: readonly number[],
  direction: 'asc' | 'desc',
  from: number,
  limit: number,
): Stretch => {
  const sign = direction === 'asc' ? 1 : -1;
  const past = positions
    .filter((position) => sign * (position - from) > 0)
    .sort((a, b) => sign * (a - b))
    .map((position) => ({ itemId: `item ${position}`, position }));
  return { entries: past.slice(0, limit), isLast: past.length <= limit };
};

const positions = fc.uniqueArray(fc.integer({ min: 1, max: 60 }), { maxLength: 30 });
const limits = fc.integer({ min: 1, max: 12 });

describe('two lists as one', () => {
  it('have what both of them have as far as both are known, and nothing of what may have gaps', () => {
    fc.assert(
      fc.property(
        fc.tuple(positions, positions),
        fc.tuple(limits, limits, limits),
        fc.constantFrom('asc', 'desc'),
        fc.integer({ min: 0, max: 61 }),
        ([one, other], [ofOne, ofOther, limit], direction, from) => {
          const merged = mergeStretches(
            stretchOf(one, direction, from, ofOne),
            stretchOf(other, direction, from, ofOther),
            { direction, from, limit },
          );
          const all = stretchOf([...new Set([...one, ...other])], direction, from, 100).entries;
          expect(merged.entries).toEqual(all.slice(0, merged.entries.length));
          expect(merged.entries.length).toBeGreaterThanOrEqual(Math.min(ofOne, ofOther, limit, all.length));
          if (merged.isLast) expect(merged.entries).toEqual(all);
        },
      ),
    );
  });
});
