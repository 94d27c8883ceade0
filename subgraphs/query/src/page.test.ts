import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pageBySpecification } from '../../../tests/support/page-by-specification.ts';
import { fewSpare, type Order, type PageSource, type Placed, readPage } from './page.ts';
import type { PageRequest } from './page-request.ts';

const inOrder = (positions: readonly number[], order: Order): number[] =>
  positions.toSorted((a, b) => (order === 'asc' ? a - b : b - a));

/** A list whose rules deny some of its items. */
const sourceOf = (
  order: Order,
  positions: () => readonly number[],
  denied: ReadonlySet<number> = new Set(),
): PageSource<Placed, Placed, Placed, string> => ({
  order,
  candidates: async (from, order, limit) =>
    inOrder(positions(), order)
      .filter((position) => from === undefined || (order === 'asc' ? position > from : position < from))
      .slice(0, limit)
      .map((position) => ({ position })),
  view: {
    hydrate: async (candidate) => candidate,
    isVisible: (facts): facts is Placed => !denied.has(facts.position),
    present: ({ position }) => `item ${position}`,
  },
});
const roomFor = (most = Number.POSITIVE_INFINITY) => ({
  take: async ({ length }: readonly unknown[]) => Math.min(length, most),
});
const forward = (size: number, after?: number): PageRequest => ({
  direction: 'forward',
  size,
  after,
  before: undefined,
});
const backward = (size: number, before?: number): PageRequest => ({
  direction: 'backward',
  size,
  after: undefined,
  before,
});

const size = fc.integer({ min: 1, max: 20 });
const position = fc.integer({ min: 1, max: 500 });
const list = fc.uniqueArray(position, { maxLength: 120 });
const order = fc.constantFrom<Order>('asc', 'desc');
/** So few that the rounds of a page, in which it looks for more, are always enough. */
const few = fc.uniqueArray(position, { maxLength: 8 });

