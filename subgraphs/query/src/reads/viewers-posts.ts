import type { RelationName } from '@rookery/read-models';
import type { PageRoom } from '../answer-size/weigh.ts';
import { type Connection, toConnection } from '../connection.ts';
import { type QueryContext, viewerOf } from '../context.ts';
import type { CursorKind } from '../cursor.ts';
import type { PostModel } from '../models.ts';
import { readPage } from '../page.ts';
import { type PageArgs, pageRequest } from '../page-request.ts';
import { postView } from '../views.ts';

/**
 * Returns the read of a private list: the posts to which the viewer has this relation, the newest first.
 * @param relation needs an index with `actor` and `active`, in the order of `position`
 */
export const viewersPosts =
  (relation: RelationName, cursorKind: CursorKind) =>
  async (
    context: QueryContext,
    args: PageArgs,
    room: PageRoom<PostModel>,
  ): Promise<Connection<PostModel>> => {
    const viewer = viewerOf(context);
    const { cursors } = context.sources;
    const view = postView(context.loaders);
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
            doc.position === null ? [] : [{ post: doc.object, position: doc.position }],
          );
        },
        view: { ...view, hydrate: ({ post }) => view.hydrate(post) },
        isThinned: true,
      },
      pageRequest(args, cursors, cursorKind, viewer),
      room,
    );
    return toConnection(cursors, cursorKind, viewer, page);
  };
