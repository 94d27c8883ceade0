import { type QueryContext, viewerOf } from '../context.ts';
import type { FeedEventModel } from '../models.ts';
import { feedProjections } from '../progress.ts';
import { friendsFeedCursor } from '../reads/friends-feed.ts';
import { type ChangeBatch, noteShared, readChanges, readSharedPosts, reloadAt } from './feed-changes.ts';
import { liveStream } from './stream.ts';

/** Time for which prefetched events may be delivered without checking the rules again. Milliseconds. */
const freshForMs = 500;

/**
 * Every change of the viewer's friends feed: first those since the cursor, then those that come, each once and in
 * order. Nothing is recorded for a subscriber: items and follows carry the position of their last change, and a cursor
 * is a position. The stream remembers the last one that it delivered, and which posts of others the newest items share.
 * @throws RookeryError UNAUTHENTICATED, BAD_USER_INPUT
 */
export const liveFriendsFeedEvents = async (context: QueryContext, after: string | null | undefined) => {
  const viewer = viewerOf(context);
  const { cursors } = context.sources;
  const given = cursors.read(friendsFeedCursor, viewer, after);
  let last = given ?? (await context.progress()).upTo(feedProjections);
  let mayBeFarBehind = given !== undefined;
  let shared: Set<string> | undefined;
  /** Posts came in that are not watched yet. */
  let unwatched = false;
  let batch: (ChangeBatch & { readonly readAt: number }) | undefined;
  const cursorAt = (position: number) => cursors.write(friendsFeedCursor, viewer, position);

  return liveStream<'friendsFeedEvents', FeedEventModel>(context, {
    field: 'friendsFeedEvents',
    checkpoint: cursorAt(last),
    look: async (wakes, signal) => {
      while (!signal.aborted) {
        if (batch && batch.rows.length > 0 && performance.now() - batch.readAt > freshForMs)
          batch = undefined;
        if (!batch) {
          const from = last;
          context.renew();
          if (mayBeFarBehind) {
            const position = await context.atOnePlace(() => reloadAt(context, viewer, from));
            mayBeFarBehind = false;
            if (position !== undefined) {
              last = position;
              return { value: { kind: 'RELOAD', cursor: cursorAt(position) }, position };
            }
          }
          shared ??= await context.atOnePlace(() => readSharedPosts(context, viewer, from));
          const posts = shared;
          unwatched = false;
          const readAt = performance.now();
          batch = { readAt, ...(await context.atOnePlace(() => readChanges(context, viewer, from, posts))) };
          wakes.watch([
            `feed:${viewer}`,
            ...batch.following.big.map((author) => `author:${author}` as const),
            ...[...posts].map((post) => `text:${post}` as const),
          ]);
        }
        const row = batch.rows.shift();
        if (row) {
          last = row.position;
          if (shared && noteShared(shared, row.event)) unwatched = true;
          return { value: { ...row.event, cursor: cursorAt(row.position) }, position: row.position };
        }
        const { full, behind, scanned } = batch;
        last = scanned;
        batch = undefined;
        if (!full && !unwatched) await wakes.wait(signal, behind);
      }
      return undefined;
    },
    drop: () => {
      batch = undefined;
    },
  });
};
