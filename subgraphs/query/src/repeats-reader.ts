import type { FeedEntry } from '@rookery/feeds';
import type { QueryContext } from './context.ts';
import type { FeedItemModel } from './models.ts';
import { type Order, type PageSource, scan } from './page.ts';
import { showAll } from './pipeline.ts';
import { earlierItem, repeatWindow, sharesOf } from './repeats.ts';

type Items<F, V extends F> = PageSource<FeedEntry, F, V, FeedItemModel>;

/** Content of a feed at an entry. */
export interface EntryContent {
  readonly item: FeedItemModel;
  /** The item that shows the post already; undefined if the feed shows this one. */
  readonly repeats: FeedItemModel | undefined;
}

/** Items of a feed, newest first, in which a post comes up once among neighbors. */
export interface OnceItems<F, V extends F> extends Items<F, V> {
  /**
   * Returns what the feed has at the entries of a run without gaps, undefined if the rules deny it.
   * @param order in which the entries are
   */
  placesOf(entries: readonly FeedEntry[], order: Order): Promise<(EntryContent | undefined)[]>;
}

/** @param source every item that the rules let through, the repeats included */
export const withoutRepeats = <F, V extends F>(
  context: Pick<QueryContext, 'loaders'>,
  source: Pick<Items<F, V>, 'candidates' | 'view'>,
): OnceItems<F, V> => {
  const all: Items<F, V> = { ...source, order: 'desc', isThinned: true };
  const placesOf: OnceItems<F, V>['placesOf'] = (entries, order) => readPlaces(context, all, entries, order);
  const show = async (entries: readonly FeedEntry[], order: Order) =>
    (await placesOf(entries, order)).map((place) => (place?.repeats ? undefined : place?.item));
  return { ...all, show, placesOf };
};

/** Returns the items next to a position, nearest first. */
const neighbors = async <F, V extends F>(
  all: Items<F, V>,
  from: number | undefined,
  order: Order,
): Promise<readonly FeedItemModel[]> =>
  from === undefined
    ? []
    : (await scan(all, { from, order, size: repeatWindow })).rows.map(({ node }) => node);

const readPlaces = async <F, V extends F>(
  { loaders }: Pick<QueryContext, 'loaders'>,
  all: Items<F, V>,
  entries: readonly FeedEntry[],
  order: Order,
): Promise<(EntryContent | undefined)[]> => {
  const [oldest, newest] = order === 'desc' ? [entries.at(-1), entries[0]] : [entries[0], entries.at(-1)];
  const items = await Promise.all(entries.map(({ itemId }) => loaders.items.load(itemId)));
  // Only shares repeat anything: a run without them needs no older items.
  const hasShares = items.some((item) => item?.verb === 'SHARE');
  const [shown, older] = await Promise.all([
    showAll(all.view, entries),
    hasShares ? neighbors(all, oldest?.position, 'desc') : [],
  ]);
  const run = shown.flatMap((item) => item ?? []);
  const rows = [...(order === 'desc' ? run : run.toReversed()), ...older];
  let after: Promise<readonly FeedItemModel[]> | undefined;
  const sharers = async (item: FeedItemModel) => {
    // Read once, and only if somebody asks who shares one of the items.
    after ??= neighbors(all, newest?.position, 'asc');
    const newer = (await after).toReversed();
    return sharesOf([...newer, ...rows], newer.length + rows.indexOf(item)).map(({ actor }) => actor);
  };
  const named = (item: FeedItemModel): FeedItemModel => ({ ...item, sharers: () => sharers(item) });
  return shown.map((item) => {
    if (!item) return undefined;
    const repeats = earlierItem(rows, rows.indexOf(item));
    return { item: named(item), repeats: repeats && named(repeats) };
  });
};
