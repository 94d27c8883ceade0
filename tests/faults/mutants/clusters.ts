import { type Mutant, mutant } from './define.ts';

/** Mistakes in how the clusters of the engines are used. */
export const clusterMutants: readonly Mutant[] = [
  mutant(
    'feeds of several slots are written by one command',
    { tests: 'tests/stores/feeds.test', named: 'reaches many feeds' },
    'packages/feeds/src/redis.ts',
    'isCluster(redis) ? Promise.all(some.map((key) => action([key]))) : action(some)',
    'action(some)',
  ),
  mutant(
    'hints on a cluster are no messages of a shard',
    { tests: 'tests/query/hints', named: 'at the master of each channel' },
    'packages/feeds/src/redis.ts',
    'redis.spublish(channel, message)',
    'redis.publish(channel, message)',
  ),
  mutant(
    'a channel stays at the master that its slot has left',
    { tests: 'tests/query/hints', named: 'at the master of each channel' },
    'packages/redis/src/sharded-channels.ts',
    'if (master === undefined || master === subscription.master) return;',
    'if (master === undefined || subscription.master !== undefined) return;',
  ),
  mutant(
    'a refused operation keeps what it took from its other buckets',
    { tests: 'tests/gateway/redis-buckets', named: 'no more than the limit passes' },
    'gateway/src/rate-limit/redis-buckets.ts',
    'await takeOne(charge, 0, -costOf(charge)).catch(() => {});',
    '',
  ),
  mutant(
    'a feed counts as held after a replica has taken over',
    { tests: 'tests/stores/feeds.test', named: 'whatever happens during a fill' },
    'packages/feeds/src/lineage-script.ts',
    "known_lineage or string.match(redis.call('INFO', 'replication'), 'master_replid:(%x+)')",
    "'same'",
  ),
  mutant(
    'a fill keeps what a replica had that has taken over',
    { tests: 'tests/stores/feeds.test', named: 'has an item where it is now' },
    'packages/feeds/src/lineage-script.ts',
    "redis.call('DEL', key)",
    '',
  ),
  mutant(
    'a standby is taken for the primary',
    { tests: 'tests/stores/postgres-hosts', named: 'connects to the primary' },
    'packages/postgres/src/index.ts',
    'if (hosts.areSeveral && isStandby()) {',
    'if (hosts.areSeveral && isStandby() && hosts.addresses.length === 0) {',
  ),
  mutant(
    'connections stay with a host that is down',
    { tests: 'packages/postgres/src/hosts', named: 'finds the primary wherever it is' },
    'packages/postgres/src/hosts.ts',
    'this.#current = (this.#current + 1) % this.addresses.length;',
    'this.#current += 0;',
  ),
  mutant(
    'a writer shows what the synchronous standby does not have',
    { tests: 'tests/stores/postgres-hosts', named: 'shows nothing to a writer' },
    'packages/event-store/src/writer.ts',
    'await client.query(replicationBarrier);',
    'void replicationBarrier;',
  ),
  mutant(
    'a sign-up is published that the synchronous standby does not have',
    { tests: 'tests/mutation/outbox-standby', named: 'publishes no sign-up' },
    'subgraphs/mutation/src/accounts/outbox.ts',
    'if (left.length > 0) await Promise.race([table.replicated(), stopping.promise]);',
    '',
  ),
  mutant(
    'feeds are filled from a replica that lags',
    { tests: 'tests/query/read-replica', named: 'feeds without holes' },
    'subgraphs/query/src/query-replica.ts',
    'documents: options.fillFrom === options.documents ? documents : options.fillFrom,',
    'documents,',
  ),
];
