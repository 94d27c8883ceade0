import type { CursorKind, Cursors } from './cursor.ts';
import type { EdgeModel, FeedItemModel, NotificationModel } from './models.ts';
import type { Page } from './page.ts';

export interface PageInfoModel {
  readonly startCursor: string | null;
  readonly endCursor: string | null;
  hasNextPage(): Promise<boolean>;
  hasPreviousPage(): Promise<boolean>;
}

export interface Connection<T> {
  readonly edges: EdgeModel<T>[];
  readonly pageInfo: PageInfoModel;
}

export type NotificationConnectionModel = Connection<NotificationModel>;
export interface FeedConnectionModel extends Connection<FeedItemModel> {
  /** True for the friends feed, which has a read marker. */
  readonly isFriendsFeed?: true;
}

/**
 * Returns a page as a connection with cursors of this list. The cursors of an empty page are its requested
 * start, or `nothingUpTo`, so that a client that continues from there misses nothing.
 * @param nothingUpTo a position read before the page: an empty list has no items up to it
 */
export const toConnection = <T>(
  cursors: Cursors,
  kind: CursorKind,
  owner: string,
  { rows, end, direction, hasMore, hasNext, hasPrevious }: Page<T>,
  nothingUpTo = 0,
): Connection<T> => {
  const edges = rows.map(({ position, node }) => ({ cursor: cursors.write(kind, owner, position), node }));
  // A page that the answer had no room for is not empty: it is to be asked for again as it was.
  const last = end ?? (hasMore ? undefined : nothingUpTo);
  const goesOn = last === undefined ? null : cursors.write(kind, owner, last);
  const [startCursor, endCursor] =
    direction === 'forward' ? [edges[0]?.cursor ?? goesOn, goesOn] : [goesOn, edges.at(-1)?.cursor ?? goesOn];
  return { edges, pageInfo: { startCursor, endCursor, hasNextPage: hasNext, hasPreviousPage: hasPrevious } };
};
