import { once } from 'node:events';
import { backoffMs, type Logger, withRedisCredentials } from '@rookery/runtime';
import { Redis, type RedisOptions } from 'ioredis';

/** Command time-out in milliseconds: Redis must never delay a request. */
const commandTimeoutMs = 250;

/**
 * Connects the gateway to Redis, which it can do without: commands fail at once while Redis is down, which is
 * logged once.
 */
export const connectRedis = (url: string, log: Logger): Redis & Disposable => {
  const options = {
    commandTimeout: commandTimeoutMs,
    connectTimeout: 2_000,
    enableOfflineQueue: false,
    // Sends the commands of one turn in one write.
    enableAutoPipelining: true,
    maxRetriesPerRequest: 0,
    retryStrategy: (times) => backoffMs(times),
  } satisfies RedisOptions;
  const redis = withRedisCredentials(url, log, (address) => new Redis(address, options));
  let away = false;
  redis.on('error', (error) => {
    if (!away) log.warn({ error }, 'Redis is down');
    away = true;
  });
  redis.on('ready', () => {
    if (away) log.info('Redis is back');
    away = false;
  });
  return Object.assign(redis, { [Symbol.dispose]: () => redis.disconnect() });
};

/** Maximum wait of a starting gateway for its connection to Redis. */
const startWaitMs = 1_000;

/**
 * Resolves once Redis is connected, at its first error, or after one second. The first requests of a gateway that does
 * not wait are limited by its own empty buckets instead of the shared ones.
 */
export const awaitRedis = async (redis: Redis): Promise<void> => {
  if (redis.status === 'ready') return;
  await once(redis, 'ready', { signal: AbortSignal.timeout(startWaitMs) }).catch(() => {});
};
