import type { Where } from '@rookery/document-store';
import type { PageRoom } from '../answer-size/weigh.ts';
import { type Connection, toConnection } from '../connection.ts';
import type { QueryContext } from '../context.ts';
import type { CursorKind } from '../cursor.ts';
import type { Loaders } from '../loaders.ts';
import { type Order, readPage } from '../page.ts';
import { type PageArgs, pageRequest } from '../page-request.ts';
import type { View } from '../pipeline.ts';

interface PostsList<Facts, Visible extends Facts, Model> {
  readonly order: Order;
  /** Returns the condition of the posts of one list; the collection has an index for it, in the order of `position`. */
  readonly where: (owner: string) => Where;
  /** Returns the view of a post of the list, by its id. */
  readonly viewOf: (loaders: Loaders) => View<string, Facts, Visible, Model>;
}

/** Returns the read of a list of posts: those that belong to an owner, such as the post that they answer. */
export const postsList =
  <Facts, Visible extends Facts, Model>(
    cursorKind: CursorKind,
    { order, where, viewOf }: PostsList<Facts, Visible, Model>,
  ) =>
  async (
    { loaders, reader, sources: { cursors } }: QueryContext,
    owner: string,
    args: PageArgs,
    room: PageRoom<Model>,
  ): Promise<Connection<Model>> => {
    const view = viewOf(loaders);
    const page = await readPage(
      {
        order,
        candidates: async (after, direction, limit) => {
          const posts = await reader
            .collection('posts')
            .page({ where: where(owner), orderBy: 'position', direction, after, limit });
          for (const { id, doc } of posts) loaders.posts.prime(id, doc);
          return posts.flatMap(({ id, doc }) =>
            doc.position === null ? [] : [{ id, position: doc.position }],
          );
        },
        view: { ...view, hydrate: ({ id }) => view.hydrate(id) },
      },
      pageRequest(args, cursors, cursorKind, owner),
      room,
    );
    return toConnection(cursors, cursorKind, owner, page);
  };
