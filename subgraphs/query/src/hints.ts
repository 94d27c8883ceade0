import type { LiveTopic } from '@rookery/feeds';
import { type Channels, openChannels } from '@rookery/redis';
import { backoffMs, type Logger } from '@rookery/runtime';
import { type PubSubRedisOptions, RedisPubSub } from 'graphql-redis-subscriptions';

/** Live hints: each says only that something is there. One may be lost; then a reconnect or a timer makes up for it. */
export interface Hints {
  /**
   * Calls back on each hint about the topic, until the returned function is called. And once when listening begins:
   * hints before that went unheard, so it is time to look.
   */
  watch(topic: LiveTopic, onHint: OnHint): () => void;
  /** Calls back when the connection is lost, and when it is there again and every topic is listened to. */
  watchConnection(onChange: () => void): () => void;
  /** False while hints can't come. */
  readonly connected: boolean;
  close(): void;
}

/** @param hint what the projector has published; undefined when listening begins */
type OnHint = (traces: Traces, hint: unknown) => void;

/** The traces of events that a hint is about, by position. */
export type Traces = readonly (readonly [position: number, traceparent: string])[];

const tracesIn = (hint: unknown): Traces =>
  hint !== null && typeof hint === 'object' && 'traces' in hint && Array.isArray(hint.traces)
    ? hint.traces
    : [];

/** The channel of a topic, as the projector publishes it (see docs/explanation/read-models.md). */
const channelOf = (topic: LiveTopic): string => `live:${topic}`;

type PubSubClient = NonNullable<PubSubRedisOptions['subscriber']>;
type OnMessage = (channel: string, message: string) => void;

/** The part of a client that RedisPubSub uses. It leaves some promises to nobody, so each failure is handled in Channels. */
const forPubSub = (channels: Channels, onMessages: Set<OnMessage>): PubSubClient =>
  ({
    on: (event: string, listener: OnMessage) => event === 'message' && onMessages.add(listener),
    subscribe: (channel: string, done: (error: null) => void) =>
      channels.subscribe(channel, () => done(null)),
    unsubscribe: (channel: string) => channels.unsubscribe(channel),
    punsubscribe: () => {},
  }) as unknown as PubSubClient;

/** Opens the hints of the process; each channel is subscribed once, however many watch it. */
export const openHints = (url: string, log: Logger): Hints => {
  const onMessages = new Set<OnMessage>();
  const onChanges = new Set<() => void>();
  const channels = openChannels(
    url,
    log,
    { retryStrategy: (times) => backoffMs(times) },
    {
      onMessage: (channel, message) => {
        for (const onMessage of onMessages) onMessage(channel, message);
      },
      onChange: () => {
        if (!channels.connected) log.warn('hints are cut off: live delivery looks for itself meanwhile');
        for (const onChange of [...onChanges]) onChange();
      },
    },
  );
  const client = forPubSub(channels, onMessages);
  const pubsub = new RedisPubSub({ subscriber: client, publisher: client });

  return {
    watch(topic, onHint) {
      let watching = true;
      const heard = (hint: unknown) => {
        if (watching) onHint(tracesIn(hint), hint);
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
      return channels.connected;
    },
    close: () => channels.close(),
  };
};

/** Hints without Redis: none ever arrive, and subscribers poll. */
export const noHints: Hints = {
  watch: () => () => {},
  watchConnection: () => () => {},
  connected: false,
  close: () => {},
};
