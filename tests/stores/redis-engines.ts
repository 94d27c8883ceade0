import { type FeedEntry, openFeeds } from '@rookery/feeds';
import { createLog } from '@rookery/runtime';
import { Redis } from 'ioredis';
import { freshRedis, freshRedisCluster } from '../support/index.ts';

/**
 * One Redis, and a Redis Cluster of one node: that refuses each command and each script whose keys are in several slots, as
 * any cluster does.
 */
export const redisEngines = [
  {
    engine: 'one Redis',
    start: async () => {
      const { url, stop } = await freshRedis();
      return { url, nodeUrl: url, stop };
    },
  },
  {
    engine: 'a Redis Cluster',
    start: async () => {
      const { url, masters, stop } = await freshRedisCluster({ masters: 1 });
      return { url, nodeUrl: masters[0]?.url ?? '', stop };
    },
  },
];

/** Items of a feed that has none. */
export const nothing = async (): Promise<FeedEntry[]> => [];
export const entry = (position: number): FeedEntry => ({ itemId: `item${position}`, position });

/** Returns the entries at these positions, in the order of a feed. */
export const newestFirst = (positions: Iterable<number>): FeedEntry[] =>
  [...positions].toSorted((a, b) => b - a).map(entry);

/** Starts an engine, and opens feeds of at most `cap` items on it. */
export const startFeeds = async (start: (typeof redisEngines)[number]['start'], cap: number) => {
  const server = await start();
  const redis = new Redis(server.nodeUrl);
  const feeds = openFeeds(server.url, { cap, idleDays: 14, log: createLog('test', 'silent') });
  const stop = async (): Promise<void> => {
    redis.disconnect();
    await feeds.close();
    await server.stop();
  };
  return { server, redis, feeds, stop };
};

/** Gives the server the replication id of one that has been promoted. */
export const changeLineage = async (redis: Redis): Promise<unknown> => {
  const isCluster = (await redis.info('cluster')).includes('cluster_enabled:1');
  if (isCluster) return redis.flushall(); // its nodes are promoted by their own protocol alone
  await redis.replicaof('127.0.0.1', 1);
  return redis.replicaof('NO', 'ONE');
};
