import type { FeedEntry } from '@rookery/feeds';
import type { ListField } from './broadcasts.ts';
import type { Loaders } from './loaders.ts';
import type { Reader } from './read-store.ts';

export interface FollowedItems {
  readonly viewer: string;
  readonly field: ListField;
  readonly direction: 'asc' | 'desc';
  /** Exclusive; undefined for the start of the list. */
  readonly from?: number;
  readonly limit: number;
}

/**
 * Reads items of everybody whom the viewer follows from the documents. The store looks once at each follow and at the
 * first item of its author; what it returns does not depend on their number.
 */
export const itemsOfFollowed = async (
  { reader, loaders }: { readonly reader: Reader; readonly loaders?: Loaders },
  { viewer, field, direction, from, limit }: FollowedItems,
): Promise<FeedEntry[]> => {
  const items = await reader.collection('items').page({
    where: field === 'position' ? { active: true } : {},
    among: {
      field: 'actor',
      collection: 'follows',
      values: 'object',
      where: { actor: viewer, active: true },
    },
    orderBy: field,
    direction,
    after: from,
    limit,
  });
  return items.flatMap(({ id, doc }) => {
    loaders?.items.prime(id, doc);
    const position = doc[field] ?? null;
    return position === null ? [] : [{ itemId: id, position }];
  });
};
