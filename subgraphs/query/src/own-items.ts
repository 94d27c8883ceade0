import type { FeedEntry } from '@rookery/feeds';
import { showsPart } from '@rookery/read-models/visibility';
import type { ReadContext } from './broadcasts.ts';
import type { FollowedItems } from './followed-items.ts';

/**
 * Reads items of the viewer's own, which are in the viewer's friends feed: by the index of their own feed, whether Redis holds the
 * friends feed or not. None if the viewer has decided so.
 */
export const itemsOfViewer = async (
  { reader, loaders }: ReadContext,
  { viewer, field, direction, from, limit }: FollowedItems,
): Promise<readonly FeedEntry[]> => {
  const [settings, items] = await Promise.all([
    loaders.friendsFeedSettings.load(viewer),
    reader.collection('items').page({
      where: field === 'position' ? { actor: viewer, active: true } : { actor: viewer },
      orderBy: field,
      direction,
      after: from,
      limit,
    }),
  ]);
  if (!showsPart(settings, 'OWN_ITEMS')) return [];
  return items.flatMap(({ id, doc }) => {
    loaders.items.prime(id, doc);
    const position = doc[field] ?? null;
    return position === null ? [] : [{ itemId: id, position }];
  });
};
