import type { FeedEntry } from '@rookery/feeds';
import { type ItemWindow, readItemEntries } from './item-entries.ts';
import type { Loaders } from './loaders.ts';
import type { Reader } from './read-store.ts';

export interface FollowedItems extends ItemWindow {
  readonly viewer: string;
}

/**
 * Reads items of everybody whom the viewer follows from the documents. The store looks once at each follow and at the first items
 * of all, or at the first item of each author if these are too few; what it returns does not depend on their number.
 */
export const itemsOfFollowed = (
  context: { readonly reader: Reader; readonly loaders?: Loaders },
  { viewer, ...window }: FollowedItems,
): Promise<FeedEntry[]> =>
  readItemEntries(
    context,
    {
      among: {
        field: 'actor',
        collection: 'follows',
        values: 'object',
        where: { actor: viewer, active: true },
      },
    },
    window,
  );
