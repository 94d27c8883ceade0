/**
 * The name under which Feeds keeps a reader's feed in the given epoch (`progress/feeds`). A batch that Redis could not
 * take raises the epoch, which leaves every feed written so far behind: those of the new epoch are filled from the
 * documents at their first read. Hints keep the plain reader id.
 */
export const feedKey = (reader: string, epoch: number): string =>
  epoch === 0 ? reader : `${reader}.${epoch}`;

/** The name under which Feeds keeps what has changed or gone of a reader's feed: items scored by `changed`. */
export const changesKey = (reader: string, epoch: number): string => `${feedKey(reader, epoch)}.changes`;

/** Returns the reader of a feed, by the name under which Feeds keeps it. */
export const readerOfFeed = (feed: string): string => feed.split('.', 1)[0] ?? feed;
