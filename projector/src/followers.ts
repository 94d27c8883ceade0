import type { Documents } from '@rookery/document-store';
import type { RelationDoc } from '@rookery/read-models';

/** Number of followers that are read in one round trip, and the maximum in memory at once. */
export const followersAtOnce = 1_000;

/**
 * Returns the followers of this author, in pages ordered by position. A follow that moves to a later position
 * (because an earlier event of the same pair arrives late) may be missed. This is harmless: the worker that
 * moved it reads the author's items afterwards.
 */
export const followersOf = async function* (
  documents: Documents,
  author: string,
): AsyncGenerator<string[], void, void> {
  const follows = documents.collection<RelationDoc>('follows');
  for (let after: number | undefined; ; ) {
    const page = await follows.page({
      where: { object: author, active: true },
      orderBy: 'position',
      direction: 'asc',
      ...(after === undefined ? {} : { after }),
      limit: followersAtOnce,
    });
    if (page.length > 0) yield page.map(({ doc }) => doc.actor);
    after = page.at(-1)?.doc.position ?? undefined;
    if (page.length < followersAtOnce || after === undefined) return;
  }
};
