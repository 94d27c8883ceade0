import type { FeedEntry } from '@rookery/feeds';
import { postOfItemId } from '@rookery/read-models';
import type { Loaders } from './loaders.ts';
import type { FeedItemModel } from './models.ts';
import { type Order, type PageSource, scan } from './page.ts';
import { showAll } from './pipeline.ts';
import { type Row, repeatWindow } from './repeats.ts';

/** Entries next to a run that are looked at: 40 items among them are shown, unless the rules deny three of four. */
export const lookahead = 4 * (repeatWindow + 1);

/** The items of a feed next to a run on one side, nearest first, as far as they have posts that are asked about. */
export interface Neighbors {
  /** At their places among the entries; undefined for an entry between them. */
  readonly rows: readonly Row<FeedItemModel>[];
  /** Reads the same with each item between them that the viewer may see, and without places of others. */
  whole(): Promise<readonly FeedItemModel[]>;
}

const none: Neighbors = { rows: [], whole: async () => [] };

/**
 * Looks for posts next to a run. Only the ids of the entries are looked at, the items of shares, and whether the viewer may see those
 * with one of the posts.
 *
 * @param from position of the run's end, exclusive; undefined if the run is empty
 */
export const readNeighbors = async <F, V extends F>(
  { items }: Pick<Loaders, 'items'>,
  feed: PageSource<FeedEntry, F, V, FeedItemModel>,
  { from, order, posts }: { from: number | undefined; order: Order; posts: ReadonlySet<string> },
): Promise<Neighbors> => {
  if (from === undefined || posts.size === 0) return none;
  const entries = await feed.candidates(from, order, lookahead, 'compare');
  const postsOf = await Promise.all(
    entries.map(({ itemId }) => postOfItemId(itemId) ?? items.load(itemId).then((item) => item?.post)),
  );
  const found = entries.filter((_, i) => posts.has(postsOf[i] ?? ''));
  if (found.length === 0) return none;
  const shown = await showAll(feed.view, found);
  const itemOf = new Map(found.map((entry, i) => [entry, shown[i]]));
  const rows = entries.map((entry) => itemOf.get(entry));
  const last = rows.findLastIndex((row) => row !== undefined);
  const until = (entries[last]?.position ?? from) + (order === 'desc' ? -1 : 1);
  return {
    rows: rows.slice(0, last + 1),
    whole: async () =>
      (await scan(feed, { from, until, order, size: repeatWindow })).rows.map(({ node }) => node),
  };
};
