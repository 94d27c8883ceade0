import { maySeeActivityOf } from '@rookery/read-models/visibility';
import type { PageRoom } from '../answer-size/weigh.ts';
import { type Connection, toConnection } from '../connection.ts';
import type { QueryContext } from '../context.ts';
import { defineCursorKind } from '../cursor.ts';
import { loadViewerRelation } from '../hydrate.ts';
import type { UserModel } from '../models.ts';
import { readPage } from '../page.ts';
import { type PageArgs, pageRequest } from '../page-request.ts';
import { followView } from '../views.ts';

export const followCursors = {
  followers: defineCursorKind('followers'),
  following: defineCursorKind('following'),
} as const;

/** Reads the followers of a user, or whom the user follows, newest first. */
export const readFollows = async (
  { loaders, reader, sources: { cursors } }: QueryContext,
  list: keyof typeof followCursors,
  user: string,
  args: PageArgs,
  room: PageRoom<UserModel>,
): Promise<Connection<UserModel>> => {
  const [own, other] = list === 'followers' ? (['object', 'actor'] as const) : (['actor', 'object'] as const);
  const page = await readPage(
    {
      order: 'desc',
      candidates: async (from, direction, limit) => {
        if (!maySeeActivityOf(await loadViewerRelation(loaders, user))) return [];
        const follows = await reader.collection('follows').page({
          where: { [own]: user, active: true },
          orderBy: 'position',
          direction,
          after: from,
          limit,
        });
        return follows.flatMap(({ doc }) =>
          doc.position === null ? [] : [{ position: doc.position, follow: doc, user: doc[other] }],
        );
      },
      view: followView(loaders),
    },
    pageRequest(args, cursors, followCursors[list], user),
    room,
  );
  return toConnection(cursors, followCursors[list], user, page);
};
