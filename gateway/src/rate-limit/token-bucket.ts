/** How much may be used: `limit` at once, and as much again over each window. */
export interface RatePolicy {
  readonly limit: number;
  /** In seconds. */
  readonly window: number;
}

/** What is to be taken out of one bucket. */
export interface Charge extends RatePolicy {
  /** Whose bucket it is. */
  readonly key: string;
  readonly cost: number;
}

/** Whether all charges could be taken, and what each bucket then holds. Where one can't, none is. */
export interface Taken {
  readonly allowed: boolean;
  readonly left: readonly number[];
}

/** Token buckets by key: full at first, and filled steadily. */
export interface TokenBuckets {
  take(charges: readonly Charge[]): Promise<Taken>;
}

/** What one more than a bucket can ever hold costs: all of it. */
export const costOf = ({ cost, limit }: Charge): number => Math.min(cost, limit);

/** Tokens that come back each millisecond. */
export const refill = ({ limit, window }: RatePolicy): number => limit / (window * 1000);
