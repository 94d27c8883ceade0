import type { PageRoom } from '../answer-size/weigh.ts';
import { type Connection, toConnection } from '../connection.ts';
import { type QueryContext, viewerOf } from '../context.ts';
import { defineCursorKind } from '../cursor.ts';
import type { Loaders } from '../loaders.ts';
import type { UserModel } from '../models.ts';
import { readPage } from '../page.ts';
import { type PageArgs, pageRequest } from '../page-request.ts';
import type { View } from '../pipeline.ts';
import { blockedView, type ChoiceEntry, mutedView } from '../views.ts';

/** Returns the read of a private list: the users to whom the viewer has this relation, the newest first. */
const viewersUsers = <Facts, Visible extends Facts>(
  relation: 'blocks' | 'mutes',
  viewOf: (loaders: Loaders) => View<ChoiceEntry, Facts, Visible, UserModel>,
) => {
  const cursorKind = defineCursorKind(relation === 'blocks' ? 'blockedUsers' : 'mutedUsers');
  return async (
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
          const found = await context.reader.collection(relation).page({
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
        view: viewOf(context.loaders),
      },
      pageRequest(args, cursors, cursorKind, viewer),
      room,
    );
    return toConnection(cursors, cursorKind, viewer, page);
  };
};

/** Reads the users whom the viewer blocks, the newest block first. Nobody else can read them. */
export const readBlockedUsers = viewersUsers('blocks', blockedView);

/** Reads the users whom the viewer mutes, the newest mute first. Nobody else can read them. */
export const readMutedUsers = viewersUsers('mutes', mutedView);
