import { showsPart } from '@rookery/read-models/visibility';
import type { PageRoom } from '../answer-size/weigh.ts';
import { type FeedConnectionModel, toConnection } from '../connection.ts';
import { type QueryContext, viewerOf } from '../context.ts';
import { friendsFeedCursor, ownItemCursor } from '../cursor.ts';
import { friendsItems } from '../friends-items.ts';
import type { FeedItemModel } from '../models.ts';
import { readPage } from '../page.ts';
import { type PageArgs, pageRequest } from '../page-request.ts';
import { feedProjections } from '../progress.ts';
import { readMarkerPosition } from './read-markers.ts';

/**
 * Reads the posts and shares of the people whom the viewer follows, newest first. The feed starts at the
 * position of the projections, so that no later item appears below the cursor of its newest item.
 */
export const readFriendsFeed = async (
  context: QueryContext,
  args: PageArgs,
  room: PageRoom<FeedItemModel>,
): Promise<FeedConnectionModel> => {
  const viewer = viewerOf(context);
  const { cursors } = context.sources;
  const request = pageRequest(args, cursors, [friendsFeedCursor, ownItemCursor], viewer);
  const { page, upTo } = await context.onOneReplica(async () => {
    // Before anything else: what comes later is behind the cursor of a page that is empty.
    const progress = await context.progress();
    const upTo = progress.upTo(feedProjections);
    const page = await readPage(friendsItems(context, viewer, progress), request, room);
    return { page, upTo };
  });
  return { ...toConnection(cursors, friendsFeedCursor, viewer, page, upTo), isFriendsFeed: true };
};

/** Items that are looked at to count the new ones: there are more than 99 if all of them are shown. */
const maxNew = 100;

/** Counts the items of others in the friends feed that are new since the viewer's read marker: at most `maxNew`. */
export const countNewFriendsItems = async (context: QueryContext): Promise<number> => {
  const viewer = viewerOf(context);
  return context.onOneReplica(async () => {
    const progress = await context.progress();
    const from = await readMarkerPosition(context, 'friends-feed');
    const { entries } = await context
      .replica()
      .candidates.after(context, { viewer, progress, from, limit: maxNew });
    const upTo = progress.upTo(feedProjections);
    const due = entries.filter(({ position }) => position <= upTo);
    const places = await friendsItems(context, viewer, progress).placesOf(due, 'asc');
    const isNew = (place: (typeof places)[number]): boolean =>
      place !== undefined && !place.repeats && place.item.actor.id !== viewer;
    return places.filter(isNew).length;
  });
};

const parts = ['OWN_ITEMS', 'REPLIES_TO_OTHERS'] as const;

/** Reads what the viewer has decided about the parts of the friends feed. */
export const readFriendsFeedSettings = async (context: QueryContext) => {
  const settings = await context.loaders.friendsFeedSettings.load(viewerOf(context));
  return parts.map((part) => ({ part, isShown: showsPart(settings, part) }));
};
