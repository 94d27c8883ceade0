import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventuallyPasses } from '../support/eventually-passes.ts';
import { pageBySpecification } from '../support/page-by-specification.ts';
import { propertyRuns } from '../support/property-runs.ts';
import { codes, type QueryWorld, startQueryWorld } from '../support/systems/query-world.ts';

let world: QueryWorld;
beforeAll(async () => {
  // Redis holds so few that pages of the friends feed come from it and from the documents in turn.
  world = await startQueryWorld({ FEED_CAP: '20' });
});
afterAll(() => world[Symbol.asyncDispose]());

interface Page {
  readonly edges: readonly { readonly cursor: string; readonly node: { readonly id: string } }[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string;
    readonly endCursor: string;
  };
}
interface PageArgs {
  readonly first?: number;
  readonly after?: string | undefined;
  readonly last?: number;
  readonly before?: string | undefined;
}

/** A connection, with functions that add and remove its items. */
interface List {
  readonly order: 'asc' | 'desc';
  readonly viewer: string;
  /** The field that leads to the connection, with ARGS for its arguments. */
  readonly field: string;
  /** Nodes that it begins with, so that Redis cannot hold them all. */
  readonly seed?: number;
  /** Returns the id of the new node. */
  insert(): Promise<string>;
  remove(id: string): Promise<unknown>;
}

const lists: Readonly<Record<string, () => Promise<List>>> = {
  myFeed: async () => {
    const viewer = await world.user();
    return {
      order: 'desc',
      viewer,
      field: 'myFeed(ARGS)',
      insert: () => world.post(viewer),
      remove: (id) => world.change('items', id, { active: false }),
    };
  },
  friendsFeed: async () => {
    const [viewer, author, big] = [await world.user(), await world.user(), await world.user()];
    await world.relate('follows', viewer, author);
    await world.relate('follows', viewer, big);
    await world.change('authors', big, { big: true });
    let n = 0;
    return {
      order: 'desc',
      viewer,
      field: 'friendsFeed(ARGS)',
      seed: 25,
      async insert() {
        const isMerged = n++ % 3 === 0;
        const id = await world.post(isMerged ? big : author);
        if (!isMerged) await world.fanOut(id, [viewer]);
        await world.progress();
        return id;
      },
      remove: (id) => world.change('items', id, { active: false }),
    };
  },
  followers: async () => {
    const viewer = await world.user();
    return {
      order: 'desc',
      viewer,
      field: 'me { it: followers(ARGS)',
      async insert() {
        const id = await world.user();
        await world.relate('follows', id, viewer);
        return id;
      },
      remove: (id) => world.relate('follows', id, viewer, false),
    };
  },
  following: async () => {
    const viewer = await world.user();
    return {
      order: 'desc',
      viewer,
      field: 'me { it: following(ARGS)',
      async insert() {
        const id = await world.user();
        await world.relate('follows', viewer, id);
        return id;
      },
      remove: (id) => world.relate('follows', viewer, id, false),
    };
  },
  replies: async () => {
    const viewer = await world.user();
    const post = await world.post(viewer);
    return {
      order: 'asc',
      viewer,
      field: `post(id: "${post}") { it: replies(ARGS)`,
      insert: () => world.post(viewer, { inReplyTo: post }),
      remove: (id) => world.change('posts', id, { deleted: true }),
    };
  },
};

const argument = ([name, value]: [string, unknown]) => `${name}: ${JSON.stringify(value)}`;
const readPage = async (
  { viewer, field }: Pick<List, 'viewer' | 'field'>,
  args: PageArgs,
  info = 'hasNextPage hasPreviousPage startCursor endCursor',
): Promise<Page> => {
  const given = Object.entries(args).filter(([, value]) => value !== undefined);
  const place = field.replace('(ARGS)', given.length > 0 ? `(${given.map(argument).join(', ')})` : '');
  const query = `{ ${place} { edges { cursor node { id } } pageInfo { ${info} } } }`;
  const answer = await world.ask(place.includes('{') ? `${query} }` : query, { viewer });
  expect(codes(answer)).toBeUndefined();
  const [found] = Object.values(answer.data) as [Page | { readonly it: Page }];
  return 'it' in found ? found.it : found;
};
const idsOf = ({ edges }: Page): string[] => edges.map(({ node }) => node.id);

