import type { Logger } from '@rookery/service';
import type { Redis } from 'ioredis';
import { LRUCache } from 'lru-cache';

export interface AutomaticQueriesOptions {
  /** Shared by all gateways; without it each remembers for itself. */
  readonly redis: Redis | undefined;
  readonly log: Logger;
}

const prefix = 'apq:';
/** How long a text is kept that nobody asks for, in seconds: a client that is told so sends it again. */
const ttl = 86_400;
/** Longer texts are not kept, in characters: their clients send them each time. */
const longestText = 32_768;
/** Of what this process remembers itself, in characters. */
const memory = 8_000_000;

/**
 * Automatic persisted queries (Apollo's protocol): texts by their SHA-256, as clients have sent them. Kept in Redis for
 * all gateways and in memory for this one, so that Redis being away costs a client one more request at most.
 */
export class AutomaticQueries {
  readonly #redis: Redis | undefined;
  readonly #log: Logger;
  readonly #texts = new LRUCache<string, string>({ maxSize: memory, sizeCalculation: (text) => text.length });

  constructor({ redis, log }: AutomaticQueriesOptions) {
    this.#redis = redis;
    this.#log = log.child({ subsystem: 'persisted-queries' });
  }

  async get(hash: string): Promise<string | undefined> {
    const here = this.#texts.get(hash);
    if (here !== undefined) return here;
    const there = await this.#shared((redis) => redis.getex(prefix + hash, 'EX', ttl));
    if (typeof there === 'string') this.#texts.set(hash, there);
    return there ?? undefined;
  }

  /** Remembers a text whose hash has been checked. */
  async set(hash: string, text: string): Promise<void> {
    if (text.length > longestText) return;
    this.#texts.set(hash, text);
    await this.#shared((redis) => redis.set(prefix + hash, text, 'EX', ttl));
  }

  async #shared<T>(use: (redis: Redis) => Promise<T>): Promise<T | undefined> {
    if (this.#redis?.status !== 'ready') return undefined;
    try {
      return await use(this.#redis);
    } catch (error) {
      this.#log.warn({ error }, 'Redis did not take part in persisted queries');
      return undefined;
    }
  }
}
