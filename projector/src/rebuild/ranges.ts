/** Events in one range. */
export const rangeSize = 2_000;

/** Which parts of a stretch of positions have been done, where several are worked on at a time. */
export interface Ranges {
  /** The next one that nobody has taken: behind `after`, up to `to`. */
  take(): { readonly after: number; readonly to: number } | undefined;
  done(to: number): void;
  /** Everything up to here is done. */
  readonly upTo: number;
  /** Last positions of those that are done behind `upTo`. */
  readonly beyond: readonly number[];
  /** Where the last of them ends. */
  readonly last: number;
}

/**
 * Cuts a stretch of positions into ranges of one size, counted from 0, so that a process that takes the work over
 * cuts it in the same way.
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
