import type { EventEmitter } from 'node:events';
import type { Logger } from '@rookery/runtime';
import type { Cluster, Redis } from 'ioredis';
import { nodeAddress } from './address.ts';
import { ChannelConnection } from './channel-connection.ts';
import type { ChannelListeners, Channels } from './channels.ts';
import { isCluster, openRedisClient, type RedisClientOptions } from './client.ts';
import { masterNames, masterOf } from './slots.ts';

interface ShardedChannelsOptions {
  readonly log: Logger;
  /** Opens a connection to one server. */
  readonly open: (url: string) => Redis;
  readonly connection: RedisClientOptions;
  readonly listeners: ChannelListeners;
}

interface Subscription {
  /** The master at which the channel is subscribed. */
  master: string | undefined;
  readonly onSubscribed: () => void;
}

/**
 * Channels of sharded pub/sub on a Redis Cluster, with one connection to each master. The shardedSubscribers of ioredis have
 * no heartbeat, and do not tell when all channels are subscribed again after a takeover.
 */
export class ShardedChannels implements Channels {
  readonly #address: string;
  readonly #options: ShardedChannelsOptions;
  /** Says which master has which slot; carries no channel. */
  readonly #topology: Cluster;
  readonly #masters = new Map<string, ChannelConnection>();
  readonly #subscriptions = new Map<string, Subscription>();
  /** True if every slot has a master, and each master a connection. */
  #isComplete = false;
  #connected = false;

  constructor(address: string, options: ShardedChannelsOptions) {
    this.#address = address;
    this.#options = options;
    const topology = openRedisClient(address, options.log, options.connection);
    if (!isCluster(topology)) throw new TypeError('sharded pub/sub needs the address of a Redis Cluster');
    this.#topology = topology;
    const events: EventEmitter = topology;
    events.on('error', (error) => options.log.debug({ error }, 'topology of the Redis Cluster'));
    events.on('refresh', () => this.#arrange());
  }

  get connected(): boolean {
    return this.#connected;
  }

  subscribe(channel: string, onSubscribed: () => void): void {
    let isFirst = true;
    const subscription: Subscription = {
      master: undefined,
      onSubscribed: () => {
        if (isFirst) onSubscribed();
        isFirst = false;
      },
    };
    this.#subscriptions.set(channel, subscription);
    this.#place(channel, subscription);
  }

  unsubscribe(channel: string): void {
    const subscription = this.#subscriptions.get(channel);
    this.#subscriptions.delete(channel);
    if (subscription?.master !== undefined) this.#masters.get(subscription.master)?.unsubscribe(channel);
  }

  close(): void {
    this.#topology.disconnect();
    for (const connection of this.#masters.values()) connection.close();
  }

  /** Connects to the masters that there are now, and moves channels to them. */
  #arrange(): void {
    let names: Set<string>;
    try {
      names = masterNames(this.#topology);
    } catch (error) {
      this.#options.log.debug({ error }, 'the Redis Cluster is incomplete');
      this.#isComplete = false;
      this.#change();
      return;
    }
    for (const name of names) {
      if (!this.#masters.has(name)) this.#masters.set(name, this.#connect(name));
    }
    for (const [channel, subscription] of this.#subscriptions) this.#place(channel, subscription);
    for (const [name, connection] of this.#masters) {
      if (names.has(name)) continue;
      this.#masters.delete(name);
      connection.close();
    }
    this.#isComplete = true;
    this.#change();
  }

  #connect(name: string): ChannelConnection {
    const colon = name.lastIndexOf(':');
    const node = { host: name.slice(0, colon), port: Number(name.slice(colon + 1)) };
    const { log, open, listeners } = this.#options;
    const connection: ChannelConnection = new ChannelConnection(open(nodeAddress(this.#address, node)), {
      log,
      sharded: true,
      listeners: {
        onMessage: (channel, message) => listeners.onMessage(channel, message),
        onChange: () => {
          // A replica may have taken over, or a slot has moved.
          if (!connection.connected) this.#topology.refreshSlotsCache();
          this.#change();
        },
      },
    });
    return connection;
  }

  /** Subscribes at the master of the channel, unless that has been asked. */
  #place(channel: string, subscription: Subscription): void {
    const master = masterOf(this.#topology, channel);
    if (master === undefined || master === subscription.master) return;
    const connection = this.#masters.get(master);
    if (connection === undefined) return;
    const last = subscription.master;
    subscription.master = master;
    connection.subscribe(channel, subscription.onSubscribed);
    if (last !== undefined) this.#masters.get(last)?.unsubscribe(channel);
  }

  #change(): void {
    const connected =
      this.#isComplete && [...this.#masters.values()].every((connection) => connection.connected);
    if (this.#connected === connected) return;
    this.#connected = connected;
    this.#options.listeners.onChange();
  }
}
