import { type QueryContext, viewerOf } from '../context.ts';
import { notificationsCursor } from '../cursor.ts';
import type { NotificationModel } from '../models.ts';
import { notificationEntries } from '../notifications/entries.ts';
import { notificationView } from '../notifications/view.ts';
import { showAll } from '../pipeline.ts';
import { notificationProjections } from '../progress.ts';
import { readMarkerPosition } from '../reads/read-markers.ts';
import { type Batch, edgeStream } from './edge-stream.ts';

/** Groups looked at in one go. */
const batchSize = 20;

interface GroupBatch extends Batch<NotificationModel> {
  /** Posts whose edits concern the viewer. */
  readonly shared: readonly string[];
}

interface Groups extends Omit<GroupBatch, 'behind' | 'readAt'> {
  /** True if there are groups that the projections have not all reached. */
  readonly isBehind: boolean;
}

/** Returns the next groups that have grown after a position, up to the one that all projections have reached, oldest first. */
export const newGroups = async (
  context: QueryContext,
  viewer: string,
  from: number,
  upTo: number,
): Promise<Groups> => {
  const entries = notificationEntries(context, viewer, upTo);
  const [{ due, isBehind }, marker] = await Promise.all([
    entries.after(from, batchSize),
    readMarkerPosition(context, 'notifications'),
  ]);
  const nodes = await showAll(notificationView(context.loaders, viewer, 'MAIN'), due);
  const full = due.length === batchSize;
  // Somebody who repeats an act moves its group, and that is nothing new. But the first act may not have been told yet if the
  // second came right after it: so a group is told again as long as the viewer has not read it.
  const isNew = ({ newest }: NotificationModel): boolean => newest > Math.min(from, marker);
  return {
    rows: due.flatMap(({ position }, i) => {
      const node = nodes[i];
      return node && isNew(node) ? [{ position, node }] : [];
    }),
    scanned: full ? (due.at(-1)?.position ?? from) : Math.max(from, upTo),
    full,
    isBehind,
    shared: await entries.sharedPosts(),
  };
};

const readBatch = async (context: QueryContext, viewer: string, from: number): Promise<GroupBatch> => {
  const readAt = performance.now();
  const progress = await context.progress();
  const { isBehind, ...groups } = await newGroups(
    context,
    viewer,
    from,
    progress.upTo(notificationProjections),
  );
  return { ...groups, behind: isBehind ? progress : undefined, readAt };
};

/**
 * Streams the viewer's notifications: first the groups that have grown after the cursor, then those that grow, in order. Many acts
 * at once come as one.
 * @throws RookeryError UNAUTHENTICATED, BAD_USER_INPUT
 */
export const liveNotifications = async (context: QueryContext, after: string | null | undefined) => {
  const viewer = viewerOf(context);
  const { cursors } = context.sources;
  const from =
    cursors.read(notificationsCursor, viewer, after) ??
    (await context.progress()).upTo(notificationProjections);
  let watched: ReadonlySet<string> = new Set();
  return edgeStream<'notifications', NotificationModel, GroupBatch>(context, {
    field: 'notifications',
    viewer,
    cursorKind: notificationsCursor,
    from,
    read: async (start) => {
      const batch = await readBatch(context, viewer, start);
      // An edit of a post that is not watched yet may have come right after this look.
      return { ...batch, full: batch.full || batch.shared.some((post) => !watched.has(post)) };
    },
    watch: (wakes, { shared }) => {
      watched = new Set(shared);
      wakes.watch([`notifications:${viewer}`, ...shared.map((post) => `text:${post}` as const)]);
    },
  });
};
