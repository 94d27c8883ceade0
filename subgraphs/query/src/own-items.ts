import { showsPart } from '@rookery/read-models/visibility';
import type { ReadContext } from './broadcasts.ts';
import type { FollowedItems } from './followed-items.ts';
import { readItemEntries } from './item-entries.ts';
import type { Stretch } from './stretches.ts';

/**
 * Reads items of the viewer's own, which are in the viewer's friends feed: by the index of their own feed, whether Redis holds the
 * friends feed or not. None if the viewer has decided so.
 */
export const itemsOfViewer = async (
  context: ReadContext,
  { viewer, ...window }: FollowedItems,
): Promise<Stretch> => {
  const [settings, entries] = await Promise.all([
    context.loaders.friendsFeedSettings.load(viewer),
    readItemEntries(context, { where: { actor: viewer } }, window),
  ]);
  return showsPart(settings, 'OWN_ITEMS')
    ? { entries, isLast: entries.length < window.limit }
    : { entries: [], isLast: true };
};
