import type { Documents } from '@rookery/document-store';
import type { ComparisonClock } from './comparison-clock.ts';
import type { Difference } from './differences.ts';

/** Two states of the read models, and the clock that brings both to one position. */
export interface Comparison {
  readonly live: Documents;
  /** Built from the event store. */
  readonly rebuilt: Documents;
  readonly clock: ComparisonClock;
  /** Repairs the differences. */
  readonly repair: boolean;
  readonly signal: AbortSignal;
}

/** Result of comparing one kind of thing. */
export interface Findings {
  readonly compared: number;
  readonly differences: readonly Difference[];
  /** Ids that changed during each comparison, so that nothing is known about them. */
  readonly unsettled: readonly string[];
  /** Number of repaired differences. */
  readonly repaired: number;
}

/** Maximum number of comparisons of each suspect, each at its own position. */
export const maxLooks = 6;
