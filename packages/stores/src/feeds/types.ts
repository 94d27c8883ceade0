/** One entry of a friends feed: which item (see the collection `items`), and its position in the event store. */
export interface FeedEntry {
  readonly itemId: string;
  readonly position: number;
}

export interface FeedPage {
  /** False where Redis does not hold this feed (never filled, dropped, flushed): read the documents and fill it. */
  readonly ready: boolean;
  /** Newest first (or oldest first, for entriesAfter). */
  readonly entries: readonly FeedEntry[];
  /** True where Redis holds nothing older: if the feed was trimmed, the documents go on with the same cursor. */
  readonly exhausted: boolean;
}

/** What live hints are about; the message itself says only that something is there. */
export type LiveTopic = `feed:${string}` | `author:${string}` | `post:${string}` | 'progress';

/**
 * The friends feeds in Redis: one sorted set for each reader, scored by position, with a sentinel member that says
 * whether it is being filled or ready. Every change is idempotent. All keys of one feed are one key, so that a
 * cluster can spread the feeds and an eviction can't take half of one.
 */
export interface Feeds {
  /** Adds one item to those of the feeds that Redis holds (filling or ready), and trims each to the cap. */
  add(readers: readonly string[], entry: FeedEntry): Promise<void>;
  /** Takes one item out of the feeds. */
  remove(readers: readonly string[], itemId: string): Promise<void>;
  /** Adds several items to one feed that Redis holds (after a follow); nothing where it holds none. */
  merge(reader: string, entries: readonly FeedEntry[]): Promise<void>;
  /** Takes several items out of one feed (after an unfollow). */
  removeMany(reader: string, itemIds: readonly string[]): Promise<void>;
  /**
   * Fills a feed from the documents: marks it as being filled first, so that a post written meanwhile is added too;
   * then calls `candidates`, adds them, and marks it ready.
   */
  fill(reader: string, candidates: () => Promise<readonly FeedEntry[]>): Promise<void>;
  /** Entries older than `before` (exclusive), newest first. One round trip. */
  entriesBefore(reader: string, before: number | undefined, limit: number): Promise<FeedPage>;
  /** Entries newer than `after` (exclusive) up to `upTo` (inclusive), oldest first. One round trip. */
  entriesAfter(reader: string, after: number, upTo: number, limit: number): Promise<FeedPage>;
  /** Publishes hints on Redis pub/sub; the payload is `{}` or, on 'progress', `{projection, position}`. */
  hint(hints: ReadonlyMap<LiveTopic, object>): Promise<void>;
  ping(): Promise<void>;
  readonly calls: number;
  close(): Promise<void>;
}
