import type { FeedEntry, FeedPage, Feeds } from '@rookery/feeds';
import { changesKey, feedKey } from '@rookery/read-models';
import type { Logger, Policy } from '@rookery/runtime';
import { authorsWithAudience } from './authors-with-audience.ts';
import {
  type Broadcasts,
  changesBy,
  type ListField,
  noBroadcasts,
  type ReadContext,
  readBroadcasts,
} from './broadcasts.ts';
import { createFeedFills } from './feed-fills.ts';
import { itemsOfFollowed } from './followed-items.ts';
import type { QueryMetrics } from './metrics.ts';
import { itemsOfViewer } from './own-items.ts';
import { feedProjections, type Progress } from './progress.ts';
import type { ReadStore } from './read-store.ts';
import { newestFollow, toSegment } from './segments.ts';
import { mergeStretches, type Stretch } from './stretches.ts';

/** Which part of a friends feed is asked for. */
interface Window {
  readonly viewer: string;
  /** Read before anything else, so that everything up to its position is there to be found. */
  readonly progress: Progress;
  /** Exclusive. */
  readonly from: number;
  readonly limit: number;
  /** Entries beyond the limit that are returned as well if they take no further read. Default 0. */
  readonly ahead?: number;
  /** True if nobody reads on from there: no more is read from the documents than the limit. */
  readonly isGlance?: boolean;
  /** True if nothing is expected but the newest entries, as in live delivery: broadcasts are read beside the feed. */
  readonly isAtEnd?: boolean;
}

/** Entries in the requested order; fewer than the limit only if there are no more. */
interface Found extends Stretch {
  /** Authors whom the viewer follows and whose items were broadcast lately. */
  readonly broadcasters: readonly string[];
}

/** Candidates of friends feeds: from Redis if it holds enough of the feed, otherwise from the documents. */
export interface Candidates {
  /** Newest first, older than `from`, and nothing that is newer than the progress. */
  before(context: ReadContext, window: Window): Promise<Stretch>;
  /** Oldest first, newer than `from`; may go beyond the progress. */
  after(context: ReadContext, window: Window): Promise<Found>;
  /** Items that have changed or gone, by the position at which they did, oldest first; may go beyond the progress. */
  changes(context: ReadContext, window: Window): Promise<readonly FeedEntry[]>;
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

export type Direction = 'asc' | 'desc';

/** Returns the names of feeds in Redis, and of the audiences that they join. */
const keyOf = (field: ListField) => (field === 'position' ? feedKey : changesKey);

/** A window into one of the two lists of a reader. */
interface Search extends Window {
  readonly ahead: number;
  readonly field: ListField;
  readonly direction: Direction;
  /** Name of the list in Redis. */
  readonly key: string;
  /** Everything up to here is in the documents, the broadcasts included. */
  readonly applied: number;
}

/** Broadcasts that a feed lacks are newer than those that it holds: an older part of it needs none of them. */
const needsBroadcasts = (
  { upTo, entries }: FeedPage,
  { direction, from, limit, applied }: Search,
): boolean => {
  if (applied <= upTo) return false;
  const last = entries.length < limit ? undefined : entries.at(-1);
  return direction === 'desc' ? from > upTo : last === undefined || last.position > upTo;
};

export const createCandidates = (options: CandidatesOptions): Candidates => {
  const finder = new CandidateFinder(options);
  const search = (window: Window, field: ListField, direction: Direction): Search => ({
    ahead: 0,
    ...window,
    field,
    direction,
    key: keyOf(field)(window.viewer, window.progress.epoch),
    applied: window.progress.upTo(['feeds']),
  });
  /** Finds items of those whom the viewer follows, and of the viewer. */
  const find = async (context: ReadContext, of: Search): Promise<Found> => {
    const [found, own] = await Promise.all([finder.find(context, of), itemsOfViewer(context, of)]);
    if (own.entries.length === 0) return found;
    return { ...found, ...mergeStretches(found, own, { ...of, limit: of.limit + of.ahead }) };
  };
  return {
    before: async (context, window) => {
      const next = window.progress.upTo(feedProjections) + 1;
      const from = Math.min(window.from, next);
      return find(context, search({ ...window, from }, 'position', 'desc'));
    },
    after: (context, window) => find(context, search(window, 'position', 'asc')),
    changes: async (context, window) => (await find(context, search(window, 'changed', 'asc'))).entries,
  };
};

class CandidateFinder {
  readonly #options: CandidatesOptions;
  readonly #fills;

  constructor(options: CandidatesOptions) {
    this.#options = options;
    this.#fills = createFeedFills(options.log);
  }

