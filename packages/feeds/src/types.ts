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
  /** The feed holds the broadcasts up to this position; 0 if Redis does not hold it. */
  readonly upTo: number;
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

/** A change of an item in a feed: its current position, or null if it has none. */
export interface FeedChange {
  readonly itemId: string;
  readonly position: number | null;
}

/** All entries of a feed in a range of positions, as the documents had them. */
export interface FeedSegment {
  /** First and last position of the range. A range from 1 reaches to the end of the feed. */
  readonly low: number;
  readonly high: number;
  /** Position up to which everything was applied when the entries were read. */
  readonly asOf: number;
  readonly entries: readonly FeedEntry[];
}

/** Part of a segment that is asked for. */
interface SegmentRequest {
  readonly direction: 'asc' | 'desc';
  /** Exclusive. */
  readonly from: number;
  readonly limit: number;
  /** Entries without which a segment is none that answers. Default: the limit. */
  readonly least?: number;
}

/** A feed held in Redis. */
export interface HeldFeed {
  /** All items up to this position are left out. */
  readonly floor: number;
  /** Newest first. */
  readonly entries: readonly FeedEntry[];
}

/** A feed in an audience. */
export interface AudienceMember {
  readonly feed: string;
  /** Grows with each feed that joins, and changes if the feed joins again. */
  readonly joined: number;
}

/** Some members of an audience, in the order in which they joined. */
export interface Audience {
  /** Number of all members. */
  readonly size: number;
  readonly members: readonly AudienceMember[];
}

/** A build of audiences that has begun. */
interface AudienceBuild {
  /** Audiences that are being built. */
  readonly audiences: readonly string[];
  /** Marks them ready, unless Redis has lost them meanwhile. */
  end(): Promise<void>;
}

/**
 * The audiences in Redis: the feeds that get the items of one author. Each is a cache of what the documents and
 * the held feeds say: it has every held feed whose reader follows the author, and may have others. An audience
 * that is not ready is built, so that its loss costs no more than the reading of the author's followers
 * (docs/adr/audiences.md).
 */
export interface Audiences {
  /**
   * Adds feeds to those of the audiences that Redis holds (building or ready). The feeds are held before, and
   * items of the authors are read after it, so that none is missed.
   */
  join(feeds: readonly string[], audiences: readonly string[]): Promise<void>;
  /** Removes a feed from audiences. Returns whether it was in one. */
  leave(feed: string, audiences: readonly string[]): Promise<boolean>;
  /**
   * Marks those of the audiences that are not ready as being built, so that feeds can join. The caller lets the
   * held feeds of all followers join, and then ends the build. If it does not, the next build starts over.
   */
  beginBuild(audiences: readonly string[]): Promise<AudienceBuild>;
  /** Returns the members that joined after `after`; undefined if the audience is not ready. One round trip. */
  members(audience: string, after: number, limit: number): Promise<Audience | undefined>;
  /** Removes members whose feeds are not held any more, unless they have joined again. */
  drop(audience: string, gone: readonly AudienceMember[]): Promise<void>;
}

/** Topic of a live hint; the message itself has no content. */
export type LiveTopic =
  | `feed:${string}`
  | `author:${string}`
  | `post:${string}`
  | `text:${string}`
  | `viewer:${string}`
  | `moderation:${string}`
  | `notifications:${string}`
  | `account:${string}`
  | `block:${string}`
  | 'progress';

/**
 * The friends feeds in Redis: one sorted set for each reader, scored by position, with a sentinel member that
 * says whether it is being filled or ready. Every change is idempotent. A feed has a single key, so that a
 * cluster can distribute feeds and an eviction cannot remove half of one.
 */
export interface Feeds {
  /**
   * Adds items to those of the feeds that Redis holds (filling or ready), moves them from any other position,
   * and trims each feed to the cap. If two calls disagree about a position, the later one wins.
   * @returns the feeds that Redis does not hold
   */
  add(readers: readonly string[], ...entries: readonly FeedEntry[]): Promise<readonly string[]>;
  /**
   * Removes an item from the feeds. This only saves space, since the rules decide when a feed is read; an
   * item that returns must be added again.
   */
  remove(readers: readonly string[], itemId: string): Promise<void>;
  /**
   * Adds missing items to a feed that Redis holds (after a follow). They must be all items above a floor that the feed has had
   * (see whichAreHeld), or at least the newest `cap`: from that many on, the feed records that it lacks older ones.
   */
  merge(reader: string, entries: readonly FeedEntry[]): Promise<void>;
  /** Removes several items from a feed (after an unfollow). */
  removeMany(reader: string, itemIds: readonly string[]): Promise<void>;
  /**
   * Adds items from the broadcasts to a feed that holds those up to `from`, moves and removes them, and notes that it holds
   * those up to `to`. Does nothing if the feed holds others by now.
   */
  catchUp(
    reader: string,
    broadcasts: { readonly from: number; readonly to: number },
    changes: readonly FeedChange[],
  ): Promise<void>;
  /**
   * Fills a feed from the documents: first marks it as being filled, so that a concurrent post is added as
   * well; then calls `candidates`, adds them, and marks the feed ready. Candidates must be all items, or at
   * least the newest `cap`. Does nothing if the feed is ready. If `candidates` fails, the process dies, or
   * Redis loses the feed meanwhile, it is not ready, and the next fill starts over.
   * @param candidates reads whom the reader follows, calls `join` with the audiences of these authors, and only
   *   then reads their items
   * @param upTo the items include the broadcasts up to this position
   */
  fill(
    reader: string,
    candidates: (join: (audiences: readonly string[]) => Promise<void>) => Promise<readonly FeedEntry[]>,
    upTo?: number,
  ): Promise<void>;
  /**
   * Returns those of the feeds that Redis holds (filling or ready), each with its floor: it has no item up to that position, and
   * gets none as long as it is held.
   */
  whichAreHeld(readers: readonly string[]): Promise<ReadonlyMap<string, number>>;
  readonly audiences: Audiences;
  /** Entries older than `before` (exclusive), newest first. One round trip. */
  entriesBefore(reader: string, before: number | undefined, limit: number): Promise<FeedPage>;
  /** Entries newer than `after` (exclusive) up to `upTo` (inclusive), oldest first. One round trip. */
  entriesAfter(reader: string, after: number, upTo: number, limit: number): Promise<FeedPage>;
  /**
   * Returns entries beyond what the feed holds, if a segment that was kept has as many as are needed. One round trip. The
   * caller decides by `asOf` whether they are still current.
   */
  entriesOfSegment(
    reader: string,
    request: SegmentRequest,
  ): Promise<Pick<FeedSegment, 'asOf' | 'entries'> | undefined>;
  /**
   * Keeps a segment for a few minutes. A reader has at most four; the oldest makes room.
   * @param validFrom drops the reader's segments that are older than this position
   */
  keepSegment(reader: string, segment: FeedSegment, validFrom: number): Promise<void>;
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
