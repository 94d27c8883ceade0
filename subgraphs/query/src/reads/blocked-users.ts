import type { PageRoom } from '../answer-size/weigh.ts';
import { type Connection, toConnection } from '../connection.ts';
import { type QueryContext, viewerOf } from '../context.ts';
import { defineCursorKind } from '../cursor.ts';
import type { UserModel } from '../models.ts';
import { readPage } from '../page.ts';
import { type PageArgs, pageRequest } from '../page-request.ts';
import { blockedView } from '../views.ts';

const blockedUsersCursor = defineCursorKind('blockedUsers');

/** Reads the users whom the viewer blocks, the newest block first. Nobody else can read them. */
export const readBlockedUsers = async (
  context: QueryContext,
  args: PageArgs,
  room: PageRoom<UserModel>,
): Promise<Connection<UserModel>> => {
  const viewer = viewerOf(context);
  const { cursors } = context.sources;
  const page = await readPage(
    {
      order: 'desc',
      candidates: async (from, direction, limit) => {
        const found = await context.reader.collection('blocks').page({
          where: { actor: viewer, active: true },
          orderBy: 'position',
          direction,
          ...(from === undefined ? {} : { after: from }),
          limit,
        });
        return found.flatMap(({ doc }) =>
          doc.position === null ? [] : [{ position: doc.position, user: doc.object }],
        );
      },
      view: blockedView(context.loaders),
    },
    pageRequest(args, cursors, blockedUsersCursor, viewer),
    room,
  );
  return toConnection(cursors, blockedUsersCursor, viewer, page);
};
