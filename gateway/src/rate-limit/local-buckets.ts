import { LRUCache } from 'lru-cache';
import { type Charge, costOf, refill, type Taken, type TokenBuckets } from './token-bucket.ts';

interface Bucket {
  readonly left: number;
  /** In milliseconds, by performance.now(). */
  readonly at: number;
}

/** Buckets in the memory of this process. When there are too many, those that were used longest ago are full again. */
export class LocalBuckets implements TokenBuckets {
  readonly #buckets: LRUCache<string, Bucket>;
  readonly #now: () => number;

  constructor(now: () => number = () => performance.now(), maxBuckets = 100_000) {
    this.#now = now;
    this.#buckets = new LRUCache({ max: maxBuckets });
  }

  take(charges: readonly Charge[]): Taken {
    const at = this.#now();
    const before = charges.map((charge) => this.#left(charge, at));
    const allowed = charges.every((charge, i) => (before[i] ?? 0) >= costOf(charge));
    if (!allowed) return { allowed, left: before };
    const left = charges.map((charge, i) => (before[i] ?? 0) - costOf(charge));
    for (const [i, { key }] of charges.entries()) this.#buckets.set(key, { left: left[i] ?? 0, at });
    return { allowed, left };
  }

  #left(charge: Charge, now: number): number {
    const bucket = this.#buckets.get(charge.key);
    if (bucket === undefined) return charge.limit;
    return Math.min(charge.limit, bucket.left + (now - bucket.at) * refill(charge));
  }
}
