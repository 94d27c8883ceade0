import { type EventEmitter, once } from 'node:events';
import { openRedisClient, type RedisClient } from '@rookery/redis';
import { backoffMs, type Logger } from '@rookery/runtime';

/** Command time-out in milliseconds: Redis must never delay a request. */
const commandTimeoutMs = 250;

/**
 * Connects the gateway to Redis, which it can do without: commands fail at once while Redis is down, which is
 * logged once.
 */
export const connectRedis = (url: string, log: Logger): RedisClient & Disposable => {
  const redis = openRedisClient(url, log, {
    commandTimeout: commandTimeoutMs,
    connectTimeout: 2_000,
    enableOfflineQueue: false,
    // Sends the commands of one turn in one write.
    enableAutoPipelining: true,
    maxRetriesPerRequest: 0,
    retryStrategy: (times) => backoffMs(times),
  });
  let away = false;
  const events: EventEmitter = redis;
  events.on('error', (error) => {
    if (!away) log.warn({ error }, 'Redis is down');
    away = true;
  });
  events.on('ready', () => {
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
export const awaitRedis = async (redis: RedisClient): Promise<void> => {
  if (redis.status === 'ready') return;
  await once(redis, 'ready', { signal: AbortSignal.timeout(startWaitMs) }).catch(() => {});
};
