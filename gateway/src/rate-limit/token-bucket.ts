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

/** A charge, together with earlier ones that were granted before the bucket was charged. */
export interface PendingCharge extends Charge {
  /** Tokens of the earlier charges. They are taken even if this charge is refused. */
  readonly pending: number;
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
  /** Takes a charge from all buckets or from none. Answers at once if no server has to be asked. */
  take(charges: readonly Charge[]): Taken | Promise<Taken>;
}

/** Returns the cost, at most the size of the bucket. */
export const costOf = ({ cost, limit }: Charge): number => Math.min(cost, limit);

/** Tokens that come back each millisecond. */
export const refill = ({ limit, window }: RatePolicy): number => limit / (window * 1000);
