import { once } from 'node:events';
import { type Logger, withRedisCredentials } from '@rookery/service';
import { Redis, type RedisOptions } from 'ioredis';

/** Longest wait for one answer, in milliseconds: what Redis is used for here must never hold a request up. */
const commandTimeout = 250;

/**
 * The gateway's connection to Redis, which is a help and never a need: commands fail at once while it is away,
 * and the log says so once.
 */
export const connectRedis = (url: string, log: Logger): Redis & Disposable => {
  const options = {
    commandTimeout,
    connectTimeout: 2_000,
    enableOfflineQueue: false,
    // What the requests of one turn ask goes out in one write.
    enableAutoPipelining: true,
    maxRetriesPerRequest: 0,
    retryStrategy: (tries) => Math.min(tries * 100, 2_000),
  } satisfies RedisOptions;
  const redis = withRedisCredentials(url, log, (address) => new Redis(address, options));
  let away = false;
  redis.on('error', (error) => {
    if (!away) log.warn({ error }, 'Redis is away');
    away = true;
  });
  redis.on('ready', () => {
    if (away) log.info('Redis is back');
    away = false;
  });
  return Object.assign(redis, { [Symbol.dispose]: () => redis.disconnect() });
};

/** Maximum wait of a starting gateway for its connection to Redis, in milliseconds. */
const startWaitMs = 1_000;

/**
 * Resolves once Redis is connected, or after one second. The first requests of a gateway that does not wait are limited by
 * its own empty buckets instead of the shared ones.
 */
export const awaitRedis = async (redis: Redis): Promise<void> => {
  if (redis.status === 'ready') return;
  await once(redis, 'ready', { signal: AbortSignal.timeout(startWaitMs) }).catch(() => {});
};
