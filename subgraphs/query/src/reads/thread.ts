import type { PageRoom } from '../answer-size/weigh.ts';
import { type Connection, toConnection } from '../connection.ts';
import type { QueryContext } from '../context.ts';
import { defineCursorKind } from '../cursor.ts';
import type { PostModel, TombstoneModel } from '../models.ts';
import { readPage } from '../page.ts';
import { type PageArgs, pageRequest } from '../page-request.ts';
import { threadReplyView } from '../views.ts';
import { readParent } from './post.ts';

/** Posts above another that are read, one after the other, since each says only what it answers itself. */
const maxAncestors = 20;

/** Returns the posts and tombstones above a post, from the topmost to the one that it answers: the nearest, if there are many. */
export const readAncestors = async (
  context: QueryContext,
  post: Pick<PostModel, 'inReplyTo'>,
): Promise<(PostModel | TombstoneModel)[]> => {
  const found: (PostModel | TombstoneModel)[] = [];
  while (found.length < maxAncestors) {
    const above = await readParent(context, found.at(-1) ?? post);
    if (above === undefined) break;
    found.push(above);
  }
  return found.toReversed();
};

const threadCursor = defineCursorKind('thread');

/** Reads the replies to a post, oldest first, with the tombstones of deleted ones that were answered. */
export const readThread = async (
  { loaders, reader, sources: { cursors } }: QueryContext,
  post: string,
  args: PageArgs,
  room: PageRoom<PostModel | TombstoneModel>,
): Promise<Connection<PostModel | TombstoneModel>> => {
  const view = threadReplyView(loaders);
  const page = await readPage(
    {
      order: 'asc',
      candidates: async (from, direction, limit) => {
        const posts = await reader.collection('posts').page({
          where: { inReplyTo: post, deleted: [false, true] },
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
    pageRequest(args, cursors, threadCursor, post),
    room,
  );
  return toConnection(cursors, threadCursor, post, page);
};
