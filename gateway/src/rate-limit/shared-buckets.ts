import type { RedisClient } from '@rookery/redis';
import type { Logger } from '@rookery/runtime';
import { DeferredBuckets } from './deferred-buckets.ts';
import { LocalBuckets } from './local-buckets.ts';
import { RedisBuckets } from './redis-buckets.ts';
import type { Charge, Taken, TokenBuckets } from './token-bucket.ts';

/** Time without a failure after which an outage is over: of a cluster, some buckets may be down and others not. */
const calmMs = 5_000;

/** Buckets in Redis; while Redis is down, in this process, which is logged. */
export class SharedBuckets implements TokenBuckets, AsyncDisposable {
  readonly #redis: RedisClient | undefined;
  readonly #shared: DeferredBuckets | undefined;
  readonly #local = new LocalBuckets();
  readonly #log: Logger;
  /** When Redis last failed, by performance.now(); undefined while all is well. */
  #failedAt: number | undefined;

  constructor(redis: RedisClient | undefined, log: Logger) {
    this.#redis = redis;
    this.#shared = redis && new DeferredBuckets(new RedisBuckets(redis), (error) => this.#noteFailure(error));
    this.#log = log;
  }

  take(charges: readonly Charge[]): Taken | Promise<Taken> {
    if (this.#shared === undefined) return this.#local.take(charges);
    if (this.#redis?.status !== 'ready') return this.#takeHere(charges, new Error('not connected'));
    const taken = this.#failedAt === undefined ? this.#shared.take(charges) : this.#shared.takeNow(charges);
    return 'left' in taken ? taken : this.#unlessDown(taken, charges);
  }

  /** Waits for Redis, and takes from the buckets of this process if that fails. */
  async #unlessDown(asked: Promise<Taken>, charges: readonly Charge[]): Promise<Taken> {
    try {
      const taken = await asked;
      this.#noteSuccess();
      return taken;
    } catch (error) {
      return this.#takeHere(charges, error);
    }
  }

  #takeHere(charges: readonly Charge[], error: unknown): Taken {
    this.#noteFailure(error);
    return this.#local.take(charges);
  }

  #noteFailure(error: unknown): void {
    if (this.#failedAt === undefined)
      this.#log.warn({ error }, 'Redis is down; rate limits are enforced by each gateway separately');
    this.#failedAt = performance.now();
  }

  #noteSuccess(): void {
    if (this.#failedAt === undefined || performance.now() - this.#failedAt < calmMs) return;
    this.#failedAt = undefined;
    this.#log.info('rate limits are shared again');
  }

  /** Charges what was granted, so that the next gateway knows. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#shared?.settle();
  }
}
