import { type AuthorDoc, type CountDoc, countId, type Documents } from '@rookery/stores/documents';

export interface BigAuthors {
  /** Those of the asked who are merged at read. */
  readonly big: ReadonlySet<string>;
  /** Those of them who have just become it. */
  readonly grown: ReadonlySet<string>;
}

/**
 * Which of these authors have too many followers to be written to every feed. The mark is durable before anything
 * is left out because of it, and is never taken back: what was left out is found by the mark alone.
 *
 * @param writing authors with something new, who are marked where they have reached the limit
 * @param others authors who are only looked up
 */
export const bigAuthors = async (
  documents: Documents,
  limit: number,
  writing: ReadonlySet<string>,
  others: ReadonlySet<string>,
): Promise<BigAuthors> => {
  const authors = documents.collection<AuthorDoc>('authors');
  const asked = [...writing];
  const [marked, counts] = await Promise.all([
    authors.getMany([...new Set([...writing, ...others])]),
    documents.collection<CountDoc>('counts').getMany(asked.map((author) => countId('followers', author))),
  ]);
  const grown = asked.filter(
    (author) => !marked.has(author) && (counts.get(countId('followers', author))?.doc.n ?? 0) >= limit,
  );
  // Whoever loses this write finds the mark set by somebody else.
  await authors.putMany(grown.map((id) => ({ id, revision: 0, doc: { big: true } })));
  return { big: new Set([...marked.keys(), ...grown]), grown: new Set(grown) };
};
