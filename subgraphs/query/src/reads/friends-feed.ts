import type { FeedEntry } from '@rookery/stores/feeds';
import type { PageRoom } from '../answer-size/weigh.ts';
import { type QueryContext, viewerOf } from '../context.ts';
import { hydrateFeedItem } from '../hydrate.ts';
import type { FeedItemModel } from '../models.ts';
import { type Connection, pageSize, readPage, toConnection } from '../page.ts';
import { feedProjections } from '../progress.ts';
import { belongsInFriendsFeed } from '../visibility.ts';
import type { PageArgs } from './feed.ts';

/** Hydrates the entries of a friends feed and asks the rules; pages and live delivery alike. */
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

/**
 * What those whom the viewer follows have posted and shared, newest first. It ends where the projections are:
 * so the cursor of its newest item leaves nothing behind that would come in later below it.
 */
export const readFriendsFeed = async (
  context: QueryContext,
  args: PageArgs,
  room: PageRoom<FeedItemModel>,
): Promise<Connection<FeedItemModel>> => {
  const viewer = viewerOf(context);
  const { cursors } = context.sources;
  const first = pageSize(args.first);
  const after = cursors.read('friendsFeed', viewer, args.after);
  const { slice, upTo } = await context.atOnePlace(async () => {
    // Before anything else: what comes later is behind the cursor of a page that is empty.
    const progress = await context.progress();
    const { candidates } = context.place();
    let followed: ReadonlySet<string> = new Set();
    const slice = await readPage<FeedEntry, FeedItemModel>({
      first,
      after,
      candidates: async (from = Number.MAX_SAFE_INTEGER, limit) => {
        const found = await candidates.before(context.reader, { viewer, progress, from, limit });
        followed = found.following.all;
        return found.entries;
      },
      room,
      present: (entries) => presentEntries(context, entries, followed),
    });
    return { slice, upTo: progress.upTo(feedProjections) };
  });
  return toConnection(cursors, 'friendsFeed', viewer, slice, upTo);
};
