import type { PageRoom } from '../answer-size/weigh.ts';
import { type Connection, toConnection } from '../connection.ts';
import { type QueryContext, viewerOf } from '../context.ts';
import { notificationsCursor } from '../cursor.ts';
import type { NotificationModel } from '../models.ts';
import { notificationEntries } from '../notifications/entries.ts';
import { type NotificationList, notificationView } from '../notifications/view.ts';
import { fewSpare, readPage } from '../page.ts';
import { type PageArgs, pageRequest } from '../page-request.ts';
import { showAll } from '../pipeline.ts';
import { notificationProjections } from '../progress.ts';
import { readMarkerPosition } from './read-markers.ts';

/** Groups that are looked at to find the new ones: there are more than 99 if all of them are new. */
const maxNew = 100;

interface NotificationArgs extends PageArgs {
  readonly list?: NotificationList | null | undefined;
}

/** Reads what others have done that concerns the viewer, the newest act first. Nobody else can read it. */
export const readNotifications = async (
  context: QueryContext,
  { list, ...args }: NotificationArgs,
  room: PageRoom<NotificationModel>,
): Promise<Connection<NotificationModel>> => {
  const viewer = viewerOf(context);
  const { cursors } = context.sources;
  const request = pageRequest(args, cursors, notificationsCursor, viewer);
  const { page, upTo } = await context.onOneReplica(async () => {
    // Before anything else: what comes later is behind the cursors of the page.
    const upTo = (await context.progress()).upTo(notificationProjections);
    const entries = notificationEntries(context, viewer, upTo);
    const page = await readPage(
      {
        order: 'desc',
        candidates: (from, order, limit) => entries.page({ from, order, limit }),
        view: notificationView(context.loaders, viewer, list ?? 'MAIN'),
        spare: fewSpare,
      },
      request,
      room,
    );
    return { page, upTo };
  });
  return toConnection(cursors, notificationsCursor, viewer, page, upTo);
};

/** Counts the groups that are new since the viewer's read marker, among the newest ones: at most `maxNew`. */
export const countNewNotifications = async (context: QueryContext): Promise<number> => {
  const viewer = viewerOf(context);
  return context.onOneReplica(async () => {
    const upTo = (await context.progress()).upTo(notificationProjections);
    const marker = await readMarkerPosition(context, 'notifications');
    const newest = await notificationEntries(context, viewer, upTo).page({
      order: 'desc',
      from: undefined,
      limit: maxNew,
    });
    const groups = await showAll(
      notificationView(context.loaders, viewer, 'MAIN'),
      newest.filter(({ position }) => position > marker),
    );
    return groups.filter((group) => group !== undefined && group.newest > marker).length;
  });
};

const kinds = ['FOLLOW', 'FOLLOW_REQUEST', 'LIKE', 'SHARE', 'REPLY', 'QUOTE', 'MENTION', 'EDIT'] as const;

/** Reads whose acts the viewer is notified of. */
export const readNotificationSettings = async (context: QueryContext) => {
  const settings = await context.loaders.notificationSettings.load(viewerOf(context));
  return kinds.map((kind) => ({ kind, from: settings?.[kind]?.from ?? 'EVERYONE' }));
};
