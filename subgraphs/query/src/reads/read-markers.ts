import { type ReadMarkerDoc, readMarkerId } from '@rookery/read-models';
import { type QueryContext, viewerOf } from '../context.ts';
import { type CursorKind, friendsFeedCursor, notificationsCursor } from '../cursor.ts';
import type { ReadMarkerModel } from '../models.ts';

export type MarkedList = ReadMarkerDoc['list'];

/** Lists with a read marker, with the cursors that they give. */
export const markedLists: Readonly<Record<MarkedList, CursorKind>> = {
  'friends-feed': friendsFeedCursor,
  notifications: notificationsCursor,
};

/** Reads up to which position the viewer has read a list; 0 if nothing is marked. */
export const readMarkerPosition = async (context: QueryContext, list: MarkedList): Promise<number> =>
  (await context.loaders.readMarkers.load(readMarkerId(viewerOf(context), list)))?.upTo ?? 0;

export const toReadMarker = (
  { sources: { cursors } }: Pick<QueryContext, 'sources'>,
  { user, list, upTo }: ReadMarkerDoc,
): ReadMarkerModel => ({
  markerId: readMarkerId(user, list),
  list,
  cursor: cursors.write(markedLists[list], user, upTo),
});

/** Returns the cursor up to which the viewer has read a list; null if nothing is marked. */
export const readMarkerCursor = async (context: QueryContext, list: MarkedList): Promise<string | null> => {
  const marker = await context.loaders.readMarkers.load(readMarkerId(viewerOf(context), list));
  return marker ? toReadMarker(context, marker).cursor : null;
};

/** Reads a marker by its id. Only its user can. */
export const readReadMarker = async (
  context: QueryContext,
  markerId: string,
): Promise<ReadMarkerModel | undefined> => {
  if (context.viewer === null || !markerId.startsWith(`${context.viewer}:`)) return undefined;
  const marker = await context.loaders.readMarkers.load(markerId);
  return marker?.user === context.viewer ? toReadMarker(context, marker) : undefined;
};
