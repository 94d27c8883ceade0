/** An entry of a friends feed: the item (see the collection `items`), and its position in the event store. */
export interface FeedEntry {
  readonly itemId: string;
  readonly position: number;
}

export interface FeedPage {
  /** False if Redis does not hold this feed (never filled, dropped, flushed): the caller fills it. */
  readonly held: boolean;
  /** False if Redis does not hold this feed, or not as far back as entriesAfter needs: the caller reads the documents. */
  readonly ready: boolean;
  /** Newest first (or oldest first, for entriesAfter). */
  readonly entries: readonly FeedEntry[];
  /**
   * True if Redis holds nothing more in this direction. If the feed was trimmed, the documents continue with
   * the same cursor.
   */
  readonly exhausted: boolean;
  /** True if it is exhausted and was never trimmed: the documents have nothing older either. */
  readonly complete: boolean;
}

/** A feed held in Redis. */
export interface HeldFeed {
  /** All items up to this position are left out. */
  readonly floor: number;
  /** Newest first. */
  readonly entries: readonly FeedEntry[];
}

/** Topic of a live hint; the message itself has no content. */
export type LiveTopic =
  | `feed:${string}`
  | `author:${string}`
  | `post:${string}`
  | `text:${string}`
  | 'progress';

/**
 * The friends feeds in Redis: one sorted set for each reader, scored by position, with a sentinel member that
 * says whether it is being filled or ready. Every change is idempotent. A feed has a single key, so that a
 * cluster can distribute feeds and an eviction cannot remove half of one.
 */
export interface Feeds {
  /**
   * Adds an item to those of the feeds that Redis holds (filling or ready), moves it from any other position,
   * and trims each feed to the cap. If two calls disagree about the position, the later one wins.
   */
  add(readers: readonly string[], entry: FeedEntry): Promise<void>;
  /**
   * Removes an item from the feeds. This only saves space, since the rules decide when a feed is read; an
   * item that returns must be added again.
   */
  remove(readers: readonly string[], itemId: string): Promise<void>;
  /**
   * Adds missing items to a feed that Redis holds (after a follow). They must be all items, or at least the
   * newest `cap`: from that many on, the feed records that it lacks older ones.
   */
  merge(reader: string, entries: readonly FeedEntry[]): Promise<void>;
  /** Removes several items from a feed (after an unfollow). */
  removeMany(reader: string, itemIds: readonly string[]): Promise<void>;
  /**
   * Fills a feed from the documents: first marks it as being filled, so that a concurrent post is added as
   * well; then calls `candidates`, adds them, and marks the feed ready. Candidates must be all items, or at
   * least the newest `cap`. Does nothing if the feed is ready. If `candidates` fails, the process dies, or
   * Redis loses the feed meanwhile, it is not ready, and the next fill starts over.
   */
  fill(reader: string, candidates: () => Promise<readonly FeedEntry[]>): Promise<void>;
  /** Entries older than `before` (exclusive), newest first. One round trip. */
  entriesBefore(reader: string, before: number | undefined, limit: number): Promise<FeedPage>;
  /** Entries newer than `after` (exclusive) up to `upTo` (inclusive), oldest first. One round trip. */
  entriesAfter(reader: string, after: number, upTo: number, limit: number): Promise<FeedPage>;
  /** Yields the keys of all feeds that Redis holds, of any epoch, in batches, for verify. */
  held(): AsyncIterable<string[]>;
  /** Returns everything that Redis holds of a feed; undefined if it holds none, or is filling it. */
  dump(reader: string): Promise<HeldFeed | undefined>;
  /** Drops feeds; each is filled again when it is read. */
  drop(readers: readonly string[]): Promise<void>;
  /** Publishes hints on Redis pub/sub; the payload is `{}` or, on 'progress', `{projection, position}`. */
  hint(hints: ReadonlyMap<LiveTopic, object>): Promise<void>;
  ping(): Promise<void>;
  readonly calls: number;
  close(): Promise<void>;
}
