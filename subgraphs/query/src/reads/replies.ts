import type { PageRoom } from '../answer-size/weigh.ts';
import { type Connection, toConnection } from '../connection.ts';
import type { QueryContext } from '../context.ts';
import { defineCursorKind } from '../cursor.ts';
import type { PostModel } from '../models.ts';
import { readPage } from '../page.ts';
import { type PageArgs, pageRequest } from '../page-request.ts';
import { replyView } from '../views.ts';

export const repliesCursor = defineCursorKind('replies');

/** Reads the replies to a post, oldest first: in the order of the conversation. */
export const readReplies = async (
  { loaders, reader, sources: { cursors } }: QueryContext,
  post: string,
  args: PageArgs,
  room: PageRoom<PostModel>,
): Promise<Connection<PostModel>> => {
  const view = replyView(loaders);
  const page = await readPage(
    {
      order: 'asc',
      candidates: async (from, direction, limit) => {
        const posts = await reader.collection('posts').page({
          where: { inReplyTo: post, deleted: false },
          orderBy: 'position',
          direction,
          ...(from === undefined ? {} : { after: from }),
          limit,
        });
        for (const { id, doc } of posts) loaders.posts.prime(id, doc);
        return posts.flatMap(({ id, doc }) =>
          doc.position === null ? [] : [{ id, position: doc.position }],
        );
      },
      view: { ...view, hydrate: ({ id }) => view.hydrate(id) },
    },
    pageRequest(args, cursors, repliesCursor, post),
    room,
  );
  return toConnection(cursors, repliesCursor, post, page);
};
