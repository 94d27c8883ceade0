import { shareItemId } from '@rookery/read-models';
import { newId } from '@rookery/runtime';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contextOf, readerOf } from './histories/documents.ts';
import type { FeedItemModel } from './models.ts';
import { lookahead } from './neighbors.ts';
import type { Order } from './page.ts';
import { repeatWindow } from './repeats.ts';
import { withoutRepeats } from './repeats-reader.ts';

/** An item of a feed, newest first. */
interface Listed {
  readonly id: string;
  readonly position: number;
  readonly verb: 'POST' | 'SHARE';
  readonly post: string;
  readonly isHidden: boolean;
}

interface Planned {
  /** Number of the post that the item shares; a number without a post is an item of a post of its own. */
  readonly shares: number;
  readonly isHidden: boolean;
}

const posts = Array.from({ length: 3 }, newId);

/** Returns the items of a plan. The first share of every third number is the post itself. */
const listedBy = (plan: readonly Planned[]): Listed[] =>
  plan.map(({ shares, isHidden }, i) => {
    const own = newId();
    const post = posts[shares] ?? own;
    const verb = post === own ? 'POST' : 'SHARE';
    const id = verb === 'POST' ? own : shareItemId(newId(), post);
    return { id, position: plan.length - i, verb, post, isHidden };
  });

/** Returns the feed of some items, and how many of them it has hydrated. */
const feedOf = (listed: readonly Listed[]) => {
  const items = new Map(listed.map(({ id, ...item }) => [id, item]));
  const context = contextOf(readerOf(new Map([['items', items]])), null);
  let hydrated = 0;
  const feed = withoutRepeats(context, {
    view: {
      hydrate: async ({ itemId }) => {
        hydrated++;
        return { id: itemId, item: items.get(itemId) };
      },
      isVisible: (facts): facts is typeof facts => facts.item?.isHidden === false,
      present: ({ id, item }) =>
        ({ id, verb: item?.verb, post: { id: item?.post }, actor: { id } }) as unknown as FeedItemModel,
    },
    spare: 0,
    candidates: async (from, order, limit) => {
      const entries = listed.map(({ id, position }) => ({ itemId: id, position }));
      const isPast = ({ position }: { readonly position: number }): boolean =>
        from === undefined || (order === 'desc' ? position < from : position > from);
      return (order === 'desc' ? entries : entries.toReversed()).filter(isPast).slice(0, limit);
    },
  });
  return { feed, hydrated: () => hydrated };
};

/** Returns what the rule says of a run, from all items that the viewer may see. */
const expectedOf = (listed: readonly Listed[], from: number, to: number) => {
  const near = listed.slice(Math.max(0, from - lookahead), to + lookahead);
  const visible = near.filter(({ isHidden }) => !isHidden);
  const sharersOf = (of: Listed): string[] => {
    const at = visible.indexOf(of);
    const window = visible.slice(Math.max(0, at - repeatWindow), at + 1).toReversed();
    return window.flatMap(({ id, verb, post }) => (verb === 'SHARE' && post === of.post ? [id] : []));
  };
  return listed.slice(from, to).map((item) => {
    if (item.isHidden) return undefined;
    const at = visible.indexOf(item);
    const before = visible.slice(at + 1, at + 1 + repeatWindow);
    const earlier = item.verb === 'SHARE' ? before.findLast(({ post }) => post === item.post) : undefined;
    return {
      item: { id: item.id, sharers: sharersOf(item) },
      repeats: earlier && { id: earlier.id, sharers: sharersOf(earlier) },
    };
  });
};

const placesIn = async ({ feed }: ReturnType<typeof feedOf>, run: readonly Listed[], order: Order) => {
  const entries = run.map(({ id, position }) => ({ itemId: id, position }));
  const places = await feed.placesOf(order === 'desc' ? entries : entries.toReversed(), order);
  const told = async (item: FeedItemModel | undefined) =>
    item && { id: item.id, sharers: (await item.sharers?.())?.map(({ id }) => id) };
  const all = await Promise.all(
    places.map(
      async (place) => place && { item: await told(place.item), repeats: await told(place.repeats) },
    ),
  );
  return order === 'desc' ? all : all.toReversed();
};

const plan = fc.array(
  fc.record({
    // Most have posts of their own, so that items of one post lie far apart.
    shares: fc.oneof({ weight: 1, arbitrary: fc.nat(2) }, { weight: 12, arbitrary: fc.constant(9) }),
    isHidden: fc.oneof({ weight: 4, arbitrary: fc.constant(false) }, fc.constant(true)),
  }),
  { minLength: 60, maxLength: 260, size: 'max' },
);

describe('a run of a feed in which a post comes up once', () => {
  it('shows and names what the rule says of all items around it, in both directions', async () => {
    await fc.assert(
      fc.asyncProperty(
        plan,
        fc.nat(120),
        fc.integer({ min: 1, max: 60 }),
        fc.constantFrom<Order>('asc', 'desc'),
        async (planned, from, size, order) => {
          const listed = listedBy(planned);
          const run = listed.slice(from, from + size);
          fc.pre(run.length > 0);
          const places = await placesIn(feedOf(listed), run, order);
          expect(places).toEqual(expectedOf(listed, from, from + run.length));
        },
      ),
    );
  });

  it('hydrates nothing next to it that has none of its posts, and of the rest only what is near', async () => {
    const plain = { shares: 9, isHidden: false };
    const share = { shares: 0, isHidden: false };
    const twenty = Array.from({ length: 20 }, () => plain);
    const costOf = async (planned: readonly Planned[]): Promise<number> => {
      const listed = listedBy(planned);
      const { feed, hydrated } = feedOf(listed);
      const entries = listed.slice(0, 21).map(({ id, position }) => ({ itemId: id, position }));
      await feed.placesOf(entries, 'desc');
      return hydrated();
    };
    expect(await costOf([share, ...twenty, ...twenty, ...twenty])).toBe(21);
    expect(await costOf([share, ...twenty, ...twenty.slice(1), share, ...twenty])).toBe(22);
    // It depends on hidden items whether this one is within the window.
    expect(await costOf([share, ...twenty, ...twenty, share, ...twenty])).toBeGreaterThan(40);
  });
});
