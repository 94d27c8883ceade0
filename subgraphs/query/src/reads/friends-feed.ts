import type { PageRoom } from '../answer-size/weigh.ts';
import { type Connection, toConnection } from '../connection.ts';
import { type QueryContext, viewerOf } from '../context.ts';
import { defineCursorKind } from '../cursor.ts';
import type { FeedItemModel } from '../models.ts';
import { readPage } from '../page.ts';
import { type PageArgs, pageRequest } from '../page-request.ts';
import { feedProjections } from '../progress.ts';
import { friendsItemView } from '../views.ts';
import { ownItemCursor } from './feed.ts';

export const friendsFeedCursor = defineCursorKind('friendsFeed');

/**
 * Reads the posts and shares of the people whom the viewer follows, newest first. The feed starts at the
 * position of the projections, so that no later item appears below the cursor of its newest item.
 */
export const readFriendsFeed = async (
  context: QueryContext,
  args: PageArgs,
  room: PageRoom<FeedItemModel>,
): Promise<Connection<FeedItemModel>> => {
  const viewer = viewerOf(context);
  const { cursors } = context.sources;
  const request = pageRequest(args, cursors, [friendsFeedCursor, ownItemCursor], viewer);
  const { page, upTo } = await context.onOneReplica(async () => {
    // Before anything else: what comes later is behind the cursor of a page that is empty.
    const progress = await context.progress();
    const upTo = progress.upTo(feedProjections);
    const { candidates } = context.replica();
    const page = await readPage(
      {
        order: 'desc',
        candidates: async (start, order, limit) => {
          const from = start ?? (order === 'desc' ? Number.MAX_SAFE_INTEGER : 0);
          const window = { viewer, progress, from, limit };
          const entries =
            order === 'desc'
              ? await candidates.before(context, window)
              : (await candidates.after(context, window)).entries;
          return entries.filter((entry) => entry.position <= upTo);
        },
        view: friendsItemView(context.loaders, viewer),
        isThinned: true,
      },
      request,
      room,
    );
    return { page, upTo };
  });
  return toConnection(cursors, friendsFeedCursor, viewer, page, upTo);
};
