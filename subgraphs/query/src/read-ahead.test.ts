import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ReadAhead } from './read-ahead.ts';

const top = 61;

/** Returns reads of a list, each with some entries more than it must have. */
const listOf = (positions: readonly number[], ahead: number) => {
  const newestFirst = positions
    .toSorted((a, b) => b - a)
    .map((position) => ({ itemId: `item ${position}`, position }));
  let reads = 0;
  const list = new ReadAhead(top, async (from, limit) => {
    reads++;
    const older = newestFirst.filter(({ position }) => position < from);
    return { entries: older.slice(0, limit + ahead), isLast: older.length <= limit + ahead };
  });
  return { list, newestFirst, reads: () => reads };
};

const positions = fc.uniqueArray(fc.integer({ min: 1, max: top - 1 }), { maxLength: 40 });
const ask = fc.record({
  order: fc.constantFrom('before', 'after'),
  position: fc.integer({ min: 0, max: top + 5 }),
  limit: fc.integer({ min: 1, max: 12 }),
});

describe('a part of a list that is read ahead', () => {
  it('answers as the list does, whatever was asked before', async () => {
    await fc.assert(
      fc.asyncProperty(positions, fc.nat(20), fc.array(ask), async (all, ahead, asks) => {
        const { list, newestFirst } = listOf(all, ahead);
        for (const { order, position, limit } of asks) {
          const expected =
            order === 'before'
              ? newestFirst.filter((entry) => entry.position < position)
              : newestFirst.filter((entry) => entry.position > position).toReversed();
          const found = order === 'before' ? await list.before(position, limit) : list.after(position, limit);
          if (order === 'before' || found) expect(found).toEqual(expected.slice(0, limit));
        }
      }),
    );
  });

  it('is read once for a page, a second round, what is next to it, and what is newer than a first page', async () => {
    const all = Array.from({ length: 60 }, (_, i) => i + 1);
    const { list, reads } = listOf(all, 40);
    const page = await list.before(Number.MAX_SAFE_INTEGER, 10);
    await list.before(page.at(-1)?.position ?? 0, 5);
    await list.before(page.at(-1)?.position ?? 0, 40);
    expect(list.after(page[0]?.position ?? 0, 40)).toEqual([]);
    expect(list.after(page[9]?.position ?? 0, 40)).toEqual(page.slice(0, 9).toReversed());
    expect(reads()).toBe(1);
    expect(await list.before(page.at(-1)?.position ?? 0, 41)).toHaveLength(41);
    expect(reads()).toBe(2);
  });
});