  async find(context: ReadContext, search: Search): Promise<Found> {
    const { viewer, field, direction, from, limit, isAtEnd = false } = search;
    const [answered, recent] = await Promise.all([
      this.#ask((store) => readHeld(store, search)),
      isAtEnd && direction === 'asc' ? readBroadcasts(context, viewer, from) : undefined,
    ]);
    const held = answered?.answer;
    if (held?.ready) {
      // An entry after `from` has a broadcast after `from`.
      const news =
        recent?.count === 0 || !needsBroadcasts(held, search)
          ? noBroadcasts
          : await readBroadcasts(context, viewer, held.upTo);
      if (!news) this.#fill(context, search, { again: true });
      // Upwards a feed that is ready holds everything; downwards only as far as it was not trimmed.
      else if (direction === 'asc' || held.entries.length >= limit || held.complete)
        return this.#fromRedis(search, held, news);
    }
    const isPastFeed = held?.held === true && field === 'position' && from <= search.applied;
    if (isPastFeed) return { ...(await this.#pastFeed(context, search)), broadcasters: [] };
    this.#options.metrics.feedReads.inc({ source: 'documents' });
    const stretch = await fromDocuments(context, search);
    if (held?.held === false) this.#fill(context, search);
    return { ...stretch, broadcasters: [] };
  }

  #fromRedis(search: Search, held: FeedPage, news: Broadcasts): Found {
    const { key, field, direction, limit, ahead, applied } = search;
    this.#options.metrics.feedReads.inc({ source: 'redis' });
    const changes = changesBy(field, news);
    // The next read need not look at these again. Nobody waits for it, and if it fails, the next read does the same.
    if (news.count > 0)
      void this.#ask((store) => store.catchUp(key, { from: held.upTo, to: applied }, changes));
    const added = changes.flatMap(({ itemId, position }) =>
      position === null ? [] : [{ itemId, position }],
    );
    const stretch = { entries: held.entries, isLast: direction === 'asc' ? held.exhausted : held.complete };
    if (added.length === 0) return { ...stretch, broadcasters: news.authors };
    const merged = mergeStretches(
      stretch,
      { entries: added, isLast: true },
      { ...search, limit: limit + ahead },
    );
    return { ...merged, broadcasters: news.authors };
  }

  /** Reads a part of the feed that Redis does not hold, and keeps more of it for the pages that follow. */
  async #pastFeed(context: ReadContext, search: Search): Promise<Stretch> {
    const { viewer, key, direction, from, limit, ahead, isGlance, applied: asOf } = search;
    const { metrics, cap } = this.#options;
    const [kept, newest] = await Promise.all([
      this.#ask((store) =>
        store.entriesOfSegment(key, { direction, from, least: limit, limit: limit + ahead }),
      ),
      newestFollow(context.reader, viewer),
    ]);
    if (kept?.answer && kept.answer.asOf >= newest) {
      metrics.feedReads.inc({ source: 'segment' });
      const { entries } = kept.answer;
      return { entries, isLast: entries.length < limit };
    }
    metrics.feedReads.inc({ source: 'documents' });
    if (!kept || isGlance) return fromDocuments(context, search);
    const size = Math.max(cap, limit + ahead);
    const entries = await itemsOfFollowed(context, { ...search, limit: size });
    const isLast = entries.length < size;
    const segment = toSegment({ entries, from, direction, isLast, asOf });
    if (segment) void this.#ask((store) => store.keepSegment(key, segment, newest));
    const asked = limit + ahead;
    return { entries: entries.slice(0, asked), isLast: isLast && entries.length <= asked };
  }

  /** Asks Redis. Returns undefined if it does not answer, or there is none. */
  async #ask<T>(call: (store: Feeds) => Promise<T>): Promise<{ readonly answer: T } | undefined> {
    const { feeds, log } = this.#options;
    if (!feeds) return undefined;
    const level = feeds.link.state === 'closed' ? 'warn' : 'debug';
    try {
      return { answer: await feeds.link.execute(() => call(feeds.store)) };
    } catch (error) {
      log[level]({ error }, 'feeds are read from the documents');
      return undefined;
    }
  }

  /** Fills a feed in the background: after the answer, which would otherwise compete with it for the same rows. */
  #fill(
    { afterAnswer = (work) => work() }: ReadContext,
    { key, field, viewer, progress, applied }: Search,
    { again = false } = {},
  ): void {
    const { feeds, documents, metrics, cap } = this.#options;
    if (!feeds) return;
    const { store } = feeds;
    const fill = async () => {
      if (again) await store.drop([key]);
      const candidates = async (join: (audiences: readonly string[]) => Promise<void>) => {
        metrics.fills.inc();
        const authors = await authorsWithAudience(documents, viewer);
        // Before the items are read: one that comes later is written to this feed.
        await join(authors.map((author) => keyOf(field)(author, progress.epoch)));
        const all = { viewer, field, direction: 'desc', limit: cap } as const;
        return itemsOfFollowed({ reader: documents }, all);
      };
      await store.fill(key, candidates, applied);
    };
    afterAnswer(() => this.#fills.start(key, fill));
  }
}

const readHeld = (store: Feeds, { key, direction, from, limit, ahead }: Search): Promise<FeedPage> =>
  direction === 'desc'
    ? store.entriesBefore(key, from, limit + ahead)
    : store.entriesAfter(key, from, Number.MAX_SAFE_INTEGER, limit + ahead);

const fromDocuments = async (context: ReadContext, search: Search): Promise<Stretch> => {
  const limit = search.limit + search.ahead;
  const entries = await itemsOfFollowed(context, { ...search, limit });
  return { entries, isLast: entries.length < limit };
};
