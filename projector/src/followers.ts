import type { Documents } from '@rookery/document-store';
import type { RelationDoc } from '@rookery/read-models';

/** Number of follows that are read in one round trip, and the maximum in memory at once. */
const followsAtOnce = 1_000;

/** A follower, and the followed user. */
export type Follow = Pick<RelationDoc, 'actor' | 'object'>;

/**
 * Returns the active follows of these authors, in pages ordered by position. A follow that moves to a later
 * position (because an earlier event of the same pair arrives late) may be missed. This is harmless: the worker
 * that moved it joins the author's audience and reads the author's items afterwards.
 */
export const followsOf = async function* (
  documents: Documents,
  authors: readonly string[],
): AsyncGenerator<readonly Follow[], void, void> {
  const follows = documents.collection<RelationDoc>('follows');
  for (let after: number | undefined; ; ) {
    const page = await follows.pageOf(['actor', 'object', 'position'], {
      where: { object: authors, active: true },
      orderBy: 'position',
      direction: 'asc',
      ...(after === undefined ? {} : { after }),
      limit: followsAtOnce,
    });
    if (page.length > 0)
      yield page.flatMap(({ doc: { actor, object } }) =>
        actor === null || object === null ? [] : [{ actor, object }],
      );
    after = page.at(-1)?.doc.position ?? undefined;
    if (page.length < followsAtOnce || after === undefined) return;
  }
};
