import { isRedisAddress } from '@rookery/redis';
import { ConfigError } from '@rookery/runtime';
import { type FeedsOptions, openRedis } from './redis.ts';
import type { Feeds } from './types.ts';

export { type FeedsOptions, FeedsUnavailableError } from './redis.ts';
export type * from './types.ts';

/**
 * Opens the feeds in the Redis, or Redis Cluster, of the URL, and connects in the background.
 * @throws ConfigError if the URL is not supported
 */
export const openFeeds = (url: string, options: FeedsOptions): Feeds => {
  if (!isRedisAddress(url)) {
    throw new ConfigError(
      'the address of the feeds must be redis://…, rediss://… or redis+cluster://host,host…',
    );
  }
  return openRedis(url, options);
};
