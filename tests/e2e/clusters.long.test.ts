import { afterAll, describe } from 'vitest';
import { freshRedisCluster, startSystem } from '../support/index.ts';
import { freshNatsCluster } from '../support/servers/nats-cluster.ts';
import { itWalks } from './walk.ts';

/** The same walk on the clusters of the engines themselves (docs/how-to/run-several.md). */
describe('sign-up to unfollow on a Redis Cluster of three masters', () => {
  const servers = new AsyncDisposableStack();
  afterAll(() => servers.disposeAsync());

  itWalks(async () => {
    const redis = servers.use(await freshRedisCluster());
    // With limits, so that the buckets of an operation are on different masters.
    const limits = { RATE_LIMIT_USER: '1000000', RATE_LIMIT_ADDRESS: '1000000' };
    return servers.use(await startSystem({ env: { REDIS_URL: redis.url, ...limits } }));
  });
});

describe('sign-up to unfollow on three JetStream servers', () => {
  const servers = new AsyncDisposableStack();
  afterAll(() => servers.disposeAsync());

  itWalks(async () => {
    const nats = servers.use(await freshNatsCluster());
    return servers.use(await startSystem({ env: { NATS_URL: nats.url, QUEUE_REPLICAS: '3' } }));
  });
});
