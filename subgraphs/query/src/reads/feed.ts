import type { PageRoom } from '../answer-size/weigh.ts';
import type { QueryContext } from '../context.ts';
import { hydrateFeedItem } from '../hydrate.ts';
import type { FeedItemModel } from '../models.ts';
import { type Connection, pageSize, readPage, toConnection } from '../page.ts';

export interface PageArgs {
  readonly first?: number | null | undefined;
  readonly after?: string | null | undefined;
}

/** What one user has posted and shared, newest first: a user's feed, and my feed. */
export const readFeed = async (
  { loaders, reader, sources: { cursors } }: QueryContext,
  actor: string,
  args: PageArgs,
  room: PageRoom<FeedItemModel>,
): Promise<Connection<FeedItemModel>> => {
  const slice = await readPage({
    first: pageSize(args.first),
    after: cursors.read('feed', actor, args.after),
    candidates: async (after, limit) => {
      const items = await reader.collection('items').page({
        where: { actor, active: true },
        orderBy: 'position',
        direction: 'desc',
        ...(after === undefined ? {} : { after }),
        limit,
      });
      for (const { id, doc } of items) loaders.items.prime(id, doc);
      return items.flatMap(({ id, doc }) => (doc.position === null ? [] : [{ id, position: doc.position }]));
    },
    room,
    present: (items) => Promise.all(items.map(({ id, position }) => hydrateFeedItem(loaders, id, position))),
  });
  return toConnection(cursors, 'feed', actor, slice);
};
