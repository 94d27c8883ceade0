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
 * Reads items as entries of a feed, and keeps the items for the loaders, if there are any. By position it reads those in force, by the
 * time of their last change all of them.
 */
export const readItemEntries = async (
  { reader, loaders }: { readonly reader: Reader; readonly loaders?: Loaders },
  { where = {}, ...among }: Partial<Pick<PageRequest, 'where' | 'among'>>,
  { field, direction, from, limit }: ItemWindow,
): Promise<FeedEntry[]> => {
  const request = {
    where: field === 'position' ? { ...where, active: true } : where,
    ...among,
    orderBy: field,
    direction,
    after: from,
    limit,
  };
  const items = reader.collection('items');
  if (!loaders) return toEntries(await items.pageOf([field], request), field);
  const found = await items.page(request);
  for (const { id, doc } of found) loaders.items.prime(id, doc);
  return toEntries(found, field);
};

const toEntries = (
  items: readonly { readonly id: string; readonly doc: { readonly [Field in ListField]?: number | null } }[],
  field: ListField,
): FeedEntry[] =>
  items.flatMap(({ id, doc }) => {
    const position = doc[field] ?? null;
    return position === null ? [] : [{ itemId: id, position }];
  });