/** Reads the whole list, page after page, from either end. */
const readAll = async (list: List, size: number, direction: 'forward' | 'backward'): Promise<string[]> => {
  const ids: string[] = [];
  for (let cursor: string | undefined; ; ) {
    const isForward = direction === 'forward';
    const page = await readPage(
      list,
      isForward ? { first: size, after: cursor } : { last: size, before: cursor },
    );
    if (isForward) ids.push(...idsOf(page));
    else ids.unshift(...idsOf(page));
    const { hasNextPage, hasPreviousPage, startCursor, endCursor } = page.pageInfo;
    if (!(isForward ? hasNextPage : hasPreviousPage)) return ids;
    cursor = isForward ? endCursor : startCursor;
  }
};

interface PageStep {
  readonly direction: 'forward' | 'backward';
  readonly size: number;
  readonly after: number | null;
  readonly before: number | null;
}

/** A list, and the model that its pages are compared with. */
class PlayedList {
  readonly #list: List;
  /** Ids in the order in which they were put in; what was taken out leaves its place empty. */
  readonly #model: (string | undefined)[] = [];
  /** Cursors of removed items still mark a position. */
  readonly #cursors = new Map<number, string>();

  constructor(list: List) {
    this.#list = list;
  }

  async insert(): Promise<void> {
    this.#model.push(await this.#list.insert());
  }

