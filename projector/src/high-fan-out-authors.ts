import type { Documents } from '@rookery/document-store';
import { type AuthorDoc, type CountDoc, countId } from '@rookery/read-models';

export interface HighFanOutAuthors {
  /** Authors whose items are broadcast. */
  readonly highFanOut: ReadonlySet<string>;
  /** Authors who have just reached the limit. */
  readonly grown: ReadonlySet<string>;
}

/**
 * Returns the authors who have too many followers for fan-out on write. The mark is durable before any write
 * is skipped because of it, and is never removed.
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
  const asked = [...writing];
  const [marked, counts] = await Promise.all([
    documents.collection<AuthorDoc>('authors').getMany([...new Set([...writing, ...others])]),
    documents.collection<CountDoc>('counts').getMany(asked.map((author) => countId('followers', author))),
  ]);
  const grown = new Set(
    asked.filter(
      (author) => !marked.has(author) && (counts.get(countId('followers', author))?.doc.n ?? 0) >= limit,
    ),
  );
  await markHighFanOut(documents, grown);
  return { highFanOut: new Set([...marked.keys(), ...grown]), grown };
};

/** Marks authors for good. */
export const markHighFanOut = async (documents: Documents, authors: ReadonlySet<string>): Promise<void> => {
  // A lost write means that another worker has set the mark.
  await documents
    .collection<AuthorDoc>('authors')
    .putMany([...authors].map((id) => ({ id, revision: 0, doc: { big: true } })));
};
