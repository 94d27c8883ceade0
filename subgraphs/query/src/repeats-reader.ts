import type { FeedEntry } from '@rookery/feeds';
import type { QueryContext } from './context.ts';
import type { FeedItemModel } from './models.ts';
import { type Neighbors, readNeighbors } from './neighbors.ts';
import type { Order, PageSource } from './page.ts';
import { showAll } from './pipeline.ts';
import { earlierItem, isUncertain, type Row, sharesOf } from './repeats.ts';

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
  source: Pick<Items<F, V>, 'candidates' | 'view'> & Required<Pick<Items<F, V>, 'spare'>>,
): OnceItems<F, V> => {
  const all: Items<F, V> = { ...source, order: 'desc' };
  const placesOf: OnceItems<F, V>['placesOf'] = (entries, order) => readPlaces(context, all, entries, order);
  const show = async (entries: readonly FeedEntry[], order: Order) =>
    (await placesOf(entries, order)).map((place) => (place?.repeats ? undefined : place?.item));
  return { ...all, show, placesOf };
};

const readPlaces = async <F, V extends F>(
  { loaders }: Pick<QueryContext, 'loaders'>,
  all: Items<F, V>,
  entries: readonly FeedEntry[],
  order: Order,
): Promise<(EntryContent | undefined)[]> => {
  const [oldest, newest] = order === 'desc' ? [entries.at(-1), entries[0]] : [entries[0], entries.at(-1)];
  const items = await Promise.all(entries.map(({ itemId }) => loaders.items.load(itemId)));
  // Only shares repeat anything: a run without them needs no older items.
  const shared = new Set(items.flatMap((item) => (item?.verb === 'SHARE' ? [item.post] : [])));
  const [shown, older] = await Promise.all([
    showAll(all.view, entries),
    readNeighbors(loaders, all, { from: oldest?.position, order: 'desc', posts: shared }),
  ]);
  const inOrder = shown.flatMap((item) => item ?? []);
  const run = order === 'desc' ? inOrder : inOrder.toReversed();
  const rows = await withOlder(run, older);
  const readAll = async (): Promise<readonly Row<FeedItemModel>[]> => {
    const posts = new Set(rows.flatMap((row) => row?.post.id ?? []));
    const newer = await readNeighbors(loaders, all, { from: newest?.position, order: 'asc', posts });
    const looked = [...newer.rows.toReversed(), ...rows];
    if (!isUncertain(looked, newer.rows.length)) return looked;
    return [...(await newer.whole()).toReversed(), ...run, ...(await older.whole())];
  };
  let around: ReturnType<typeof readAll> | undefined;
  const sharers = async ({ id }: FeedItemModel) => {
    // Read once, and only if somebody asks who shares one of the items.
    around ??= readAll();
    const all = await around;
    const at = all.findIndex((row) => row?.id === id);
    return sharesOf(all, at).map(({ actor }) => actor);
  };
  const named = (item: FeedItemModel): FeedItemModel => ({ ...item, sharers: () => sharers(item) });
  return shown.map((item) => {
    if (!item) return undefined;
    const repeats = earlierItem(rows, rows.indexOf(item));
    return { item: named(item), repeats: repeats && named(repeats) };
  });
};

/** Returns a run with what is next to it: all of it only if the places of the posts alone leave a doubt. */
const withOlder = async (
  run: readonly FeedItemModel[],
  older: Neighbors,
): Promise<readonly Row<FeedItemModel>[]> => {
  const looked = [...run, ...older.rows];
  return isUncertain(looked, run.length) ? [...run, ...(await older.whole())] : looked;
};
