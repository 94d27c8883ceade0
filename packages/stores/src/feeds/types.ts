/** One entry of a friends feed: which item (see the collection `items`), and its position in the event store. */
export interface FeedEntry {
  readonly itemId: string;
  readonly position: number;
}

export interface FeedPage {
  /**
   * False where Redis does not hold this feed (never filled, dropped, flushed), or not as far back as entriesAfter
   * asks: read the documents, and fill it.
   */
  readonly ready: boolean;
  /** Newest first (or oldest first, for entriesAfter). */
  readonly entries: readonly FeedEntry[];
  /**
   * True where Redis holds nothing more in this direction: if the feed was trimmed, the documents go on with the
   * same cursor.
   */
  readonly exhausted: boolean;
  /** True where it is exhausted and was never trimmed: the documents hold nothing older either. */
  readonly complete: boolean;
}

/** A feed as Redis holds it. */
export interface HeldFeed {
  /** Every item up to this position is left out. */
  readonly floor: number;
  /** Newest first. */
  readonly entries: readonly FeedEntry[];
}

/** What live hints are about; the message itself says only that something is there. */
export type LiveTopic =
  | `feed:${string}`
  | `author:${string}`
  | `post:${string}`
  | `text:${string}`
  | 'progress';

/**
 * The friends feeds in Redis: one sorted set for each reader, scored by position, with a sentinel member that says
 * whether it is being filled or ready. Every change is idempotent. All keys of one feed are one key, so that a
 * cluster can spread the feeds and an eviction can't take half of one.
 */
export interface Feeds {
  /**
   * Puts one item into those of the feeds that Redis holds (filling or ready), in place of where it was, and trims each
   * to the cap. If two disagree about the position, the later call wins.
   */
  add(readers: readonly string[], entry: FeedEntry): Promise<void>;
  /** Takes one item out of the feeds. Mere tidying, since the rules decide at read; add it again where it came back. */
  remove(readers: readonly string[], itemId: string): Promise<void>;
  /**
   * Adds several items to one feed that Redis holds (after a follow), except those that are in it already; nothing if it
   * holds none. They are all that there are, or the newest `cap` at least: from that many on, the feed knows that it
   * lacks what is older.
   */
  merge(reader: string, entries: readonly FeedEntry[]): Promise<void>;
  /** Takes several items out of one feed (after an unfollow). */
  removeMany(reader: string, itemIds: readonly string[]): Promise<void>;
  /**
   * Fills a feed from the documents: marks it as being filled first, so that a post written meanwhile is added too;
   * then calls `candidates`, adds them, and marks it ready. Candidates are all that there are, or the newest `cap`
   * at least. Nothing is asked and nothing changes where the feed is ready. Where `candidates` fails or the process
   * dies, or where Redis loses the feed meanwhile, it is not ready, and the next fill begins anew.
   */
  fill(reader: string, candidates: () => Promise<readonly FeedEntry[]>): Promise<void>;
  /** Entries older than `before` (exclusive), newest first. One round trip. */
  entriesBefore(reader: string, before: number | undefined, limit: number): Promise<FeedPage>;
  /** Entries newer than `after` (exclusive) up to `upTo` (inclusive), oldest first. One round trip. */
  entriesAfter(reader: string, after: number, upTo: number, limit: number): Promise<FeedPage>;
  /** The names of all feeds that Redis holds, in batches, of whatever epoch: for verify. */
  held(): AsyncIterable<string[]>;
  /** Everything that Redis holds of one feed; undefined where it holds none, or is filling it. */
  dump(reader: string): Promise<HeldFeed | undefined>;
  /** Forgets feeds: each is filled anew when it is read. */
  drop(readers: readonly string[]): Promise<void>;
  /** Publishes hints on Redis pub/sub; the payload is `{}` or, on 'progress', `{projection, position}`. */
  hint(hints: ReadonlyMap<LiveTopic, object>): Promise<void>;
  ping(): Promise<void>;
  readonly calls: number;
  close(): Promise<void>;
}
