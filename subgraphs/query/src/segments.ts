import type { FeedEntry, FeedSegment } from '@rookery/feeds';
import type { Direction } from './candidates.ts';
import type { Reader } from './read-store.ts';

/**
 * Position of the viewer's newest follow; 0 if there is none. A segment that is at least as new misses no author: others
 * who are no longer followed are left to the rules.
 */
export const newestFollow = async (reader: Reader, viewer: string): Promise<number> => {
  const [newest] = await reader.collection('follows').page({
    where: { actor: viewer, active: true },
    orderBy: 'position',
    direction: 'desc',
    limit: 1,
  });
  return newest?.doc.position ?? 0;
};

/** Entries of the documents, read from an exclusive position in one direction. */
export interface Run {
  readonly entries: readonly FeedEntry[];
  readonly from: number;
  readonly direction: Direction;
  /** True if there are no more in this direction. */
  readonly isLast: boolean;
  /** Position up to which everything was applied before they were read. */
  readonly asOf: number;
}

/** Returns the segment that these entries are; undefined if they are too new to be all. */
export const toSegment = ({ entries, from, direction, isLast, asOf }: Run): FeedSegment | undefined => {
  const end = entries.at(-1)?.position;
  if (direction === 'desc')
    return from - 1 > asOf ? undefined : { low: isLast ? 1 : (end ?? 1), high: from - 1, asOf, entries };
  // Beyond what has been applied, an item may still be missing.
  const high = Math.min(end ?? from, asOf);
  if (high <= from) return undefined;
  return { low: from + 1, high, asOf, entries: entries.filter(({ position }) => position <= high) };
};
