import { setTimeout } from 'node:timers/promises';
import {
  AckPolicy,
  type ConsumerConfig,
  type ConsumerInfo,
  DeliverPolicy,
  DiscardPolicy,
  type JetStreamClient,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
  type StreamUpdateConfig,
} from '@nats-io/jetstream';
import { type KV, Kvm, type KvOptions } from '@nats-io/kv';
import { nanos } from '@nats-io/transport-node';
import { projections } from '@rookery/read-models';
import { jittered } from '@rookery/runtime';
import {
  isConsumerNotFound,
  isServersFault,
  isStreamNameInUse,
  isStreamNotFound,
  QueueMisconfiguredError,
} from './errors.ts';
import type { QueueClients } from './queue-connection.ts';
import { streamLimit } from './stream-quota.ts';

export const activityStream = 'ACTIVITY';
export const recordedStream = 'RECORDED';
export const recorderConsumer = 'recorder';
/** The high-water marks of actors, see high-water-marks.ts. */
export const orderStream = 'ORDER';
const claimsBucket = 'idempotency';
/** The stream of the bucket of idempotent claims, as NATS names it. */
export const claimsStream = `KV_${claimsBucket}`;

/**
 * Time after which an unacknowledged delivery goes to another consumer. Batches extend it while they are
 * processed, so it only matters after a process was killed or frozen. Milliseconds.
 */
export const ackWaitMs = 10_000;
/** Time within which a repeated message id has no effect. */
const duplicateWindowMs = 120_000;
/** Lifetime of an idempotency claim. */
const claimTtlMs = 86_400_000;
/**
 * Lifetime of the high-water mark of an actor in milliseconds: longer than the clocks of two processes may
 * differ.
 */
const markTtlMs = 3_600_000;

export interface TopologyOptions {
  readonly replicas: number;
  /** Quota of each of the two streams in bytes. */
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
    // Refuses new messages instead of dropping unprocessed ones.
    discard: DiscardPolicy.New,
    max_bytes: streamLimit(maxBytes),
    num_replicas: replicas,
    duplicate_window: nanos(duplicateWindowMs),
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
      max_age: nanos(markTtlMs),
      // If full, it drops the actors that have been quiet longest, whose marks matter least.
      discard: DiscardPolicy.Old,
      max_bytes: Math.floor(maxBytes / 16),
    },
  ];
};

/** Returns the differing fields as text. Servers silently ignore options that they do not know. */
const differences = (wanted: object, found: object): string[] => {
  const there = new Map(Object.entries(found));
  return Object.entries(wanted).flatMap(([key, value]) =>
    JSON.stringify(there.get(key)) === JSON.stringify(value)
      ? []
      : [`${key} is ${JSON.stringify(there.get(key))}, not ${JSON.stringify(value)}`],
  );
};

/** Delay before a failed call or check is repeated. */
const retryDelayMs = 200;
/** Maximum number of attempts of a call that fails because of the server, or of another process at the same time. */
const maxTries = 20;

/**
 * Repeats a call until it succeeds, fails for a reason that does not pass, or has failed `maxTries` times.
 * If two processes create a stream or consumer at once, or one deletes it meanwhile, NATS 2.9 reports to one
 * of them that a file does not exist ("open …/meta.inf") until the other is done. If their settings differ, it reports
 * to one that the name is in use: its next call finds the stream.
 */
export const withRetries = async <T>(call: () => Promise<T>): Promise<T> => {
  for (let tries = 1; ; tries++) {
    try {
      return await call();
    } catch (error) {
      if (!(isServersFault(error) || isStreamNameInUse(error)) || tries >= maxTries) throw error;
      await setTimeout(jittered(retryDelayMs, 0.5));
    }
  }
};

/** Opens a bucket, and creates it if it is missing. It is read only from its leader. */
export const openBucket = (
  js: JetStreamClient,
  name: string,
  options: Pick<KvOptions, 'replicas' | 'max_bytes'> & Partial<Pick<KvOptions, 'ttl'>>,
): Promise<KV> =>
  withRetries(() =>
    new Kvm(js).create(name, { ...options, history: 1, storage: StorageType.File, allow_direct: false }),
  );

const readOrCreateStream = async ({ jsm }: QueueClients, wanted: Wanted): Promise<Partial<StreamConfig>> => {
  try {
    return (await jsm.streams.info(wanted.name)).config;
  } catch (error) {
    if (!isStreamNotFound(error)) throw error;
    return (await jsm.streams.add(wanted)).config;
  }
};

const prepareStream = async (clients: QueueClients, wanted: Wanted): Promise<void> => {
  let found = await withRetries(() => readOrCreateStream(clients, wanted));
  const { name, retention: _r, storage: _s, ...editable } = wanted;
  // More than once, because a process with other settings may update the stream at the same time.
  for (let tries = 1; tries <= maxTries && differences(editable, found).length > 0; tries++) {
    if (tries > 1) await setTimeout(jittered(retryDelayMs, 0.5));
    const update = () => clients.jsm.streams.update(name, editable satisfies Partial<StreamUpdateConfig>);
    found = (await withRetries(update)).config;
  }
  const wrong = differences(wanted, found);
  if (wrong.length > 0) throw new QueueMisconfiguredError(`stream ${wanted.name}: ${wrong.join('; ')}`);
};

/** Maximum number of pending deliveries of all clients of a consumer. */
const maxAckPending = 4_000;

