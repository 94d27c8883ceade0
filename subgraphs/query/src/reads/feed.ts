import { maySeeActsOf } from '@rookery/read-models/visibility';
import type { PageRoom } from '../answer-size/weigh.ts';
import { type Connection, toConnection } from '../connection.ts';
import type { QueryContext } from '../context.ts';
import { defineCursorKind, ownItemCursor } from '../cursor.ts';
import { hydrateActsOf } from '../hydrate.ts';
import { readItemEntries } from '../item-entries.ts';
import type { FeedItemModel } from '../models.ts';
import { fewSpare, readPage } from '../page.ts';
import { type PageArgs, pageRequest } from '../page-request.ts';
import { itemView } from '../views.ts';

const feedCursor = defineCursorKind('feed');

/** Reads what one user has posted and shared, newest first: a user's feed, and the viewer's own. */
export const readFeed = async (
  { loaders, reader, sources: { cursors } }: QueryContext,
  actor: string,
  args: PageArgs,
  room: PageRoom<FeedItemModel>,
): Promise<Connection<FeedItemModel>> => {
  const page = await readPage(
    {
      order: 'desc',
      candidates: async (from, direction, limit) => {
        if (!maySeeActsOf(await hydrateActsOf(loaders, actor))) return [];
        const window = { field: 'position', direction, from, limit } as const;
        return readItemEntries({ reader, loaders }, { where: { actor } }, window);
      },
      view: itemView(loaders),
      spare: fewSpare,
    },
    pageRequest(args, cursors, [feedCursor, ownItemCursor], actor),
    room,
  );
  return toConnection(cursors, feedCursor, actor, page);
};
