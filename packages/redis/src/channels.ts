import type { Logger } from '@rookery/runtime';
import { Redis } from 'ioredis';
import { isClusterAddress } from './address.ts';
import { ChannelConnection } from './channel-connection.ts';
import type { RedisClientOptions } from './client.ts';
import { withRedisCredentials } from './credentials.ts';
import { ShardedChannels } from './sharded-channels.ts';

/** Subscriptions to channels of Redis, which survive the loss of any connection. Messages meanwhile are lost. */
export interface Channels {
  /**
   * Subscribes to a channel.
   * @param onSubscribed called once, as soon as messages come
   */
  subscribe(channel: string, onSubscribed: () => void): void;
  unsubscribe(channel: string): void;
  /** False while messages of some channel can't come. */
  readonly connected: boolean;
  close(): void;
}

export interface ChannelListeners {
  onMessage(channel: string, message: string): void;
  /** Called when `connected` changes: to true once every channel is subscribed. */
  onChange(): void;
}

/** A Redis that is frozen keeps its connections: each is given up if a heartbeat has no answer in this time. */
const answerTimeoutMs = 1_500;

/**
 * Opens connections for channels: one to a single Redis (SUBSCRIBE), or one to each master of a cluster. Sharded pub/sub
 * (SSUBSCRIBE) keeps a message on the master of its channel; plain pub/sub would send each to all nodes.
 */
export const openChannels = (
  address: string,
  log: Logger,
  options: Pick<RedisClientOptions, 'retryStrategy'>,
  listeners: ChannelListeners,
): Channels => {
  const connection: RedisClientOptions = {
    ...options,
    // Subscriptions wait for Redis to come back instead of failing.
    maxRetriesPerRequest: null,
    enableReadyCheck: true,
    connectTimeout: answerTimeoutMs,
    socketTimeout: answerTimeoutMs,
    // ioredis would leave the rejection unhandled, and forget the channels after Redis refuses them once.
    autoResubscribe: false,
  };
  const open = (url: string) => withRedisCredentials(url, log, (own) => new Redis(own, connection));
  return isClusterAddress(address)
    ? new ShardedChannels(address, { log, open, connection, listeners })
    : new ChannelConnection(open(address), { log, listeners, sharded: false });
};
