import type { PageRoom } from '../answer-size/weigh.ts';
import { type Connection, toConnection } from '../connection.ts';
import type { QueryContext } from '../context.ts';
import { defineCursorKind } from '../cursor.ts';
import type { UserModel } from '../models.ts';
import { readPage } from '../page.ts';
import { type PageArgs, pageRequest } from '../page-request.ts';
import { reactionView } from '../views.ts';

/** Returns the read of the users with a relation to a post, the newest relation first. */
const reactionsTo = (relation: 'likes' | 'shares') => {
  const cursorKind = defineCursorKind(relation === 'likes' ? 'likers' : 'sharers');
  return async (
    { loaders, reader, sources: { cursors } }: QueryContext,
    post: string,
    args: PageArgs,
    room: PageRoom<UserModel>,
  ): Promise<Connection<UserModel>> => {
    const page = await readPage(
      {
        order: 'desc',
        candidates: async (from, direction, limit) => {
          const found = await reader.collection(relation).page({
            where: { object: post, active: true },
            orderBy: 'position',
            direction,
            after: from,
            limit,
          });
          return found.flatMap(({ doc }) =>
            doc.position === null ? [] : [{ position: doc.position, reaction: doc }],
          );
        },
        view: reactionView(loaders),
      },
      pageRequest(args, cursors, cursorKind, post),
      room,
    );
    return toConnection(cursors, cursorKind, post, page);
  };
};

/** Reads the users who like a post that the viewer sees. */
export const readLikers = reactionsTo('likes');

/** Reads the users who share a post that the viewer sees. */
export const readSharers = reactionsTo('shares');
