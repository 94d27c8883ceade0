/**
 * The order in which clients gave their commands: one precedes another only if it was answered before the other was
 * sent. All else is concurrent, and may take effect in either order. It shares nothing with the product: no clocks, no
 * positions, no versions.
 */

/** Places in one client's log, which only grows. */
export interface Interval {
  /** When it was sent for the first time. */
  readonly sent: number;
  /** When it was first answered as accepted; null if it never was: then it may have had no effect. */
  readonly answered: number | null;
}

export const precedes = (a: Interval, b: Interval): boolean => a.answered !== null && a.answered < b.sent;

/** Those that no accepted one follows: any of them may have the last word, unless it was never answered and had no effect. */
export const lastOf = <T extends Interval>(commands: readonly T[]): T[] =>
  commands.filter((one) => !commands.some((other) => other.answered !== null && precedes(one, other)));
