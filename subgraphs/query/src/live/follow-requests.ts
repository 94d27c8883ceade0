import { type QueryContext, viewerOf } from '../context.ts';
import type { UserEdgeModel } from '../models.ts';
import { show } from '../pipeline.ts';
import { followRequestsCursor, readRequests } from '../reads/follow-requests.ts';
import { requestView } from '../views.ts';
import { liveStream } from './stream.ts';

/** Requests looked at in one go; only the first that may be shown is delivered. */
const batchSize = 20;

/**
 * Streams the requests to follow the viewer: first those after the cursor that still wait, then new ones, each once and in order.
 * @throws RookeryError UNAUTHENTICATED, BAD_USER_INPUT
 */
export const liveFollowRequests = async (context: QueryContext, after: string | null | undefined) => {
  const viewer = viewerOf(context);
  const { cursors } = context.sources;
  const upTo = async (): Promise<number> => (await context.progress()).upTo(['feeds', 'profiles']);
  let last = cursors.read(followRequestsCursor, viewer, after) ?? (await upTo());

  /** Returns the next request; undefined if there is none up to the progress of the projections. */
  const next = async (): Promise<{ edge: UserEdgeModel; position: number } | undefined> => {
    const end = await upTo();
    for (;;) {
      const page = { from: last, direction: 'asc', limit: batchSize } as const;
      const due = (await readRequests(context.reader, viewer, page)).filter(
        ({ position }) => position <= end,
      );
      for (const entry of due) {
        const node = await show(requestView(context.loaders), entry.user);
        last = entry.position;
        if (!node) continue;
        const cursor = cursors.write(followRequestsCursor, viewer, last);
        return { edge: { cursor, node }, position: last };
      }
      if (due.length < batchSize) return undefined;
    }
  };

  return liveStream<'followRequests', UserEdgeModel>(context, {
    field: 'followRequests',
    checkpoint: cursors.write(followRequestsCursor, viewer, last),
    look: async (wakes, signal) => {
      wakes.watch([`viewer:${viewer}`]);
      while (!signal.aborted) {
        context.renew();
        const found = await context.onOneReplica(next);
        if (found) return { value: found.edge, position: found.position };
        await wakes.wait(signal, context.replica().health.progress);
      }
      return undefined;
    },
  });
};
