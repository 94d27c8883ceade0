import type { FeedEntry } from '@rookery/feeds';

/** Entries of a list from a position on, in one direction and without gaps. */
export interface Stretch {
  readonly entries: readonly FeedEntry[];
  /** True if the list has no more in this direction. */
  readonly isLast: boolean;
}

/** Which part of a list two stretches are of. */
interface Part {
  readonly direction: 'asc' | 'desc';
  /** Exclusive. */
  readonly from: number;
  /** Most entries. */
  readonly limit: number;
}

/**
 * Returns two lists as one, as far as both are known. An item that has moved may be at both positions, of which the rules leave
 * one.
 */
export const mergeStretches = (a: Stretch, b: Stretch, { direction, from, limit }: Part): Stretch => {
  const sign = direction === 'asc' ? 1 : -1;
  const isPast = (position: number, bound: number): boolean => sign * (position - bound) > 0;
  const ends = [a, b].flatMap(({ entries, isLast }) => (isLast ? [] : (entries.at(-1)?.position ?? from)));
  const isKnown = ({ position }: FeedEntry): boolean =>
    isPast(position, from) && !ends.some((end) => isPast(position, end));
  const known = [...a.entries, ...b.entries].filter(isKnown);
  const distinct = new Map(known.map((entry) => [`${entry.itemId} ${entry.position}`, entry]));
  const entries = [...distinct.values()].sort((x, y) => sign * (x.position - y.position));
  return { entries: entries.slice(0, limit), isLast: ends.length === 0 && entries.length <= limit };
};
