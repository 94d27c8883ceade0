import { Redis } from 'ioredis';
import { until } from '../eventually.ts';
import { type FreshServer, freshRedisNode } from './fresh-servers.ts';

export interface RedisCluster extends AsyncDisposable {
  /** redis+cluster://… with all masters. */
  readonly url: string;
  readonly masters: readonly FreshServer[];
  /** The replica of each master, in their order, if there are any. */
  readonly replicas: readonly FreshServer[];
  /** Returns the index of the master that has the slot of a key at the start. */
  masterOf(key: string): Promise<number>;
  /** Resolves once the replica has taken over, and every node that runs agrees that all slots are served. */
  takenOverBy(replica: FreshServer): Promise<void>;
  stop(): Promise<void>;
}

const slots = 16_384;

/** A Redis Cluster of your own on loopback, formed as `redis-cli --cluster create` does. Takes 3 s. */
export const freshRedisCluster = async ({ masters = 3, replicated = false } = {}): Promise<RedisCluster> => {
  await using undo = new AsyncDisposableStack();
  const nodes: FreshServer[] = [];
  for (let i = 0; i < masters * (replicated ? 2 : 1); i++) nodes.push(undo.use(await freshRedisNode()));
  await using connections = new AsyncDisposableStack();
  const admins = nodes.map(({ url }) => connections.adopt(new Redis(url), (redis) => redis.disconnect()));
  const [first] = admins;
  if (first === undefined) throw new Error('a cluster has at least one node');
  for (const [i, admin] of admins.entries()) {
    const [from, to] = [i, i + 1].map((n) => Math.floor((n * slots) / masters));
    await admin.call('CLUSTER', 'SET-CONFIG-EPOCH', String(i + 1));
    if (i < masters) await admin.call('CLUSTER', 'ADDSLOTSRANGE', String(from), String((to ?? 0) - 1));
  }
  const ports = await Promise.all(admins.map(portsOf));
  for (const [port, busPort] of ports.slice(1)) {
    await first.call('CLUSTER', 'MEET', '127.0.0.1', String(port), String(busPort));
  }
  await until('the nodes know each other', async () => {
    const known = await Promise.all(admins.map(async (admin) => knownNodes(await infoOf(admin))));
    return known.every((count) => count === nodes.length);
  });
  const ids = await Promise.all(admins.map(async (admin) => String(await admin.call('CLUSTER', 'MYID'))));
  for (const [i, admin] of admins.entries()) {
    if (i >= masters) await admin.call('CLUSTER', 'REPLICATE', ids[i - masters] ?? '');
  }
  for (const admin of admins.slice(masters)) {
    await until('the replica is in step', async () =>
      (await admin.info('replication')).includes('master_link_status:up'),
    );
  }

  const ready = async (): Promise<void> => {
    await until('the cluster serves all slots', async () => {
      const infos = await Promise.all(nodes.filter(isRunning).map(({ url }) => ask(url, infoOf)));
      return infos.every((info) => info.includes('cluster_state:ok'));
    });
  };
  await ready();
  const urls = nodes.slice(0, masters).map(({ url }) => new URL(url).host);
  const url = `redis+cluster://${urls.join()}`;
  const resources = undo.move();
  const stop = () => resources.disposeAsync();
  return {
    url,
    masters: nodes.slice(0, masters),
    replicas: nodes.slice(masters),
    async masterOf(key) {
      const slot = Number(await ask(nodes[0]?.url ?? '', (redis) => redis.call('CLUSTER', 'KEYSLOT', key)));
      return Math.floor(((slot + 1) * masters - 1) / slots);
    },
    async takenOverBy({ url }) {
      await until('the replica is a master', () =>
        ask(url, async (redis) => (await redis.info('replication')).includes('role:master')),
      );
      await ready();
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
};

/** Asks one node. */
const ask = async <R>(url: string, question: (redis: Redis) => Promise<R>): Promise<R> => {
  const redis = new Redis(url);
  try {
    return await question(redis);
  } finally {
    redis.disconnect();
  }
};

const infoOf = async (redis: Redis): Promise<string> => String(await redis.call('CLUSTER', 'INFO'));
const knownNodes = (info: string): number => Number(/cluster_known_nodes:(\d+)/.exec(info)?.[1]);

const portsOf = async (redis: Redis): Promise<[port: string, busPort: string]> => {
  const [, port = '', busPort = ''] = /:(\d+)@(\d+)/.exec(String(await redis.call('CLUSTER', 'NODES'))) ?? [];
  return [port, busPort];
};

const isRunning = ({ pid }: FreshServer): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};
