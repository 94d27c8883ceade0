/** Number of events in a range. */
export const rangeSize = 2_000;

/** Tracks the finished parts of a position interval while several parts are in progress. */
export interface Ranges {
  /** Takes the next free range: after `after`, up to `to`. */
  take(): { readonly after: number; readonly to: number } | undefined;
  done(to: number): void;
  /** Everything up to this position is done. */
  readonly upTo: number;
  /** Last positions of the finished ranges after `upTo`. */
  readonly beyond: readonly number[];
  /** Last position of the last range. */
  readonly last: number;
}

/**
 * Splits a position interval into ranges of one size, counted from 0, so that a process that takes over
 * splits it in the same way.
 */
export const createRanges = (
  size: number,
  last: number,
  begun: { readonly upTo: number; readonly beyond: readonly number[] },
): Ranges => {
  const finished = new Set(begun.beyond);
  let upTo = begun.upTo;
  let next = begun.upTo;
  const endOf = (after: number): number => Math.min(last, (Math.floor(after / size) + 1) * size);
  return {
    take() {
      while (next < last) {
        const after = next;
        next = endOf(after);
        if (!finished.has(next)) return { after, to: next };
      }
      return undefined;
    },
    done(to) {
      finished.add(to);
      while (upTo < last && finished.delete(endOf(upTo))) upTo = endOf(upTo);
    },
    get upTo() {
      return upTo;
    },
    last,
    get beyond() {
      return [...finished];
    },
  };
};
