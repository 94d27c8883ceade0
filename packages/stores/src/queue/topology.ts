import { setTimeout } from 'node:timers/promises';
import {
  AckPolicy,
  type ConsumerConfig,
  type ConsumerInfo,
  DeliverPolicy,
  DiscardPolicy,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
  type StreamUpdateConfig,
} from '@nats-io/jetstream';
import { type KV, Kvm } from '@nats-io/kv';
import { nanos } from '@nats-io/transport-node';
import { isConsumerNotFound, isServersFault, isStreamNotFound, QueueMisconfigured } from './errors.ts';
import type { Wire } from './link.ts';
import { projections } from './projections.ts';
import { streamLimit } from './room.ts';

export const activityStream = 'ACTIVITY';
export const recordedStream = 'RECORDED';
export const recorderConsumer = 'recorder';
/** The high-water marks of actors, see high-water-marks.ts. */
export const orderStream = 'ORDER';

/**
 * After so long without a sign of life a delivery goes to somebody else. Batches give that sign while they are
 * in hand, so it is only what a killed or frozen process costs. Milliseconds.
 */
export const ackWait = 10_000;
/** Publishing the same message id again within this time has no effect. Milliseconds. */
const duplicateWindow = 120_000;
/** Life of an idempotent claim, in milliseconds. */
const claimLife = 86_400_000;
/** Life of an actor's high-water mark, in milliseconds: longer than clocks of two processes may differ. */
const markLife = 3_600_000;

export interface TopologyOptions {
  readonly replicas: number;
  /** Bytes that each of the two streams may hold. */
  readonly maxBytes: number;
}

type Wanted = Pick<
  StreamConfig,
  | 'name'
  | 'retention'
  | 'storage'
  | 'subjects'
  | 'discard'
  | 'max_bytes'
  | 'num_replicas'
  | 'duplicate_window'
> &
  Partial<Pick<StreamConfig, 'max_age' | 'max_msgs_per_subject'>>;

const streams = ({ replicas, maxBytes }: TopologyOptions): Wanted[] => {
  const both = {
    storage: StorageType.File,
    // Refuses what is new instead of dropping what nobody has handled.
    discard: DiscardPolicy.New,
    max_bytes: streamLimit(maxBytes),
    num_replicas: replicas,
    duplicate_window: nanos(duplicateWindow),
  };
  return [
    { name: activityStream, subjects: ['activity.*'], retention: RetentionPolicy.Workqueue, ...both },
    { name: recordedStream, subjects: ['recorded.*'], retention: RetentionPolicy.Interest, ...both },
    {
      ...both,
      name: orderStream,
      subjects: ['order.*'],
      retention: RetentionPolicy.Limits,
      max_msgs_per_subject: 1,
      max_age: nanos(markLife),
      // When full it forgets the actors who have been quiet longest: their marks matter least.
      discard: DiscardPolicy.Old,
      max_bytes: Math.floor(maxBytes / 16),
    },
  ];
};

/** Fields that differ, as text for people. Servers ignore options that they don't know, without a word. */
const differences = (wanted: object, found: object): string[] => {
  const there = new Map(Object.entries(found));
  return Object.entries(wanted).flatMap(([key, value]) =>
    JSON.stringify(there.get(key)) === JSON.stringify(value)
      ? []
      : [`${key} is ${JSON.stringify(there.get(key))}, not ${JSON.stringify(value)}`],
  );
};

/** Wait before a failed call, or a look that found something wrong, is repeated. Milliseconds. */
const secondLook = 200;
/** Tries of a call that fails by the server's own fault. */
const maxTries = 10;

/**
 * Calls until it succeeds, fails by something else than the server's own fault, or has failed `maxTries` times.
 * If two processes create a stream or a consumer at once, or one while the other deletes it, NATS 2.9 answers one of them
 * that a file does not exist ("open …/meta.inf"), and goes on doing so until the other is done.
 */
const withRetries = async <T>(call: () => Promise<T>): Promise<T> => {
  for (let tries = 1; ; tries++) {
    try {
      return await call();
    } catch (error) {
      if (!isServersFault(error) || tries >= maxTries) throw error;
      await setTimeout(secondLook);
    }
  }
};

const prepareStream = async ({ jsm }: Wire, wanted: Wanted): Promise<void> => {
  let found: Partial<StreamConfig>;
  try {
    found = (await jsm.streams.info(wanted.name)).config;
  } catch (error) {
    if (!isStreamNotFound(error)) throw error;
    found = (await withRetries(() => jsm.streams.add(wanted))).config;
  }
  if (differences(wanted, found).length > 0) {
    const { name, retention: _r, storage: _s, ...editable } = wanted;
    found = (await jsm.streams.update(name, editable satisfies Partial<StreamUpdateConfig>)).config;
  }
  const wrong = differences(wanted, found);
  if (wrong.length > 0) throw new QueueMisconfigured(`stream ${wanted.name}: ${wrong.join('; ')}`);
};

