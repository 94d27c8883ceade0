import type { Documents } from '@rookery/document-store';
import { type AuthorDoc, type CountDoc, countId } from '@rookery/read-models';

export interface HighFanOutAuthors {
  /** Authors whose items readers merge when they read. */
  readonly highFanOut: ReadonlySet<string>;
  /** Authors who have just reached the limit. */
  readonly grown: ReadonlySet<string>;
}

/**
 * Returns the authors who have too many followers for fan-out on write. The mark is durable before any write
 * is skipped because of it, and is never removed: readers find the skipped items by the mark alone.
 *
 * @param writing authors with new items, who are marked once they reach the limit
 * @param others authors who are only looked up
 */
export const findHighFanOutAuthors = async (
  documents: Documents,
  limit: number,
  writing: ReadonlySet<string>,
  others: ReadonlySet<string>,
): Promise<HighFanOutAuthors> => {
  const authors = documents.collection<AuthorDoc>('authors');
  const asked = [...writing];
  const [marked, counts] = await Promise.all([
    authors.getMany([...new Set([...writing, ...others])]),
    documents.collection<CountDoc>('counts').getMany(asked.map((author) => countId('followers', author))),
  ]);
  const grown = asked.filter(
    (author) => !marked.has(author) && (counts.get(countId('followers', author))?.doc.n ?? 0) >= limit,
  );
  // A lost write means that another worker has set the mark.
  await authors.putMany(grown.map((id) => ({ id, revision: 0, doc: { big: true } })));
  return { highFanOut: new Set([...marked.keys(), ...grown]), grown: new Set(grown) };
};
