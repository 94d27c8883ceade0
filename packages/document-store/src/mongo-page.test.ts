import fc from 'fast-check';
import type { Filter, FindOptions } from 'mongodb';
import { expect, test } from 'vitest';
import { readPage, toFilter } from './mongo-page.ts';
import type { Kept } from './mongo-stored.ts';
import type { PageRequest } from './types.ts';

interface Placed {
  readonly actor: string;
  readonly position: number;
}

/** Documents in memory that answer the filters of a page as MongoDB does, and count the rows and the authors of each query. */
const documentsOf = (all: readonly Placed[]) => {
  const counted = { rows: 0, authors: [] as number[] };
  const find = async (filter: Filter<Kept>, { sort, limit = 0 }: FindOptions): Promise<Kept[]> => {
    const { actor, position: range } = filter as {
      readonly actor: { readonly $in: readonly string[] };
      readonly position: { readonly $gt?: number; readonly $lt?: number };
    };
    const wanted = new Set(actor.$in);
    const sign = (sort as { readonly position: 1 | -1 }).position;
    const found = all
      .filter((one) => wanted.has(one.actor))
      .filter(({ position }) => position > (range.$gt ?? -Infinity) && position < (range.$lt ?? Infinity))
      .toSorted((a, b) => sign * (a.position - b.position))
      .slice(0, limit);
    counted.rows += found.length;
    counted.authors.push(actor.$in.length);
    return found.map((one) => ({ ...one, _id: String(one.position), _revision: 1 }));
  };
  return { find, counted };
};

const actorsOf = (count: number): string[] => Array.from({ length: count }, (_, i) => `a${i}`);

const pageOf = async (
  all: readonly Placed[],
  request: Omit<PageRequest, 'where' | 'among' | 'orderBy'>,
  actors: number,
) => {
  const { find, counted } = documentsOf(all);
  const among = { field: 'actor', collection: 'follows', values: 'object', where: {} };
  const found = await readPage(
    { filterOf: toFilter, hasIndex: () => true, find, valuesOf: async () => actorsOf(actors) },
    {},
    { ...request, where: {}, among, orderBy: 'position' },
  );
  return { positions: found.map(({ position }) => position), ...counted };
};

test('a page of any number of authors is that of all of them, however their items are distributed', async () => {
  const position = fc.integer({ min: 1, max: 400 });
  const request = fc.record({
    direction: fc.constantFrom('asc' as const, 'desc' as const),
    after: fc.option(position, { nil: undefined }),
    until: fc.option(position, { nil: undefined, freq: 2 }),
    limit: fc.integer({ min: 1, max: 60 }),
  });
  // More than one query has, at times all items by those of one query.
  const authors = fc.integer({ min: 1, max: 1_300 });
  const skew = fc.constantFrom(1, 40, 1_300);
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(position, { maxLength: 300, size: 'max' }),
      request,
      authors,
      skew,
      async (positions, { after, until, ...rest }, count, width) => {
        const all = positions.map((at, i) => ({ actor: `a${(i * 7) % width}`, position: at }));
        const sign = rest.direction === 'asc' ? 1 : -1;
        const expected = all
          .filter(({ actor }) => Number(actor.slice(1)) < count)
          .map(({ position: at }) => at)
          .filter((at) => after === undefined || sign * at > sign * after)
          .filter((at) => until === undefined || sign * at < sign * until)
          .sort((a, b) => sign * (a - b))
          .slice(0, rest.limit);
        const page = await pageOf(all, { ...rest, after, until }, count);
        expect(page.positions).toEqual(expected);
      },
    ),
  );
});

test('a page of many authors returns little more than the page', async () => {
  const limit = 100;
  for (const actors of [10, 1_000, 5_000]) {
    const all = Array.from({ length: 20_000 }, (_, i) => ({
      actor: `a${(i * 7_919) % actors}`,
      position: i + 1,
    }));
    for (const after of [undefined, 20_001]) {
      const page = await pageOf(
        all,
        { direction: 'desc', limit, ...(after === undefined ? {} : { after }) },
        actors,
      );
      expect(page.positions).toEqual(Array.from({ length: limit }, (_, i) => 20_000 - i));
      expect(page.rows).toBeLessThanOrEqual(1.6 * limit);
    }
  }
});

test('a page of many authors is one query if they wrote enough of the nearest items', async () => {
  const all = Array.from({ length: 20_000 }, (_, i) => ({ actor: `a${i % 10_000}`, position: i + 1 }));
  const request = { after: 20_001, direction: 'desc', limit: 20 } as const;
  expect((await pageOf(all, request, 5_000)).authors).toEqual([5_000]);
  // A hundred of them wrote nothing but the oldest items.
  const old = all.map((item) => ({ ...item, actor: item.position < 200 ? item.actor : 'x' }));
  const page = await pageOf(old, request, 1_000);
  expect(page.positions).toEqual(Array.from({ length: 20 }, (_, i) => 199 - i));
  expect(page.authors.toSorted((a, b) => a - b).at(-1)).toBe(1_000);
});

test('the authors of a page are divided evenly among as few queries as possible', async () => {
  for (const [actors, expected] of [
    [200, [200]],
    [201, [101, 100]],
    [1_050, Array.from({ length: 6 }, () => 175)],
  ] as const) {
    const { authors } = await pageOf([], { direction: 'desc', limit: 20 }, actors);
    expect(authors).toEqual(expected);
  }
});