/** Deliveries that await an answer at the same time, over all who share a consumer. */
const maxAckPending = 4_000;

const prepareConsumer = async (
  { jsm }: Wire,
  stream: string,
  name: string,
  more: Partial<ConsumerConfig> = {},
): Promise<ConsumerInfo> => {
  const wanted: Partial<ConsumerConfig> = {
    durable_name: name,
    ack_policy: AckPolicy.Explicit,
    deliver_policy: DeliverPolicy.All,
    ack_wait: nanos(ackWait),
    // Tries are counted, bounded and parked by whoever consumes: here a message is never given up.
    max_deliver: -1,
    max_ack_pending: maxAckPending,
    ...more,
  };
  const info = await withRetries(() => jsm.consumers.add(stream, wanted));
  const wrong = differences(wanted, info.config);
  if (wrong.length > 0) throw new QueueMisconfigured(`consumer ${stream}/${name}: ${wrong.join('; ')}`);
  return info;
};

/** Whether a consumer remembers deliveries beyond the end of its stream. */
const isAhead = async ({ jsm }: Wire, stream: string, name: string): Promise<boolean> => {
  // In this order: what is published between the two questions must not look like it.
  const { delivered } = await jsm.consumers.info(stream, name);
  const { state } = await jsm.streams.info(stream);
  return delivered.stream_seq > state.last_seq;
};

/** A consumer that has forgotten everything, and gets what its stream holds. */
export const renewConsumer = async (wire: Wire, stream: string, name: string): Promise<void> => {
  await wire.jsm.consumers.delete(stream, name).catch((error: unknown) => {
    if (!isConsumerNotFound(error)) throw error;
  });
  await prepareConsumer(wire, stream, name);
};

/**
 * A server that was killed, or whose disk was full, may come back with a stream that has lost its end, or begins at 1,
 * and consumers that remember what they were given of the one before: they would pass by whatever comes under those
 * sequences. They are made anew, and get what is there.
 */
const renewConsumersAhead = async (wire: Wire, stream: string, names: readonly string[]): Promise<void> => {
  for (const name of names) {
    if (!(await isAhead(wire, stream, name))) continue;
    await setTimeout(secondLook);
    if (await isAhead(wire, stream, name)) await renewConsumer(wire, stream, name);
  }
};

/** RECORDED without anything, and consumers that have got nothing of it. */
export const renewRecorded = async (wire: Wire, options: TopologyOptions): Promise<void> => {
  await wire.jsm.streams.delete(recordedStream).catch((error: unknown) => {
    if (!isStreamNotFound(error)) throw error;
  });
  await prepareTopology(wire, options);
};

/**
 * Where nobody pulls for so long, the server forgets a standby's consumer: its projectors are gone, or no longer
 * configured to feed it, and RECORDED must not fill on its account. Milliseconds.
 */
const standbyLife = 300_000;

/** Made only where a standby is fed. It begins with what RECORDED still holds. */
export const prepareStandby = async (wire: Wire, name: string): Promise<void> => {
  await prepareConsumer(wire, recordedStream, name, { inactive_threshold: nanos(standbyLife) });
};

/**
 * The bucket of idempotent claims. Read from its leader only: a claim that lost must see the one that won.
 * It makes nothing where it is there already.
 */
const claims = ({ js }: Wire, { replicas, maxBytes }: TopologyOptions): Promise<KV> =>
  new Kvm(js).create('idempotency', {
    replicas,
    history: 1,
    ttl: claimLife,
    max_bytes: Math.floor(maxBytes / 4),
    storage: StorageType.File,
    allow_direct: false,
  });

/**
 * Makes streams, consumers and the bucket where they are missing. The consumers of RECORDED come before anything
 * is handed on: what is published there with nobody interested is gone.
 * @throws QueueMisconfigured
 */
export const prepareTopology = async (wire: Wire, options: TopologyOptions): Promise<KV> => {
  const { version = '0' } = wire.nc.info ?? {};
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major < 2 || (major === 2 && minor < 9))
    throw new QueueMisconfigured(`NATS is ${version}; 2.9 or later is needed`);
  // A single server stores any replica count on an update, and keeps one copy all the same (seen with NATS 2.9).
  if (options.replicas > 1 && wire.nc.info?.cluster === undefined) {
    throw new QueueMisconfigured(
      `QUEUE_REPLICAS is ${options.replicas}, but the NATS server is not part of a cluster and can keep one copy only; set QUEUE_REPLICAS=1 or connect to a cluster of at least ${options.replicas} servers`,
    );
  }
  for (const wanted of streams(options)) await prepareStream(wire, wanted);
  await prepareConsumer(wire, activityStream, recorderConsumer);
  for (const projection of projections) await prepareConsumer(wire, recordedStream, projection);
  await renewConsumersAhead(wire, activityStream, [recorderConsumer]);
  await renewConsumersAhead(wire, recordedStream, projections);
  return claims(wire, options);
};
