import type { RedisClient } from '@rookery/redis';
import type { Logger } from '@rookery/runtime';
import { LRUCache } from 'lru-cache';

export interface AutomaticQueriesOptions {
  /** Shared by all gateways; without it each remembers for itself. */
  readonly redis: RedisClient | undefined;
  readonly log: Logger;
}

const prefix = 'apq:';
/** Lifetime of an unused text; a client sends it again if requested. */
const ttlSeconds = 86_400;
/** Longer texts are not kept, in characters: their clients send them each time. */
const maxTextLength = 32_768;
/** Size of the cache of this process, in characters. */
const maxCachedCharacters = 8_000_000;

/**
 * Automatic persisted queries (protocol of Apollo): texts by SHA-256, as sent by clients. Stored in Redis for
 * all gateways and in memory for this one, so that an outage of Redis costs a client at most one more
 * request.
 */
export class AutomaticQueries {
  readonly #redis: RedisClient | undefined;
  readonly #log: Logger;
  readonly #texts = new LRUCache<string, string>({
    maxSize: maxCachedCharacters,
    sizeCalculation: (text) => text.length,
  });

  constructor({ redis, log }: AutomaticQueriesOptions) {
    this.#redis = redis;
    this.#log = log.child({ subsystem: 'persisted-queries' });
  }

  async get(hash: string): Promise<string | undefined> {
    const here = this.#texts.get(hash);
    if (here !== undefined) return here;
    const there = await this.#shared((redis) => redis.getex(prefix + hash, 'EX', ttlSeconds));
    if (typeof there === 'string') this.#texts.set(hash, there);
    return there ?? undefined;
  }

  /** Remembers a text whose hash has been checked. */
  async set(hash: string, text: string): Promise<void> {
    if (text.length > maxTextLength) return;
    this.#texts.set(hash, text);
    await this.#shared((redis) => redis.set(prefix + hash, text, 'EX', ttlSeconds));
  }

  async #shared<T>(use: (redis: RedisClient) => Promise<T>): Promise<T | undefined> {
    if (this.#redis?.status !== 'ready') return undefined;
    try {
      return await use(this.#redis);
    } catch (error) {
      this.#log.warn({ error }, 'Redis did not take part in persisted queries');
      return undefined;
    }
  }
}
