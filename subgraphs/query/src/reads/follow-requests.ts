import type { FollowDoc } from '@rookery/read-models';
import type { PageRoom } from '../answer-size/weigh.ts';
import { type Connection, toConnection } from '../connection.ts';
import { type QueryContext, viewerOf } from '../context.ts';
import { defineCursorKind } from '../cursor.ts';
import type { UserModel } from '../models.ts';
import { readPage } from '../page.ts';
import { type PageArgs, pageRequest } from '../page-request.ts';
import type { Reader } from '../read-store.ts';
import { requestView } from '../views.ts';

export const followRequestsCursor = defineCursorKind('followRequests');

/** A request, by its position and the one who asks. */
interface RequestEntry {
  readonly position: number;
  readonly user: string;
}

interface RequestsPage {
  readonly from: number | undefined;
  readonly direction: 'asc' | 'desc';
  readonly limit: number;
}

/** Reads the requests to follow a user that wait for an answer. */
export const readRequests = async (
  reader: Reader,
  user: string,
  { from, direction, limit }: RequestsPage,
): Promise<RequestEntry[]> => {
  const found = await reader.collection('follows').page({
    where: { object: user, pending: true },
    orderBy: 'requested',
    direction,
    after: from,
    limit,
  });
  return found.flatMap(({ doc }: { readonly doc: FollowDoc }) =>
    doc.requested === undefined ? [] : [{ position: doc.requested, user: doc.actor }],
  );
};

/** Reads the users who ask to follow the viewer, the newest request first. Nobody else can read them. */
export const readFollowRequests = async (
  context: QueryContext,
  args: PageArgs,
  room: PageRoom<UserModel>,
): Promise<Connection<UserModel>> => {
  const viewer = viewerOf(context);
  const { cursors } = context.sources;
  const view = requestView(context.loaders);
  const page = await readPage(
    {
      order: 'desc',
      candidates: (from, direction, limit) =>
        readRequests(context.reader, viewer, { from, direction, limit }),
      view: { ...view, hydrate: ({ user }) => view.hydrate(user) },
    },
    pageRequest(args, cursors, followRequestsCursor, viewer),
    room,
  );
  return toConnection(cursors, followRequestsCursor, viewer, page);
};
