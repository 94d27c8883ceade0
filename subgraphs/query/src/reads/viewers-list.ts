import type { RelationName } from '@rookery/read-models';
import type { PageRoom } from '../answer-size/weigh.ts';
import { type Connection, toConnection } from '../connection.ts';
import { type QueryContext, viewerOf } from '../context.ts';
import type { CursorKind } from '../cursor.ts';
import type { Loaders } from '../loaders.ts';
import { readPage } from '../page.ts';
import { type PageArgs, pageRequest } from '../page-request.ts';
import type { View } from '../pipeline.ts';

interface ViewersList<Facts, Visible extends Facts, Model> {
  /** Returns the view of an object of the list, by its id. */
  readonly viewOf: (loaders: Loaders) => View<string, Facts, Visible, Model>;
  /** See PageSource. */
  readonly spare?: number;
}

/**
 * Returns the read of a private list: the posts or users to which the viewer has this relation, the newest first.
 * @param relation needs an index with `actor` and `active`, in the order of `position`
 */
export const viewersList =
  <Facts, Visible extends Facts, Model>(
    relation: RelationName,
    cursorKind: CursorKind,
    { viewOf, ...source }: ViewersList<Facts, Visible, Model>,
  ) =>
  async (context: QueryContext, args: PageArgs, room: PageRoom<Model>): Promise<Connection<Model>> => {
    const viewer = viewerOf(context);
    const { cursors } = context.sources;
    const view = viewOf(context.loaders);
    const page = await readPage(
      {
        ...source,
        order: 'desc',
        candidates: async (from, direction, limit) => {
          const found = await context.reader.collection(relation).page({
            where: { actor: viewer, active: true },
            orderBy: 'position',
            direction,
            after: from,
            limit,
          });
          return found.flatMap(({ doc }) =>
            doc.position === null ? [] : [{ object: doc.object, position: doc.position }],
          );
        },
        view: { ...view, hydrate: ({ object }) => view.hydrate(object) },
      },
      pageRequest(args, cursors, cursorKind, viewer),
      room,
    );
    return toConnection(cursors, cursorKind, viewer, page);
  };
