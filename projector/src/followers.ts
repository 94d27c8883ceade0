import type { Documents, RelationDoc } from '@rookery/stores/documents';

/** Followers read in one round trip, and so the most that are in memory at once. */
export const followersAtOnce = 1_000;

/**
 * Who follows this author, in pages in the order of their positions. A follow that moves behind the page (an earlier
 * one of the same two comes in late) may be missed; it can't matter, for whoever wrote it looks at the author's
 * items afterwards.
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
