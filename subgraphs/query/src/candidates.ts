import type { FeedEntry, FeedPage, Feeds } from '@rookery/feeds';
import { changesKey, feedKey } from '@rookery/read-models';
import type { Logger, Policy } from '@rookery/runtime';
import { createFeedFills } from './feed-fills.ts';
import { type Following, readFollowing } from './following.ts';
import type { QueryMetrics } from './metrics.ts';
import { feedProjections, type Progress } from './progress.ts';
import type { Reader, ReadStore } from './read-store.ts';

/** Which part of a friends feed is asked for. */
interface Window {
  readonly viewer: string;
  /** Read before anything else, so that everything up to its position is there to be found. */
  readonly progress: Progress;
  /** Exclusive. */
  readonly from: number;
  readonly limit: number;
}

interface Found {
  /** Entries in the requested order; fewer than the limit only if there are no more. */
  readonly entries: readonly FeedEntry[];
  /** Whom the viewer follows, read together with the entries. */
  readonly following: Following;
}

/** Candidates of friends feeds: from Redis if it holds enough of the feed, otherwise from the documents. */
export interface Candidates {
  /** Newest first, older than `from`, and nothing that is newer than the progress. */
  before(reader: Reader, window: Window): Promise<Found>;
  /** Oldest first, newer than `from`; may go beyond the progress. */
  after(reader: Reader, window: Window): Promise<Found>;
  /** Items that have changed or gone, by the position at which they did, oldest first; may go beyond the progress. */
  changes(reader: Reader, window: Window, following: Following): Promise<readonly FeedEntry[]>;
}

export interface CandidatesOptions {
  readonly documents: ReadStore;
  /** Absent if there is no Redis. */
  readonly feeds?: { readonly store: Feeds; readonly link: Policy } | undefined;
  readonly metrics: QueryMetrics;
  readonly log: Logger;
  /** Items of a feed that Redis holds. */
  readonly cap: number;
}

type Direction = 'asc' | 'desc';
/** The position by which a list orders items: of their place, or of their last change. */
type ListField = 'position' | 'changed';

/** Returns the names of feeds in Redis, and of the audiences that they join. */
const keyOf = (field: ListField) => (field === 'position' ? feedKey : changesKey);

const itemsBy = async (
  reader: Reader,
  field: ListField,
  actors: readonly string[],
  direction: Direction,
  limit: number,
  from?: number,
): Promise<FeedEntry[]> => {
  if (actors.length === 0) return [];
  const items = await reader.collection('items').page({
    where: field === 'position' ? { actor: actors, active: true } : { actor: actors },
    orderBy: field,
    direction,
    ...(from === undefined ? {} : { after: from }),
    limit,
  });
  return items.flatMap(({ id, doc }) => {
    const position = doc[field] ?? null;
    return position === null ? [] : [{ itemId: id, position }];
  });
};

/** Two lists as one, each item once. */
const merge = (a: readonly FeedEntry[], b: readonly FeedEntry[], direction: Direction, limit: number) => {
  const byId = new Map([...a, ...b].map((entry) => [entry.itemId, entry]));
  const sign = direction === 'asc' ? 1 : -1;
  return [...byId.values()].sort((x, y) => sign * (x.position - y.position)).slice(0, limit);
};

export const createCandidates = ({ documents, feeds, metrics, log, cap }: CandidatesOptions): Candidates => {
  const fills = createFeedFills(log);

  /** Reads from Redis; undefined if it does not answer, or there is none. */
  const ask = async (read: (store: Feeds) => Promise<FeedPage>): Promise<FeedPage | undefined> => {
    if (!feeds) return undefined;
    const { store, link } = feeds;
    const level = link.state === 'closed' ? 'warn' : 'debug';
    try {
      return await link.execute(() => read(store));
    } catch (error) {
      log[level]({ error }, 'feeds are read from the documents');
      return undefined;
    }
  };

  const fillInBackground = (
    { store }: { readonly store: Feeds },
    key: string,
    field: ListField,
    { viewer, progress }: Pick<Window, 'viewer' | 'progress'>,
  ) =>
    fills.start(key, () =>
      store.fill(key, async (join) => {
        metrics.fills.inc();
        const reader: Reader = documents;
        const { all, big } = await readFollowing(reader, viewer);
        const merged = new Set(big);
        const written = [...all].filter((author) => !merged.has(author));
        // Before the items are read: one that comes later is written to this feed.
        await join(written.map((author) => keyOf(field)(author, progress.epoch)));
        return itemsBy(reader, field, written, 'desc', cap);
      }),
    );

  const find = async (
    reader: Reader,
    { viewer, progress, from, limit }: Window,
    direction: Direction,
    field: ListField = 'position',
    given?: Following,
  ): Promise<Found> => {
    const key = keyOf(field)(viewer, progress.epoch);
    const [held, following] = await Promise.all([
      ask((store) =>
        direction === 'desc'
          ? store.entriesBefore(key, from, limit)
          : store.entriesAfter(key, from, Number.MAX_SAFE_INTEGER, limit),
      ),
      given ?? readFollowing(reader, viewer),
    ]);
    if (feeds && held?.held === false) fillInBackground(feeds, key, field, { viewer, progress });
    // Upwards a feed that is ready holds everything; downwards only as far as it was not trimmed.
    const enough = held?.ready && (direction === 'asc' || held.entries.length >= limit || held.complete);
    metrics.feedReads.inc({ source: enough ? 'redis' : 'documents' });
    const actors = enough ? following.big : [...following.all];
    const items = await itemsBy(reader, field, actors, direction, limit, from);
    return {
      entries: enough ? merge(held.entries, items, direction, limit) : items,
      following,
    };
  };

  return {
    before: (reader, window) => {
      const next = window.progress.upTo(feedProjections) + 1;
      return find(reader, { ...window, from: Math.min(window.from, next) }, 'desc');
    },
    after: (reader, window) => find(reader, window, 'asc'),
    changes: async (reader, window, following) =>
      (await find(reader, window, 'asc', 'changed', following)).entries,
  };
};
