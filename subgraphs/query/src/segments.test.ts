import { describe, expect, it } from 'vitest';
import { toSegment } from './segments.ts';

const entries = (...positions: number[]) =>
  positions.map((position) => ({ itemId: `item${position}`, position }));

describe('a segment', () => {
  it('covers everything from where it was read to its last entry', () => {
    const run = { from: 30, direction: 'desc', isLast: false, asOf: 50 } as const;
    const read = entries(25, 20, 12);
    expect(toSegment({ ...run, entries: read })).toEqual({ low: 12, high: 29, asOf: 50, entries: read });
    expect(toSegment({ ...run, entries: read, isLast: true })).toMatchObject({ low: 1, high: 29 });
    expect(toSegment({ ...run, entries: [], isLast: true })).toMatchObject({ low: 1, high: 29 });
  });

  it('covers nothing that may still be incomplete', () => {
    const run = { from: 30, direction: 'asc', isLast: false, asOf: 50 } as const;
    expect(toSegment({ ...run, entries: entries(33, 41) })).toMatchObject({ low: 31, high: 41 });
    expect(toSegment({ ...run, entries: entries(33, 41, 57) })).toEqual({
      low: 31,
      high: 50,
      asOf: 50,
      entries: entries(33, 41),
    });
    expect(toSegment({ ...run, entries: entries(57), asOf: 30 })).toBeUndefined();
    expect(toSegment({ ...run, entries: [] })).toBeUndefined();
    expect(toSegment({ ...run, direction: 'desc', from: 52, entries: entries(51) })).toBeUndefined();
  });
});
