import type { LiveTopic } from '@rookery/feeds';
import { backoffMs, type Logger, withRedisCredentials } from '@rookery/runtime';
import { type PubSubRedisOptions, RedisPubSub } from 'graphql-redis-subscriptions';
import { Redis, type RedisOptions } from 'ioredis';

/** Live hints: each says only that something is there. One may be lost; then a reconnect or a timer makes up for it. */
export interface Hints {
  /**
   * Calls back on each hint about the topic, until the returned function is called. And once when listening begins:
   * hints before that went unheard, so it is time to look.
   */
  watch(topic: LiveTopic, onHint: (traces: Traces) => void): () => void;
  /** Calls back when the connection is lost, and when it is there again and every topic is listened to. */
  watchConnection(onChange: () => void): () => void;
  /** False while hints can't come. */
  readonly connected: boolean;
  close(): void;
}

/** The traces of events that a hint is about, by position. */
export type Traces = readonly (readonly [position: number, traceparent: string])[];

const tracesIn = (hint: unknown): Traces =>
  hint !== null && typeof hint === 'object' && 'traces' in hint && Array.isArray(hint.traces)
    ? hint.traces
    : [];

/** A channel on which nothing comes: the answer to subscribing to it is what matters. */
const beacon = 'live:connected';
/**
 * A Redis that is frozen keeps its connections: so it is asked something again and again, and a connection on which
 * nothing comes back is given up. Milliseconds.
 */
const heartbeat = { intervalMs: 1_000, timeoutMs: 1_500 } as const;

/** The channel of a topic, as the projector publishes it (see docs/explanation/read-models.md). */
const channelOf = (topic: LiveTopic): string => `live:${topic}`;

type PubSubClient = NonNullable<PubSubRedisOptions['subscriber']>;

/**
 * The part of a client that RedisPubSub uses, with every failure handled here: RedisPubSub leaves some of the
 * promises that it is given to nobody, and an unhandled rejection ends the process. A subscription that fails
 * because the client is being closed never comes to be, which is just right.
 * @param channels gets those that are subscribed
 */
const forPubSub = (redis: Redis, channels: Set<string>, note: (error: unknown) => void): PubSubClient =>
  ({
    on: (event: string, listener: (...args: unknown[]) => void) => redis.on(event, listener),
    subscribe: (channel: string, done: (error: null) => void) => {
      channels.add(channel);
      redis.subscribe(channel).then(() => done(null), note);
    },
    unsubscribe: (channel: string) => {
      channels.delete(channel);
      redis.unsubscribe(channel).catch(note);
    },
    punsubscribe: () => {},
  }) as unknown as PubSubClient;

/** One connection for all hints of the process; each channel is subscribed once, however many watch it. */
export const openHints = (url: string, log: Logger): Hints => {
  const options = {
    // Subscriptions wait for Redis to come back instead of failing.
    maxRetriesPerRequest: null,
    retryStrategy: (times) => backoffMs(times),
    enableReadyCheck: true,
    connectTimeout: heartbeat.timeoutMs,
    socketTimeout: heartbeat.timeoutMs,
    // ioredis would leave the rejection unhandled, and forget the channels after Redis refuses them once.
    autoResubscribe: false,
  } satisfies RedisOptions;
  const redis = withRedisCredentials(url, log, (address) => new Redis(address, options));
  const note = (error: unknown) => log.debug({ error }, 'hint channel');
  const channels = new Set<string>();
  let connected = false;
  const onChanges = new Set<() => void>();
  const change = (now: boolean) => {
    if (connected === now) return;
    connected = now;
    if (!now) log.warn('hints are cut off: live delivery looks for itself meanwhile');
    for (const onChange of [...onChanges]) onChange();
  };
  redis.on('error', (error) => log.debug({ error }, 'hints connection'));
  redis.on('close', () => change(false));
  // Commands are answered in order, and this one by its last channel: so once it is answered, all are listened to.
  const listen = () => redis.subscribe(...channels, beacon).then(() => change(true), note);
  redis.on('ready', listen);
  const heart = setInterval(() => {
    if (redis.status !== 'ready') return;
    if (connected) redis.subscribe(beacon).catch(note);
    else void listen();
  }, heartbeat.intervalMs);
  heart.unref();

  const client = forPubSub(redis, channels, note);
  const pubsub = new RedisPubSub({ subscriber: client, publisher: client });

  return {
    watch(topic, onHint) {
      let watching = true;
      const heard = (hint: unknown) => {
        if (watching) onHint(tracesIn(hint));
      };
      const subscription = pubsub.subscribe(channelOf(topic), heard);
      void subscription.then(() => heard(undefined));
      return () => {
        watching = false;
        void subscription.then((id) => pubsub.unsubscribe(id));
      };
    },
    watchConnection(onChange) {
      onChanges.add(onChange);
      return () => onChanges.delete(onChange);
    },
    get connected() {
      return connected;
    },
    close: () => {
      clearInterval(heart);
      redis.disconnect();
    },
  };
};

/** Hints without Redis: none ever arrive, and subscribers poll. */
export const noHints: Hints = {
  watch: () => () => {},
  watchConnection: () => () => {},
  connected: false,
  close: () => {},
};
