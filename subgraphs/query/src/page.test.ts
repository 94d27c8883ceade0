import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Placed, pageSize, readPage } from './page.ts';

/** A list, newest first, whose odd ones may be denied by a rule. */
const sourceOf = (
  positions: () => readonly number[],
  denied: ReadonlySet<number>,
  most = Number.POSITIVE_INFINITY,
) => ({
  room: { take: async ({ length }: readonly unknown[]) => Math.min(length, most) },
  candidates: async (after: number | undefined, limit: number): Promise<Placed[]> =>
    [...positions()]
      .sort((a, b) => b - a)
      .filter((p) => after === undefined || p < after)
      .slice(0, limit)
      .map((position) => ({ position })),
  present: async (found: readonly Placed[]) =>
    found.map(({ position }) => (denied.has(position) ? undefined : `item ${position}`)),
});

describe('pageSize', () => {
  it('takes 1 to 100 and refuses everything else, naming the field', () => {
    expect([1, 20, 100].map(pageSize)).toEqual([1, 20, 100]);
    for (const wrong of [0, -1, 101, 1e9, Number.NaN, 1.5, null, undefined])
      expect(() => pageSize(wrong)).toThrow(
        expect.objectContaining({ extensions: { code: 'BAD_USER_INPUT', field: 'first' } }),
      );
  });
});

describe('readPage', () => {
  const size = fc.integer({ min: 1, max: 20 });
  const list = fc.uniqueArray(fc.integer({ min: 1, max: 500 }), { maxLength: 120 });

  it('gives, page after page, the whole visible list, each item once, while newer items arrive', async () => {
    await fc.assert(
      fc.asyncProperty(list, list, size, size, async (positions, denied, first, most) => {
        const hidden = new Set(denied);
        let now = [...positions];
        const source = sourceOf(() => now, hidden, most);
        const seen: number[] = [];
        let after: number | undefined;
        for (let page = 0; ; page++) {
          const slice = await readPage({ first, after, ...source });
          expect(slice.rows.length).toBeLessThanOrEqual(first);
          seen.push(...slice.rows.map((row) => row.position));
          if (!slice.hasNextPage) break;
          // A next page always starts further on, so that paging ends.
          expect(slice.end).toBeLessThan(after ?? Number.POSITIVE_INFINITY);
          after = slice.end;
          now = [1_000 + page, ...now];
        }
        expect(seen).toEqual([...positions].sort((a, b) => b - a).filter((p) => !hidden.has(p)));
      }),
    );
  });

  it('does not promise a next page where there is nothing more', async () => {
    const positions = [1, 2, 3, 4];
    const slice = await readPage({ first: 4, after: undefined, ...sourceOf(() => positions, new Set()) });
    expect(slice).toMatchObject({ hasNextPage: false, end: 1 });
    const empty = await readPage({ first: 4, after: undefined, ...sourceOf(() => [], new Set()) });
    expect(empty).toEqual({ rows: [], hasNextPage: false, end: undefined });
    const behind = await readPage({ first: 4, after: 1, ...sourceOf(() => positions, new Set()) });
    expect(behind).toEqual({ rows: [], hasNextPage: false, end: 1 });
  });

  it('starts the next page where it started itself if the answer has no room', async () => {
    const source = sourceOf(() => [1, 2, 3], new Set(), 0);
    for (const after of [undefined, 3])
      expect(await readPage({ first: 2, after, ...source })).toEqual({
        rows: [],
        hasNextPage: true,
        end: after,
      });
  });

  it('stops looking after a few rounds where the rules deny everything, and says where it stopped', async () => {
    const positions = Array.from({ length: 1_000 }, (_, i) => i + 1);
    let rounds = 0;
    const source = sourceOf(() => positions, new Set(positions));
    const slice = await readPage({
      first: 9,
      after: undefined,
      ...source,
      candidates: (after, limit) => {
        rounds++;
        return source.candidates(after, limit);
      },
    });
    expect(rounds).toBe(5);
    expect(slice).toEqual({ rows: [], hasNextPage: true, end: 951 });
  });
});
