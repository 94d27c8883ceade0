/** Ratio of two ways to do the same, by pairs of turns that ran next to each other. */
export interface PairedRatio {
  readonly median: number;
  /** Bounds of the median, with a confidence of 95 %; without enough pairs, the smallest and the largest ratio. */
  readonly low: number;
  readonly high: number;
  readonly pairs: number;
}

/**
 * Returns the median of the ratios of pairs, and its bounds by the sign test: no distribution is assumed, and a turn that
 * something else disturbed counts as one turn, however long it took.
 */
export const pairedRatio = (pairs: readonly (readonly [number, number])[]): PairedRatio => {
  const ratios = pairs.map(([one, other]) => one / other).sort((a, b) => a - b);
  const at = (rank: number): number => ratios[Math.min(Math.max(rank, 0), ratios.length - 1)] ?? Number.NaN;
  const count = ratios.length;
  // The binomial distribution of the number of ratios below the median, as a normal one.
  const reach = Math.floor((count - 1.96 * Math.sqrt(count)) / 2);
  const middle = (at(Math.floor((count - 1) / 2)) + at(Math.floor(count / 2))) / 2;
  return { median: middle, low: at(reach), high: at(count - 1 - reach), pairs: count };
};
