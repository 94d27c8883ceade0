import type { PageRoom } from '../answer-size/weigh.ts';
import { type Connection, toConnection } from '../connection.ts';
import { type QueryContext, viewerOf } from '../context.ts';
import { defineCursorKind } from '../cursor.ts';
import type { PostModel } from '../models.ts';
import { readPage } from '../page.ts';
import { type PageArgs, pageRequest } from '../page-request.ts';
import { postView } from '../views.ts';

const bookmarksCursor = defineCursorKind('bookmarks');

/** Reads the posts that the viewer has bookmarked, the newest bookmark first. Nobody else can read them. */
export const readBookmarks = async (
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
        const bookmarks = await context.reader.collection('bookmarks').page({
          where: { actor: viewer, active: true },
          orderBy: 'position',
          direction,
          ...(from === undefined ? {} : { after: from }),
          limit,
        });
        return bookmarks.flatMap(({ doc }) =>
          doc.position === null ? [] : [{ post: doc.object, position: doc.position }],
        );
      },
      view: { ...view, hydrate: ({ post }) => view.hydrate(post) },
    },
    pageRequest(args, cursors, bookmarksCursor, viewer),
    room,
  );
  return toConnection(cursors, bookmarksCursor, viewer, page);
};
