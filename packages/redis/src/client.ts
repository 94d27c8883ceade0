import type { EventEmitter } from 'node:events';
import { type Credential, Credentials, type Logger } from '@rookery/runtime';
import { Cluster, Redis, type RedisOptions } from 'ioredis';
import { isClusterAddress, readClusterAddress } from './address.ts';
import { isRefusal, withRedisCredentials } from './credentials.ts';

/** A client of one Redis, or of a Redis Cluster. */
export type RedisClient = Redis | Cluster;

/** Options of a client; for a cluster, those of each of its connections. */
export interface RedisClientOptions extends Omit<RedisOptions, 'replyMapping'> {
  /** Delay before a lost server is tried again, in milliseconds. */
  readonly retryStrategy: (times: number) => number;
}

/** Intervals and time-outs at which a client asks which node has which slots. */
const slotsRefreshMs = { interval: 2_000, timeout: 1_000 } as const;

export const isCluster = (redis: RedisClient): redis is Cluster => redis instanceof Cluster;

/**
 * Opens a client, which connects at once and reconnects by itself.
 * @param address redis://… or redis+cluster://host:port,host:port, with `?credentials-file=/path` if the credentials are in
 * a file
 * @throws Error if that file cannot be read
 */
export const openRedisClient = (address: string, log: Logger, options: RedisClientOptions): RedisClient =>
  isClusterAddress(address)
    ? openCluster(address, log, options)
    : withRedisCredentials(address, log, (url) => new Redis(url, options));

const openCluster = (address: string, log: Logger, options: RedisClientOptions): Cluster => {
  const { retryStrategy, enableOfflineQueue = true, enableAutoPipelining = false, ...connection } = options;
  const credentials = new Credentials(address);
  const found = readClusterAddress(credentials.url);
  if (found === undefined)
    throw new TypeError('the address of a Redis Cluster is redis+cluster://host:port,host:port');
  // A file that is missing at the start is a mistake of the operator, as with a single Redis.
  credentials.pick();
  const { username, password, isTls } = found;
  const cluster = new Cluster([...found.nodes], {
    enableOfflineQueue,
    enableAutoPipelining,
    clusterRetryStrategy: retryStrategy,
    slotsRefreshInterval: slotsRefreshMs.interval,
    slotsRefreshTimeout: slotsRefreshMs.timeout,
    // A command is sent again only if a node has refused it (MOVED): one that fails late must not come after newer ones.
    retryDelayOnFailover: 0,
    retryDelayOnClusterDown: 0,
    // Names stay names, by which certificates are checked.
    dnsLookup: (host, done) => done(null, host),
    redisOptions: {
      ...connection,
      ...(username === undefined ? {} : { username }),
      ...(password === undefined ? {} : { password }),
      ...(isTls ? { tls: {} } : {}),
    },
  });
  const events: EventEmitter = cluster;
  events.on('+node', (node: Redis) => readCredentials(node, credentials, log));
  events.on('-node', (node: Redis) => {
    if (cluster.status !== 'ready') return;
    log.warn({ node: `${node.options.host}:${node.options.port}` }, 'lost a node of the Redis Cluster');
    cluster.refreshSlotsCache();
  });
  return cluster;
};

/** Gives a node, which has not connected yet and does not reconnect, the credential that is valid now. */
const readCredentials = (node: Redis, credentials: Credentials, log: Logger): void => {
  if (credentials.file === undefined) return;
  let used: Credential | undefined;
  try {
    used = credentials.pick();
  } catch (error) {
    log.warn({ error }, 'failed to read the credentials of the Redis Cluster');
    return;
  }
  if (used?.user !== undefined) node.options.username = used.user;
  node.options.password = used?.password;
  const events: EventEmitter = node;
  events.on('error', (error: Error) => {
    if (isRefusal(error)) credentials.refuse(used);
  });
};
