import { RedisBuckets } from '@rookery/gateway/redis-buckets';
import { openRedisClient, type RedisClient } from '@rookery/redis';
import { createLog } from '@rookery/runtime';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { freshRedis, freshRedisCluster } from '../support/index.ts';

describe.each([
  { name: 'one Redis', start: () => freshRedis() },
  { name: 'a Redis Cluster', start: () => freshRedisCluster() },
])('buckets in $name', ({ start }) => {
  const resources = new AsyncDisposableStack();
  let redis: RedisClient;
  let buckets: RedisBuckets;
  beforeAll(async () => {
    const server = resources.use(await start());
    // Auto-pipelining groups commands by the slot of their key, as in the gateway.
    redis = openRedisClient(server.url, createLog('test', 'silent'), {
      enableAutoPipelining: true,
      retryStrategy: () => 100,
    });
    resources.defer(() => redis.disconnect());
    await eventually(() => redis.status === 'ready', { what: 'the connection' });
    buckets = new RedisBuckets(redis);
  });
  afterAll(() => resources.disposeAsync());

  // Windows of a year: nothing comes back meanwhile that could be seen.
  const charge = (key: string, limit: number, cost = 1) => ({
    key,
    limit,
    window: 31_536_000,
    cost,
    pending: 0,
  });
  const rounded = ({ allowed, left }: { allowed: boolean; left: readonly number[] }) => ({
    allowed,
    left: left.map(Math.round),
  });

  test('of several buckets all are charged or none is', async () => {
    const [small, large] = [charge('small', 1), charge('large', 10)];
    expect(rounded(await buckets.take([large, small]))).toEqual({ allowed: true, left: [9, 0] });
    expect(rounded(await buckets.take([large, small]))).toEqual({ allowed: false, left: [9, 0] });
    expect(rounded(await buckets.take([large]))).toEqual({ allowed: true, left: [8] });
    expect(rounded(await buckets.take([{ ...large, cost: 1_000 }]))).toEqual({ allowed: false, left: [8] });
  });

  test('pending tokens are taken even if the charge is refused', async () => {
    const bucket = charge('pending', 10, 8);
    expect(rounded(await buckets.take([bucket]))).toEqual({ allowed: true, left: [2] });
    expect(rounded(await buckets.take([{ ...bucket, cost: 5, pending: 4 }]))).toEqual({
      allowed: false,
      left: [-2],
    });
    expect(rounded(await buckets.take([{ ...bucket, cost: 0, pending: 1 }]))).toMatchObject({ left: [-3] });
  });

  test('no more than the limit passes, however many ask at once', async () => {
    const user = charge('user', 20);
    const taken = await Promise.all(
      Array.from({ length: 60 }, (_, i) => buckets.take([user, charge(`address${i % 7}`, 50)])),
    );
    expect(taken.filter(({ allowed }) => allowed)).toHaveLength(20);
    // Those that were refused gave back what they had taken from their address.
    const left = await Promise.all(
      Array.from(
        { length: 7 },
        async (_, i) => (await buckets.take([charge(`address${i}`, 50, 0)])).left[0] ?? 0,
      ),
    );
    expect(Math.round(left.reduce((sum, one) => sum + one, 0))).toBe(7 * 50 - 20);
  });
});
