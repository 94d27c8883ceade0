import type { Documents } from '@rookery/document-store';
import type { FeedEntry } from '@rookery/feeds';
import type { ItemDoc } from '@rookery/read-models';

/**
 * Returns the author's newest items above a position. A full feed holds none of the years before its oldest item, however much the
 * author has written in them, so they are not read.
 */
export const newestItems = async (
  documents: Documents,
  author: string,
  { above, limit }: { readonly above: number; readonly limit: number },
): Promise<FeedEntry[]> => {
  const page = await documents.collection<ItemDoc>('items').pageOf(['position'], {
    where: { actor: author, active: true },
    orderBy: 'position',
    direction: 'desc',
    until: above,
    limit,
  });
  return page.flatMap(({ id, doc }) =>
    doc.position === null ? [] : [{ itemId: id, position: doc.position }],
  );
};