/** A consumer that has skipped a backlog begins at a sequence, which cannot be changed. */
const beginningOf = (found: ConsumerInfo | undefined): Partial<ConsumerConfig> => {
  const { deliver_policy, opt_start_seq } = found?.config ?? {};
  return deliver_policy === undefined || opt_start_seq === undefined ? {} : { deliver_policy, opt_start_seq };
};

const findConsumer = ({ jsm }: QueueClients, stream: string, name: string) =>
  jsm.consumers.info(stream, name).catch((error: unknown) => {
    if (isConsumerNotFound(error)) return undefined;
    throw error;
  });

const prepareConsumer = async (
  clients: QueueClients,
  stream: string,
  name: string,
  more: Partial<ConsumerConfig> = {},
): Promise<ConsumerInfo> => {
  const wanted: Partial<ConsumerConfig> = {
    durable_name: name,
    ack_policy: AckPolicy.Explicit,
    deliver_policy: DeliverPolicy.All,
    ack_wait: nanos(ackWaitMs),
    // The consumers of this module count and bound attempts and keep dead letters: the server never gives up a
    // message.
    max_deliver: -1,
    max_ack_pending: maxAckPending,
    ...more,
  };
  const found = await findConsumer(clients, stream, name);
  const settings = { ...wanted, ...beginningOf(found) };
  const info = await withRetries(() => clients.jsm.consumers.add(stream, settings));
  const wrong = differences(settings, info.config);
  if (wrong.length > 0) throw new QueueMisconfiguredError(`consumer ${stream}/${name}: ${wrong.join('; ')}`);
  return info;
};

/** Returns whether a consumer remembers deliveries beyond the end of its stream. */
const isAhead = async ({ jsm }: QueueClients, stream: string, name: string): Promise<boolean> => {
  // In this order, so that a message published between the two requests does not look like one.
  const { delivered } = await jsm.consumers.info(stream, name);
  const { state } = await jsm.streams.info(stream);
  return delivered.stream_seq > state.last_seq;
};

/** Deletes a consumer, if it exists. */
export const deleteConsumer = async ({ jsm }: QueueClients, stream: string, name: string): Promise<void> => {
  await jsm.consumers.delete(stream, name).catch((error: unknown) => {
    if (!isConsumerNotFound(error)) throw error;
  });
};

/** Recreates a consumer, which then receives everything in its stream. */
export const renewConsumer = async (clients: QueueClients, stream: string, name: string): Promise<void> => {
  await deleteConsumer(clients, stream, name);
  await prepareConsumer(clients, stream, name);
};

/**
 * Recreates consumers that remember deliveries of an earlier stream: a server that was killed, or whose disk
 * was full, may come back with a stream that has lost its end or restarts at 1, and such consumers would skip
 * all messages with those sequences.
 */
const renewConsumersAhead = async (
  clients: QueueClients,
  stream: string,
  names: readonly string[],
): Promise<void> => {
  for (const name of names) {
    if (!(await isAhead(clients, stream, name))) continue;
    await setTimeout(retryDelayMs);
    if (await isAhead(clients, stream, name)) await renewConsumer(clients, stream, name);
  }
};

/** Recreates RECORDED without messages, and its consumers. */
export const renewRecorded = async (clients: QueueClients, options: TopologyOptions): Promise<void> => {
  await clients.jsm.streams.delete(recordedStream).catch((error: unknown) => {
    if (!isStreamNotFound(error)) throw error;
  });
  await prepareTopology(clients, options);
};

/**
 * Time without a pull after which the server deletes an optional consumer: its processes are gone or no longer
 * configured to read for it, and RECORDED must not fill because of it. Milliseconds.
 */
const optionalTtlMs = 300_000;

/** Creates an optional consumer, which starts with the messages that RECORDED still holds. */
export const prepareOptional = async (clients: QueueClients, name: string): Promise<void> => {
  await prepareConsumer(clients, recordedStream, name, { inactive_threshold: nanos(optionalTtlMs) });
};

/**
 * Opens the bucket of idempotency claims, and creates it if it is missing. Read only from its leader: a claim
 * that lost must see the one that won.
 */
const claims = ({ js }: QueueClients, { replicas, maxBytes }: TopologyOptions): Promise<KV> =>
  openBucket(js, claimsBucket, { replicas, ttl: claimTtlMs, max_bytes: Math.floor(maxBytes / 4) });

/**
 * Creates missing streams, consumers and buckets. The consumers of RECORDED are created before anything is
 * published there, since messages without an interested consumer are dropped.
 * @throws QueueMisconfiguredError
 */
export const prepareTopology = async (clients: QueueClients, options: TopologyOptions): Promise<KV> => {
  const { version = '0' } = clients.nc.info ?? {};
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major < 2 || (major === 2 && minor < 9))
    throw new QueueMisconfiguredError(`NATS is ${version}; 2.9 or later is needed`);
  // A single server accepts any replica count on an update and still keeps one copy (observed with NATS 2.9).
  if (options.replicas > 1 && clients.nc.info?.cluster === undefined) {
    throw new QueueMisconfiguredError(
      `QUEUE_REPLICAS is ${options.replicas}, but the NATS server is not part of a cluster and can keep one copy only; set QUEUE_REPLICAS=1 or connect to a cluster of at least ${options.replicas} servers`,
    );
  }
  for (const wanted of streams(options)) await prepareStream(clients, wanted);
  await prepareConsumer(clients, activityStream, recorderConsumer);
  for (const projection of projections) await prepareConsumer(clients, recordedStream, projection);
  await renewConsumersAhead(clients, activityStream, [recorderConsumer]);
  await renewConsumersAhead(clients, recordedStream, projections);
  return claims(clients, options);
};
