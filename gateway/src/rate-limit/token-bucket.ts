/** A rate: `limit` at once, and the same amount again in each window. */
export interface RatePolicy {
  readonly limit: number;
  /** In seconds. */
  readonly window: number;
}

/** A charge to one bucket. */
export interface Charge extends RatePolicy {
  /** Whose bucket it is. */
  readonly key: string;
  readonly cost: number;
}

/**
 * Result of a charge: whether it was taken, and the rest of each bucket. If one bucket is exhausted, nothing
 * is taken.
 */
export interface Taken {
  readonly allowed: boolean;
  readonly left: readonly number[];
}

/** Token buckets by key: full at first, and filled steadily. */
export interface TokenBuckets {
  take(charges: readonly Charge[]): Promise<Taken>;
}

/** Returns the cost, at most the size of the bucket. */
export const costOf = ({ cost, limit }: Charge): number => Math.min(cost, limit);

/** Tokens that come back each millisecond. */
export const refill = ({ limit, window }: RatePolicy): number => limit / (window * 1000);
