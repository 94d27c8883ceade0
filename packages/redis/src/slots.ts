import slotOf from 'cluster-key-slot';
import type { Cluster, Redis } from 'ioredis';
import { isCluster, type RedisClient } from './client.ts';

/** Returns `host:port` of the master that has the slot of a key or channel; undefined if the client knows of none. */
export const masterOf = (cluster: Cluster, key: string): string | undefined =>
  cluster.slots[slotOf(key)]?.[0];

/**
 * Returns a connection to each server that has keys.
 * @throws Error if a master of the cluster is not known: its keys would be missing
 */
export const mastersOf = (redis: RedisClient): Redis[] => {
  if (!isCluster(redis)) return [redis];
  const connections = new Map(
    redis.nodes('master').map((node) => [`${node.options.host}:${node.options.port}`, node]),
  );
  return [...masterNames(redis)].map((name) => {
    const connection = connections.get(name);
    if (connection === undefined) throw new Error(`no connection to ${name} of the Redis Cluster`);
    return connection;
  });
};

/**
 * Returns `host:port` of all masters.
 * @throws Error if a slot has no master
 */
export const masterNames = ({ slots }: Cluster): Set<string> => {
  const names = new Set<string>();
  for (let slot = 0; slot < numberOfSlots; slot++) {
    const name = slots[slot]?.[0];
    if (name === undefined) throw new Error(`slot ${slot} of the Redis Cluster has no master`);
    names.add(name);
  }
  return names;
};

const numberOfSlots = 16_384;
