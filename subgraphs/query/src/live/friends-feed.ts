import { type QueryContext, viewerOf } from '../context.ts';
import { friendsFeedCursor } from '../cursor.ts';
import type { FeedItemModel } from '../models.ts';
import type { Row } from '../page.ts';
import { showAll } from '../pipeline.ts';
import { feedProjections, type Progress } from '../progress.ts';
import { friendsItemView } from '../views.ts';
import { BroadcastTopics } from './broadcast-topics.ts';
import { isOutdated, liveStream } from './stream.ts';

export interface LiveFeedEdge {
  readonly cursor: string;
  readonly node: FeedItemModel;
}

/** Entries looked at in one go. */
const batchSize = 20;

interface Batch {
  readonly rows: Row<FeedItemModel>[];
  /** Everything up to here has been looked at. */
  readonly scanned: number;
  /** More may lie right behind it. */
  readonly full: boolean;
  /** Entries are there that the projections have not all reached. */
  readonly behind: Progress | undefined;
  readonly readAt: number;
}

/** Returns the next entries after a position, up to the progress of the projections, oldest first. */
const readBatch = async (
  context: QueryContext,
  viewer: string,
  from: number,
): Promise<Batch & { readonly broadcasters: readonly string[] }> => {
  const progress = await context.latestProgress();
  const upTo = progress.upTo(feedProjections);
  const window = { viewer, progress, from, limit: batchSize, isAtEnd: true };
  const { entries, broadcasters } = await context.replica().candidates.after(context, window);
  const due = entries.filter((entry) => entry.position <= upTo);
  // Most items are posts and have their ids: so the posts are read together with the items.
  for (const { itemId } of due) context.loaders.posts.load(itemId).catch(() => {});
  const nodes = await showAll(friendsItemView(context.loaders, viewer), due);
  const full = due.length === batchSize;
  return {
    rows: due.flatMap(({ position }, i) => {
      const node = nodes[i];
      return node ? [{ position, node }] : [];
    }),
    scanned: full ? (due.at(-1)?.position ?? from) : Math.max(from, upTo),
    full,
    behind: due.length < entries.length ? progress : undefined,
    readAt: performance.now(),
    broadcasters,
  };
};

/**
 * Streams the friends feed of the viewer: first all items after the cursor, then new ones, each item once and
 * in order. Its only state is the position of the last delivery; prefetched items are dropped if the consumer
 * is slow, so that the rules are always checked close to the delivery.
 * @throws RookeryError UNAUTHENTICATED, BAD_USER_INPUT
 */
export const liveFriendsFeed = async (context: QueryContext, after: string | null | undefined) => {
  const viewer = viewerOf(context);
  const { cursors } = context.sources;
  let last =
    cursors.read(friendsFeedCursor, viewer, after) ?? (await context.progress()).upTo(feedProjections);
  let batch: Batch | undefined;
  const authors = new BroadcastTopics(context, viewer);

  return liveStream<'friendsFeed', LiveFeedEdge>(context, {
    field: 'friendsFeed',
    checkpoint: cursors.write(friendsFeedCursor, viewer, last),
    look: async (wakes, signal) => {
      while (!signal.aborted) {
        if (batch && isOutdated(batch)) batch = undefined;
        if (!batch) {
          const from = last;
          context.renew();
          const { broadcasters, ...next } = await context.onOneReplica(() =>
            readBatch(context, viewer, from),
          );
          authors.watch(wakes, broadcasters, { hasRows: next.rows.length > 0 });
          batch = next;
        }
        const row = batch.rows.shift();
        if (row) {
          last = row.position;
          const cursor = cursors.write(friendsFeedCursor, viewer, row.position);
          const { position, node } = row;
          return { value: { cursor, node }, position, acceptedAt: node.at };
        }
        const { full, behind } = batch;
        last = batch.scanned;
        batch = undefined;
        if (!full) await wakes.wait(signal, behind);
      }
      return undefined;
    },
    drop: () => {
      batch = undefined;
    },
  });
};
