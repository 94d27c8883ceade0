import type { PageRequest } from '@rookery/document-store';
import type { FeedEntry } from '@rookery/feeds';
import type { ListField } from './broadcasts.ts';
import type { Loaders } from './loaders.ts';
import type { Reader } from './read-store.ts';

/** Which part of a list of items is asked for. */
export interface ItemWindow {
  readonly field: ListField;
  readonly direction: 'asc' | 'desc';
  /** Exclusive; undefined for the start of the list. */
  readonly from?: number | undefined;
  readonly limit: number;
}

/**
 * Reads items as entries of a feed, and keeps the items for the loaders. By position it reads those in force, by the time of their
 * last change all of them.
 */
export const readItemEntries = async (
  { reader, loaders }: { readonly reader: Reader; readonly loaders?: Loaders },
  { where = {}, ...among }: Partial<Pick<PageRequest, 'where' | 'among'>>,
  { field, direction, from, limit }: ItemWindow,
): Promise<FeedEntry[]> => {
  const items = await reader.collection('items').page({
    where: field === 'position' ? { ...where, active: true } : where,
    ...among,
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
