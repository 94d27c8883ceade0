import { type QueryContext, viewerOf } from '../context.ts';
import { friendsFeedCursor } from '../cursor.ts';
import { friendsItems } from '../friends-items.ts';
import type { FeedItemModel } from '../models.ts';
import { feedProjections } from '../progress.ts';
import { BroadcastTopics } from './broadcast-topics.ts';
import { type Batch, edgeStream } from './edge-stream.ts';

/** Entries looked at in one go. */
const batchSize = 20;

interface FeedBatch extends Batch<FeedItemModel> {
  /** Authors whom the viewer follows and whose items were broadcast lately. */
  readonly broadcasters: readonly string[];
}

/** Returns the next entries after a position, up to the progress of the projections, oldest first. */
const readBatch = async (context: QueryContext, viewer: string, from: number): Promise<FeedBatch> => {
  const progress = await context.latestProgress();
  const upTo = progress.upTo(feedProjections);
  const window = { viewer, progress, from, limit: batchSize, isAtEnd: true };
  const { entries, broadcasters } = await context.replica().candidates.after(context, window);
  const due = entries.filter((entry) => entry.position <= upTo);
  // Most items are posts and have their ids: so the posts are read together with the items.
  for (const { itemId } of due) context.loaders.posts.load(itemId).catch(() => {});
  const places = await friendsItems(context, viewer, progress).placesOf(due, 'asc');
  const full = due.length === batchSize;
  return {
    rows: due.flatMap(({ position }, i) => {
      const place = places[i];
      return place && !place.repeats ? [{ position, node: place.item }] : [];
    }),
    scanned: full ? (due.at(-1)?.position ?? from) : Math.max(from, upTo),
    full,
    behind: due.length < entries.length ? progress : undefined,
    readAt: performance.now(),
    broadcasters,
  };
};

/**
 * Streams the friends feed of the viewer: first all items after the cursor, then new ones, each item once and in order.
 * @throws RookeryError UNAUTHENTICATED, BAD_USER_INPUT
 */
export const liveFriendsFeed = async (context: QueryContext, after: string | null | undefined) => {
  const viewer = viewerOf(context);
  const { cursors } = context.sources;
  const from =
    cursors.read(friendsFeedCursor, viewer, after) ?? (await context.progress()).upTo(feedProjections);
  const authors = new BroadcastTopics(context, viewer);
  return edgeStream<'friendsFeed', FeedItemModel, FeedBatch>(context, {
    field: 'friendsFeed',
    viewer,
    cursorKind: friendsFeedCursor,
    from,
    read: (start) => readBatch(context, viewer, start),
    watch: (wakes, { broadcasters, rows }) =>
      authors.watch(wakes, broadcasters, { hasRows: rows.length > 0 }),
    acceptedAt: ({ at }) => at,
  });
};
