import type { EventEmitter } from 'node:events';
import type { Logger } from '@rookery/runtime';
import type { Redis } from 'ioredis';
import type { ChannelListeners, Channels } from './channels.ts';

/** A channel on which nothing comes: the answer to subscribing to it is what matters. */
const beacon = 'live:connected';
const heartbeatMs = 1_000;

interface ChannelConnectionOptions {
  readonly log: Logger;
  readonly listeners: ChannelListeners;
  /** Use sharded pub/sub: the server must be the master of all channels. */
  readonly sharded: boolean;
}

/** Channels on one connection. */
export class ChannelConnection implements Channels {
  readonly #redis: Redis;
  readonly #sharded: boolean;
  readonly #listeners: ChannelListeners;
  readonly #log: Logger;
  /** Channels, each with the callback that waits for its subscription; without one if it is subscribed. */
  readonly #channels = new Map<string, (() => void) | undefined>();
  readonly #heart: NodeJS.Timeout;
  #connected = false;

  constructor(redis: Redis, { log, listeners, sharded }: ChannelConnectionOptions) {
    this.#redis = redis;
    this.#sharded = sharded;
    this.#listeners = listeners;
    this.#log = log;
    const events: EventEmitter = redis;
    events.on('error', (error) => log.debug({ error }, 'connection for channels'));
    events.on('close', () => this.#change(false));
    events.on('ready', () => void this.#listen());
    events.on(sharded ? 'smessage' : 'message', (channel: string, message: string) =>
      listeners.onMessage(channel, message),
    );
    // The slot of a channel has moved to another master.
    events.on('moved', () => this.#change(false));
    this.#heart = setInterval(() => this.#beat(), heartbeatMs);
    this.#heart.unref();
  }

  get connected(): boolean {
    return this.#connected;
  }

  subscribe(channel: string, onSubscribed: () => void): void {
    this.#channels.set(channel, onSubscribed);
    void this.#subscribe([channel]);
  }

  unsubscribe(channel: string): void {
    if (!this.#channels.delete(channel)) return;
    const gone = this.#sharded ? this.#redis.sunsubscribe(channel) : this.#redis.unsubscribe(channel);
    gone.catch((error: unknown) => this.#note(error));
  }

  close(): void {
    clearInterval(this.#heart);
    this.#redis.disconnect();
  }

  /** A connection that is frozen gets no answer and is given up; one that lacks a channel asks for all of them again. */
  #beat(): void {
    if (this.#redis.status !== 'ready') return;
    if (this.#connected) this.#redis.subscribe(beacon).catch((error: unknown) => this.#note(error));
    else void this.#listen();
  }

  /** Commands are answered in order: once the beacon is subscribed, Redis has answered about every channel. */
  async #listen(): Promise<void> {
    const all = this.#subscribe([...this.#channels.keys()]);
    try {
      await this.#redis.subscribe(beacon);
    } catch (error) {
      return this.#note(error);
    }
    if (await all) this.#change(true);
  }

  /** Returns whether Redis accepted all of them. */
  async #subscribe(channels: readonly string[]): Promise<boolean> {
    if (channels.length === 0) return true;
    try {
      // Channels of different slots can't be in one command.
      if (this.#sharded) await Promise.all(channels.map((channel) => this.#redis.ssubscribe(channel)));
      else await this.#redis.subscribe(...channels);
    } catch (error) {
      this.#note(error);
      this.#change(false);
      return false;
    }
    for (const channel of channels) {
      const onSubscribed = this.#channels.get(channel);
      if (!onSubscribed) continue;
      this.#channels.set(channel, undefined);
      onSubscribed();
    }
    return true;
  }

  #change(connected: boolean): void {
    if (this.#connected === connected) return;
    this.#connected = connected;
    this.#listeners.onChange();
  }

  #note(error: unknown): void {
    this.#log.debug({ error }, 'failed to subscribe to a channel');
  }
}
