import { openFeeds } from '@rookery/feeds';
import { openHints } from '@rookery/query/live-parts';
import { createLog } from '@rookery/runtime';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { freshRedis, freshRedisCluster } from '../support/index.ts';

const unhandled: unknown[] = [];
const note = (reason: unknown): void => {
  unhandled.push(reason);
};
beforeEach(() => {
  unhandled.length = 0;
  process.on('unhandledRejection', note);
});
afterEach(() => {
  process.off('unhandledRejection', note);
});

it('leaves no rejection unhandled if Redis refuses to subscribe again, and listens once it may', async () => {
  await using server = await freshRedis();
  using resources = new DisposableStack();
  const admin = resources.adopt(new Redis(server.url), (redis) => redis.disconnect());
  const hints = resources.adopt(openHints(server.url, createLog('test', 'silent')), (open) => open.close());
  let looks = 0;
  hints.watch('feed:somebody', () => {
    looks += 1;
  });
  await eventually(() => hints.connected && looks > 0, { what: 'the first subscription' });
  // Redis cuts off those who listen to what they may not any more; the client comes back and asks for it again.
  await admin.call('ACL', 'SETUSER', 'default', 'resetchannels');
  const refused = async (channel: string): Promise<number> => {
    const log = (await admin.call('ACL', 'LOG')) as unknown[][];
    const entry = log.find((fields) => fields.includes(channel));
    return Number(entry?.[entry.indexOf('count') + 1] ?? 0);
  };
  await eventually(async () => (await refused('live:feed:somebody')) > 1, { what: 'refusals of the topic' });
  expect(hints.connected).toBe(false);
  expect(unhandled).toEqual([]);
  await admin.call('ACL', 'SETUSER', 'default', 'allchannels');
  await eventually(() => hints.connected, { what: 'hints again' });
  const before = looks;
  await admin.publish('live:feed:somebody', '{}');
  await eventually(() => looks > before, { what: 'a hint' });
});

it('listens on a Redis Cluster at the master of each channel, also after its slot has moved', async () => {
  await using cluster = await freshRedisCluster({ masters: 2 });
  using resources = new DisposableStack();
  const log = createLog('test', 'silent');
  const hints = resources.adopt(openHints(cluster.url, log), (open) => open.close());
  await using feeds = Object.assign(openFeeds(cluster.url, { cap: 10, idleDays: 1, log }), {
    [Symbol.asyncDispose]: () => feeds.close(),
  });
  const looks = new Map<string, number>();
  const topics = Array.from({ length: 20 }, (_, i) => `feed:reader${i}` as const);
  for (const topic of topics) hints.watch(topic, () => looks.set(topic, (looks.get(topic) ?? 0) + 1));
  await eventually(() => hints.connected && looks.size === topics.length, { what: 'all subscriptions' });
  /** Publishes until each topic was heard: a message before a subscription is lost, as it may be. */
  const hearsAll = async (what: string) => {
    const before = new Map(looks);
    await eventually(
      async () => {
        await feeds.hint(new Map(topics.map((topic) => [topic, {}])));
        return topics.every((topic) => (looks.get(topic) ?? 0) > (before.get(topic) ?? 0));
      },
      { what },
    );
  };
  await hearsAll('a hint on each channel');

  const admins = cluster.masters.map(({ url }) =>
    resources.adopt(new Redis(url), (redis) => redis.disconnect()),
  );
  const ids = await Promise.all(admins.map(async (admin) => String(await admin.call('CLUSTER', 'MYID'))));
  const from = await cluster.masterOf('live:feed:reader0');
  const slot = String(await admins[0]?.call('CLUSTER', 'KEYSLOT', 'live:feed:reader0'));
  for (const admin of admins) await admin.call('CLUSTER', 'SETSLOT', slot, 'NODE', ids[1 - from] ?? '');
  await hearsAll('a hint on each channel after the move');
  await eventually(() => hints.connected, { what: 'the end of the move' });
  expect(await admins[from]?.call('PUBSUB', 'SHARDCHANNELS', 'live:feed:reader0')).toEqual([]);
  expect(unhandled).toEqual([]);
});
