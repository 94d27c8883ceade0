import type { FeedEntry } from '@rookery/feeds';
import type { PageRoom } from '../answer-size/weigh.ts';
import { type Connection, toConnection } from '../connection.ts';
import { type QueryContext, viewerOf } from '../context.ts';
import { defineCursorKind } from '../cursor.ts';
import { hydrateFeedItem } from '../hydrate.ts';
import type { FeedItemModel } from '../models.ts';
import { readPage } from '../page.ts';
import { type PageArgs, pageRequest } from '../page-request.ts';
import { feedProjections } from '../progress.ts';
import { belongsInFriendsFeed } from '../visibility.ts';
import { ownItemCursor } from './feed.ts';

/** Hydrates the entries of a friends feed and applies the rules; for pages and live delivery alike. */
export const presentEntries = (
  { loaders }: QueryContext,
  entries: readonly FeedEntry[],
  followed: ReadonlySet<string>,
): Promise<(FeedItemModel | undefined)[]> =>
  Promise.all(
    entries.map(async ({ itemId, position }) => {
      const item = await hydrateFeedItem(loaders, itemId, position);
      return item && belongsInFriendsFeed(item.actor.id, followed) ? item : undefined;
    }),
  );

interface Candidate extends FeedEntry {
  /** Whom the viewer follows, read together with the entry. */
  readonly followed: ReadonlySet<string>;
}

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
  const { page, upTo } = await context.atOnePlace(async () => {
    // Before anything else: what comes later is behind the cursor of a page that is empty.
    const progress = await context.progress();
    const upTo = progress.upTo(feedProjections);
    const { candidates } = context.place();
    const page = await readPage<Candidate, FeedItemModel>(
      {
        order: 'desc',
        candidates: async (start, order, limit) => {
          const from = start ?? (order === 'desc' ? Number.MAX_SAFE_INTEGER : 0);
          const window = { viewer, progress, from, limit };
          const { entries, following } = await (order === 'desc'
            ? candidates.before(context.reader, window)
            : candidates.after(context.reader, window));
          return entries.flatMap((entry) =>
            entry.position <= upTo ? [{ ...entry, followed: following.all }] : [],
          );
        },
        present: (entries) => presentEntries(context, entries, entries[0]?.followed ?? new Set()),
      },
      request,
      room,
    );
    return { page, upTo };
  });
  return toConnection(cursors, friendsFeedCursor, viewer, page, upTo);
};