  async remove(which: number): Promise<void> {
    const ordinal = which % Math.max(this.#model.length, 1);
    const id = this.#model[ordinal];
    if (id !== undefined) await this.#list.remove(id);
    this.#model[ordinal] = undefined;
  }

  /** Reads a page and compares it with the specification. */
  async checkPage({ direction, size, ...at }: PageStep): Promise<void> {
    const [after, before] = [this.#known(at.after), this.#known(at.before)];
    const page = await readPage(this.#list, {
      ...(direction === 'forward' ? { first: size } : { last: size }),
      after: after === undefined ? undefined : this.#cursors.get(after),
      before: before === undefined ? undefined : this.#cursors.get(before),
    });
    const { order } = this.#list;
    const visible = [...this.#model.keys()].filter((ordinal) => this.#model[ordinal] !== undefined);
    const ordered = order === 'asc' ? visible : visible.toReversed();
    const expected = pageBySpecification(ordered, order, { direction, size, after, before });
    expect({
      ids: idsOf(page),
      hasPrevious: page.pageInfo.hasPreviousPage,
      hasNext: page.pageInfo.hasNextPage,
    }).toEqual({
      ids: expected.positions.map((ordinal) => this.#model[ordinal]),
      hasPrevious: expected.hasPrevious,
      hasNext: expected.hasNext,
    });
    for (const [i, { cursor }] of page.edges.entries())
      this.#cursors.set(expected.positions[i] ?? Number.NaN, cursor);
  }

  /** Returns the ordinal of an item whose cursor is known; undefined for no cursor. */
  #known(which: number | null): number | undefined {
    const ordinals = [...this.#cursors.keys()];
    return which === null || ordinals.length === 0 ? undefined : ordinals[which % ordinals.length];
  }
}

describe.each(Object.entries(lists))('%s', (name, open) => {
  const step = fc.oneof(
    fc.constant({ kind: 'insert' } as const),
    fc.constant({ kind: 'insert' } as const),
    fc.record({ kind: fc.constant('remove' as const), which: fc.nat(50) }),
    fc.record({
      kind: fc.constant('page' as const),
      direction: fc.constantFrom('forward' as const, 'backward' as const),
      size: fc.integer({ min: 1, max: 6 }),
      after: fc.option(fc.nat(50), { freq: 2 }),
      before: fc.option(fc.nat(50), { freq: 2 }),
    }),
  );

  it('has the pages of the specification, in both directions, while nodes come and go', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 12, maxLength: 40 }), async (steps) => {
        const list = await open();
        await world.progress();
        const played = new PlayedList(list);
        for (let i = 0; i < (list.seed ?? 0); i++) await played.insert();
        if (list.seed) await readPage(list, { first: 1 });
        for (const step of steps) {
          if (step.kind === 'insert') await played.insert();
          else if (step.kind === 'remove') await played.remove(step.which);
          else await played.checkPage(step);
        }
      }),
      { numRuns: propertyRuns(9) },
    );
  });

  it('is the same from either end, whatever the size of the pages', async () => {
    const list = await open();
    const ids: string[] = [];
    for (let i = 0; i < 13; i++) ids.push(await list.insert());
    await world.progress();
    const expected = list.order === 'asc' ? ids : ids.toReversed();
    for (const size of [1, 4, 13, 20])
      for (const direction of ['forward', 'backward'] as const)
        expect(await readAll(list, size, direction), `${direction} by ${size}`).toEqual(expected);
  });

  it('costs as much backwards as forwards, and no more than one look for the other side', async () => {
    const list = await open();
    for (let i = 0; i < 30; i++) await list.insert();
    await world.progress();
    const calls = async () => {
      const { documents, feeds } = await world.storeCalls();
      return documents + feeds;
    };
    const cost = async (args: PageArgs, info: string) => {
      const before = await calls();
      expect((await readPage(list, args, info)).edges).toHaveLength(4);
      return (await calls()) - before;
    };
    await readPage(list, { first: 1 });
    if (name === 'friendsFeed')
      await eventuallyPasses(async () => expect(await world.holds(list.viewer)).toBe(true));
    const [, , , , fifth] = (await readPage(list, { first: 10 })).edges;
    const [fromEnd] = (await readPage(list, { last: 5 })).edges;
    // From the newer end, which Redis holds, and far below it.
    for (const { cursor = '' } of [fifth ?? {}, fromEnd ?? {}]) {
      const forwards = await cost({ first: 4, after: cursor }, 'hasNextPage');
      const backwards = await cost({ last: 4, before: cursor }, 'hasPreviousPage');
      expect(backwards).toBeLessThanOrEqual(forwards);
      const both = 'hasNextPage hasPreviousPage';
      expect(await cost({ first: 4, after: cursor }, both)).toBeLessThanOrEqual(2 * forwards);
      expect(await cost({ last: 4, before: cursor }, both)).toBeLessThanOrEqual(2 * forwards);
    }
  });
});

it('a cursor that a page without arguments gave opens pages in both directions', async () => {
  const list = await (lists.myFeed as () => Promise<List>)();
  const ids = [await list.insert(), await list.insert(), await list.insert()].toReversed();
  await world.progress();
  const [first, second] = (await readPage(list, {})).edges;
  expect(idsOf(await readPage(list, { after: first?.cursor }))).toEqual(ids.slice(1));
  expect(idsOf(await readPage(list, { last: 5, before: second?.cursor }))).toEqual(ids.slice(0, 1));
});

it('a backward page of the friends feed ends at the position of the projections', async () => {
  const [viewer, author] = [await world.user(), await world.user()];
  await world.relate('follows', viewer, author);
  const list = { viewer, field: 'friendsFeed(ARGS)' };
  const first = await world.post(author);
  await world.progress();
  const second = await world.post(author);
  await world.progress(world.head, ['feeds', 'profiles']);
  const page = await readPage(list, { last: 5 });
  expect(idsOf(page)).toEqual([first]);
  expect(page.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: false });
  await world.progress(world.head, ['posts']);
  expect(idsOf(await readPage(list, { last: 5 }))).toEqual([second, first]);
});
