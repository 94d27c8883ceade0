import type { Logger } from '@rookery/runtime';
import type { Redis } from 'ioredis';
import { LocalBuckets } from './local-buckets.ts';
import { RedisBuckets } from './redis-buckets.ts';
import type { Charge, Taken, TokenBuckets } from './token-bucket.ts';

/** Buckets in Redis; while Redis is down, in this process, which is logged. */
export class SharedBuckets implements TokenBuckets {
  readonly #redis: Redis | undefined;
  readonly #shared: TokenBuckets | undefined;
  readonly #local = new LocalBuckets();
  readonly #log: Logger;
  #away = false;

  constructor(redis: Redis | undefined, log: Logger) {
    this.#redis = redis;
    this.#shared = redis && new RedisBuckets(redis);
    this.#log = log;
  }

  async take(charges: readonly Charge[]): Promise<Taken> {
    if (this.#shared === undefined) return this.#local.take(charges);
    try {
      if (this.#redis?.status !== 'ready') throw new Error('not connected');
      const taken = await this.#shared.take(charges);
      if (this.#away) this.#log.info('rate limits are shared again');
      this.#away = false;
      return taken;
    } catch (error) {
      if (!this.#away)
        this.#log.warn({ error }, 'Redis is down; rate limits are enforced by each gateway separately');
      this.#away = true;
      return this.#local.take(charges);
    }
  }
}
