import type { RedisClient } from '@rookery/redis';
import type { Logger } from '@rookery/runtime';
import { LocalBuckets } from './local-buckets.ts';
import { RedisBuckets } from './redis-buckets.ts';
import type { Charge, Taken, TokenBuckets } from './token-bucket.ts';

/** Time without a failure after which an outage is over: of a cluster, some buckets may be down and others not. */
const calmMs = 5_000;

/** Buckets in Redis; while Redis is down, in this process, which is logged. */
export class SharedBuckets implements TokenBuckets {
  readonly #redis: RedisClient | undefined;
  readonly #shared: TokenBuckets | undefined;
  readonly #local = new LocalBuckets();
  readonly #log: Logger;
  /** When Redis last failed, by performance.now(); undefined while all is well. */
  #failedAt: number | undefined;

  constructor(redis: RedisClient | undefined, log: Logger) {
    this.#redis = redis;
    this.#shared = redis && new RedisBuckets(redis);
    this.#log = log;
  }

  async take(charges: readonly Charge[]): Promise<Taken> {
    if (this.#shared === undefined) return this.#local.take(charges);
    try {
      if (this.#redis?.status !== 'ready') throw new Error('not connected');
      const taken = await this.#shared.take(charges);
      this.#noteSuccess();
      return taken;
    } catch (error) {
      if (this.#failedAt === undefined)
        this.#log.warn({ error }, 'Redis is down; rate limits are enforced by each gateway separately');
      this.#failedAt = performance.now();
      return this.#local.take(charges);
    }
  }

  #noteSuccess(): void {
    if (this.#failedAt === undefined || performance.now() - this.#failedAt < calmMs) return;
    this.#failedAt = undefined;
    this.#log.info('rate limits are shared again');
  }
}