describe('readPage', () => {
  it('gives the page that the specification gives, whatever is put in and taken out in between', async () => {
    const change = fc.record({ insert: fc.option(position), remove: fc.option(fc.nat(200)) });
    const cursor = fc.option(fc.integer({ min: 0, max: 501 }), { nil: undefined });
    const request: fc.Arbitrary<PageRequest> = fc.record({
      direction: fc.constantFrom('forward', 'backward'),
      size,
      after: cursor,
      before: cursor,
    });
    await fc.assert(
      fc.asyncProperty(
        order,
        list,
        few,
        fc.array(fc.tuple(change, request), { minLength: 1, maxLength: 12 }),
        async (order, positions, denied, steps) => {
          const hidden = new Set(denied);
          const now = new Set(positions);
          const source = sourceOf(order, () => [...now], hidden);
          for (const [{ insert, remove }, request] of steps) {
            if (insert !== null) now.add(insert);
            if (remove !== null) now.delete([...now][remove % now.size] ?? 0);
            const page = await readPage(source, request, roomFor());
            const visible = inOrder([...now], order).filter((one) => !hidden.has(one));
            expect({
              positions: page.rows.map((row) => row.position),
              hasPrevious: await page.hasPrevious(),
              hasNext: await page.hasNext(),
            }).toEqual(pageBySpecification(visible, order, request));
          }
        },
      ),
    );
  });

  it.each(['forward', 'backward'] as const)(
    'gives, page by page %s, the visible list, each item once, while others come and go',
    async (direction) => {
      await fc.assert(
        fc.asyncProperty(
          order,
          list,
          list,
          size,
          size,
          fc.infiniteStream(fc.tuple(fc.integer({ min: 501, max: 900 }), fc.nat(200))),
          async (order, positions, denied, size, most, changes) => {
            const hidden = new Set(denied);
            const kept = inOrder(positions, order).filter((one) => !hidden.has(one));
            const others = new Set<number>();
            const source = sourceOf(order, () => [...positions, ...others], hidden);
            const seen: number[] = [];
            let from: number | undefined;
            for (;;) {
              const request = direction === 'forward' ? forward(size, from) : backward(size, from);
              const page = await readPage(source, request, roomFor(most));
              expect(page.rows.length).toBeLessThanOrEqual(size);
              const shown = page.rows.map((row) => row.position);
              if (direction === 'forward') seen.push(...shown);
              else seen.unshift(...shown);
              if (!page.hasMore) break;
              // The next page always starts further on, so that paging ends.
              if (from !== undefined) expect(page.end).not.toBe(from);
              from = page.end;
              const [[come, go]] = [...changes.take(1)] as [[number, number]];
              others.delete([...others][go % others.size] ?? 0);
              others.add(come);
            }
            expect(new Set(seen).size).toBe(seen.length);
            expect(inOrder(seen, order)).toEqual(seen);
            expect(seen.filter((one) => one <= 500)).toEqual(kept);
          },
        ),
      );
    },
  );

  it('reads a thinned list once for each page that lacks a few candidates, and then what is missing', async () => {
    const limits = async (denied: readonly number[]): Promise<number[]> => {
      const positions = Array.from({ length: 100 }, (_, i) => i + 1);
      const source = sourceOf('asc', () => positions, new Set(denied));
      const asked: number[] = [];
      const counting: typeof source = {
        ...source,
        spare: fewSpare,
        candidates: (...args) => {
          asked.push(args[2]);
          return source.candidates(...args);
        },
      };
      const { rows } = await readPage(counting, forward(20), roomFor());
      expect(rows).toHaveLength(20);
      return asked;
    };
    expect(await limits([])).toEqual([23]);
    expect(await limits([3, 7])).toEqual([23]);
    expect(await limits([3, 7, 8])).toEqual([23, 5]);
    expect(await limits(Array.from({ length: 23 }, (_, i) => i + 1))).toEqual([23, 21]);
  });

  it('does not promise more if there is nothing', async () => {
    const source = sourceOf('desc', () => [1, 2, 3, 4]);
    expect(await readPage(source, forward(4), roomFor())).toMatchObject({ hasMore: false, end: 1 });
    expect(await readPage(source, backward(4), roomFor())).toMatchObject({ hasMore: false, end: 4 });
    const empty = await readPage(
      sourceOf('desc', () => []),
      forward(4),
      roomFor(),
    );
    expect(empty).toMatchObject({ rows: [], hasMore: false, end: undefined });
    expect(await readPage(source, forward(4, 1), roomFor())).toMatchObject({
      rows: [],
      hasMore: false,
      end: 1,
    });
  });

  it('starts the next page where it started itself if the answer has no room', async () => {
    const source = sourceOf('desc', () => [1, 2, 3]);
    for (const from of [undefined, 2])
      for (const request of [forward(2, from), backward(2, from)])
        expect(await readPage(source, request, roomFor(0))).toMatchObject({
          rows: [],
          hasMore: true,
          end: from,
        });
  });

  it('reads nothing to say what lies on the other side of the end of a list', async () => {
    let reads = 0;
    const plain = sourceOf('desc', () => [1, 2, 3]);
    const source = {
      ...plain,
      candidates: (...args: Parameters<typeof plain.candidates>) => {
        reads++;
        return plain.candidates(...args);
      },
    };
    const first = await readPage(source, forward(2), roomFor());
    expect([await first.hasPrevious(), await first.hasNext(), reads]).toEqual([false, true, 1]);
    const last = await readPage(source, backward(2), roomFor());
    expect([await last.hasPrevious(), await last.hasNext(), reads]).toEqual([true, false, 2]);
    const inside = await readPage(source, forward(1, 3), roomFor());
    expect([await inside.hasNext(), reads]).toEqual([true, 3]);
    expect([await inside.hasPrevious(), reads]).toEqual([true, 4]);
  });

  it.each([
    [forward(9), 951],
    [backward(9), 50],
  ])(
    'stops after a few rounds if the rules deny everything, and returns its position',
    async (request, end) => {
      const positions = Array.from({ length: 1_000 }, (_, i) => i + 1);
      let rounds = 0;
      const source = sourceOf('desc', () => positions, new Set(positions));
      const page = await readPage(
        {
          ...source,
          candidates: (...args) => {
            rounds++;
            return source.candidates(...args);
          },
        },
        request,
        roomFor(),
      );
      expect(rounds).toBe(5);
      expect(page).toMatchObject({ rows: [], hasMore: true, end });
    },
  );
});
