import type { Consumer, JsMsg } from '@nats-io/jetstream';
import type { KV } from '@nats-io/kv';
import { isOptional, isStandby } from '@rookery/read-models';
import {
  isId,
  type Logger,
  newId,
  type Policy,
  type PolicyMetrics,
  UnavailableError,
} from '@rookery/runtime';
import { type Envelope, readEnvelope, type StoredEvent } from '@rookery/schema/events';
import { readBacklog } from './backlog.ts';
import { PulledBatches } from './batches.ts';
import { claimIdOf } from './claim-id.ts';
import { findConsumerGap, watchConsumerGaps } from './consumer-gap-detector.ts';
import { endOfTurn } from './end-of-turn.ts';
import { isStreamNotFound, isWrongLastSequence, meaning, QueueMisconfiguredError } from './errors.ts';
import {
  type FencingTokenStore,
  type HasTerm,
  openFencingTokenBucket,
  openFencingTokenStore,
} from './fencing-token-store.ts';
import { HighWaterMarks } from './high-water-marks.ts';
import { type QueueClients, QueueConnection } from './queue-connection.ts';
import { createQueuePolicy } from './queue-policy.ts';
import { readActivity } from './read-activity.ts';
import { Recorded, type RelayedEvent, readRecorded } from './recorded.ts';
import { RecordedCache } from './recorded-cache.ts';
import { skipBacklog } from './skip-backlog.ts';
import { StreamQuota } from './stream-quota.ts';
import { readStreamUsage, type StreamUsage } from './stream-usage.ts';
import {
  activityStream,
  deleteConsumer,
  prepareOptional,
  prepareTopology,
  recordedStream,
  recorderConsumer,
  renewConsumer,
  type TopologyOptions,
} from './topology.ts';
import type { Backlog, Batches, Claim, ConsumerState, Queue, QueueReplicaStatus } from './types.ts';

export interface QueueOptions extends TopologyOptions {
  /** Addresses, nats:// or tls://, comma separated. */
  readonly url: string;
  /** Maximum wait for an acknowledgement. */
  readonly ackTimeoutMs: number;
  readonly log: Logger;
  /** Name among two queues. Default: first. */
  readonly name?: QueueReplicaStatus['name'];
  readonly metrics?: PolicyMetrics;
}

/**
 * Interval of probes of a server that is considered down, so that its return is noticed without a client.
 */
const probeIntervalMs = 250;

/** Request to the server; the signal aborts when no caller waits any more. */
type Work<T> = (clients: QueueClients, signal: AbortSignal) => Promise<T>;

/** The queue on NATS JetStream, server 2.9 or later. */
export class JetStreamQueue implements Queue {
  readonly #options: QueueOptions;
  readonly #connection: QueueConnection;
  readonly #consumerOf = new Map<PulledBatches<unknown>, string>();
  readonly #quota: StreamQuota;
  readonly #recorded: Recorded;
  readonly #marks: HighWaterMarks;
  readonly #cache = new RecordedCache(readRecorded);
  #bucket: Promise<KV> | undefined;
  readonly #policy: Policy;
  readonly #probe: NodeJS.Timeout;
  #wanted = false;

  constructor(options: QueueOptions) {
    this.#options = options;
    this.#policy = createQueuePolicy({
      name: options.name ?? 'first',
      timeoutMs: options.ackTimeoutMs,
      metrics: options.metrics,
    });
    this.#connection = new QueueConnection({
      url: options.url,
      timeoutMs: options.ackTimeoutMs,
      log: options.log,
    });
    const quota = (stream: string) =>
      new StreamQuota({
        stream,
        limit: options.maxBytes,
        look: async () => (await this.#connection.clients.jsm.streams.info(stream)).state.bytes,
      });
    this.#quota = quota(activityStream);
    this.#recorded = new Recorded({
      connection: this.#connection,
      quota: quota(recordedStream),
      options,
    });
    this.#marks = new HighWaterMarks({
      clients: () => this.#connection.clients,
      timeoutMs: options.ackTimeoutMs,
    });
    this.#probe = setInterval(() => this.#lookAgain(), probeIntervalMs);
    this.#probe.unref();
    this.#connection.onReplaced(() => {
      // Bound to the connection that ends soon.
      this.#bucket = undefined;
      if (this.#wanted) this.#topology().catch(() => {});
    });
    // A server may come back without its data: then everything is created again.
    this.#connection.onChange((up) => {
      this.#bucket = undefined;
      this.#marks.reset();
      if (up && this.#wanted) this.#topology().catch(() => {});
    });
  }

  #lookAgain(): void {
    if (this.#policy.state === 'closed' || !this.#connection.up) return;
    this.#bounded(({ jsm }) => jsm.streams.info(activityStream)).catch(() => {});
  }

  /**
   * Waits up to 5 s for the server. Repeated after each reconnect once requested, so a caller may continue
   * without it.
   * @throws QueueMisconfiguredError, which waiting does not resolve; QueueDisconnectedError
   */
  async prepare(): Promise<void> {
    this.#wanted = true;
    await this.#connection.connected(5_000);
    this.#bucket = undefined;
    await this.#topology();
  }

  #topology(): Promise<KV> {
    if (!this.#bucket) {
      const attempt = prepareTopology(this.#connection.clients, this.#options);
      this.#bucket = attempt;
      attempt.catch((error: unknown) => {
        if (this.#bucket === attempt) this.#bucket = undefined;
        this.#options.log[error instanceof QueueMisconfiguredError ? 'error' : 'warn'](
          { error },
          'the queue could not be prepared',
        );
      });
    }
    return this.#bucket;
  }

  async publish(event: Envelope): Promise<void> {
    await this.#publish(event, event.id);
  }

  async publishAgain(event: Envelope): Promise<void> {
    // Under its own id the stream would treat it as a duplicate.
    await this.#publish(event, newId());
  }

  async #publish(event: Envelope, msgID: string): Promise<void> {
    const text = JSON.stringify(event);
    await this.#orUnavailable('publish', { eventId: event.id }, async ({ js }, signal) => {
      const arrived = await this.#quota.enter(Buffer.byteLength(text), signal);
      try {
        await endOfTurn();
        await js.publish(`activity.${event.id}`, text, {
          msgID,
          timeout: this.#options.ackTimeoutMs,
          expect: { streamName: activityStream },
        });
      } finally {
        arrived();
      }
    });
  }

  async claim(event: Envelope): Promise<Claim> {
    return this.#orUnavailable('claim', { eventId: event.id }, async () => {
      const bucket = await this.#topology();
      const id = claimIdOf(event);
      try {
        await bucket.put(id, JSON.stringify(event), {
          previousSeq: 0,
          timeout: this.#options.ackTimeoutMs,
        });
        return { event, first: true };
      } catch (error) {
        if (!isWrongLastSequence(error)) throw error;
      }
      const entry = await bucket.get(id);
      if (!entry) throw new Error('a claim vanished while it was read');
      return { event: readEnvelope(entry.json()), first: false };
    });
  }

  async claimed(id: string): Promise<Envelope | undefined> {
    if (!isId(id)) return undefined;
    return this.#orUnavailable('claimed', { eventId: id }, async () => {
      const entry = await (await this.#topology()).get(id);
      return entry ? readEnvelope(entry.json()) : undefined;
    });
  }

  async highWaterMark(actor: string): Promise<number> {
    if (!isId(actor)) return 0;
    return this.#orUnavailable('highWaterMark', { actor }, () => this.#marks.read(actor));
  }

  async raiseHighWaterMark(actor: string, time: number): Promise<void> {
    await this.#orUnavailable('raiseHighWaterMark', { actor }, () => this.#marks.raise(actor, time));
  }

  /** Runs a request that a client waits for: bounded in number and time, with one error for all failures. */
  async #orUnavailable<T>(
    operation: string,
    about: { readonly eventId: string } | { readonly actor: string },
    work: Work<T>,
  ): Promise<T> {
    try {
      return await this.#bounded(work);
    } catch (error) {
      // A missing stream or bucket is created again; this attempt fails nevertheless.
      this.#bucket = undefined;
      if (isStreamNotFound(error)) this.#topology().catch(() => {});
      this.#options.log.warn({ error, ...about, operation }, 'the queue refused');
      throw new UnavailableError();
    }
  }

  #bounded<T>(work: Work<T>): Promise<T> {
    return this.#policy.execute(async (signal) => {
      try {
        return await work(this.#connection.clients, signal);
      } catch (error) {
        throw meaning(error);
      }
    });
  }

  async find(id: string): Promise<{ event: Envelope; position: number | null } | undefined> {
    if (!isId(id)) return undefined;
    return this.#bounded(async ({ jsm }) => {
      const waiting = await jsm.streams.getMessage(activityStream, { last_by_subj: `activity.${id}` });
      if (waiting) return { event: readEnvelope(waiting.json()), position: null };
      const recorded = await jsm.streams.getMessage(recordedStream, { last_by_subj: `recorded.${id}` });
      return recorded ? { event: readEnvelope(recorded.json()), position: recorded.seq } : undefined;
    });
  }

  async activity(max: number): Promise<Batches<Envelope>> {
    const batches = this.#batches(activityStream, recorderConsumer, max, readActivity);
    const ended = new AbortController();
    void batches.ended.then(() => ended.abort());
    void watchConsumerGaps({
      look: async () => {
        const { jsm } = this.#connection.clients;
        // In this order, so that a message published between the two requests does not look skipped.
        const consumer = await jsm.consumers.info(activityStream, recorderConsumer);
        return findConsumerGap(consumer, await jsm.streams.info(activityStream));
      },
      renew: () => renewConsumer(this.#connection.clients, activityStream, recorderConsumer),
      log: this.#options.log,
      signal: ended.signal,
    });
    return batches;
  }

  async takeOver(): Promise<void> {
    const { inFlight } = await this.consumer(recorderConsumer);
    // A new consumer of a work queue starts with everything unacknowledged.
    if (inFlight > 0) await renewConsumer(this.#connection.clients, activityStream, recorderConsumer);
  }

  async recorded(projection: string, max: number): Promise<Batches<StoredEvent>> {
    // Created now if possible, so that a request for its floor finds it; otherwise once the server is
    // available.
    if (isOptional(projection))
      await this.#prepareOptional(projection).catch((error: unknown) =>
        this.#options.log.debug({ error, consumer: projection }, 'a consumer is not prepared yet'),
      );
    return this.#batches(recordedStream, projection, max, (message) => this.#cache.read(message));
  }

  #batches<T>(stream: string, name: string, max: number, read: (message: JsMsg) => T): PulledBatches<T> {
    const batches = new PulledBatches<T>({
      max,
      read,
      log: this.#options.log.child({ stream, consumer: name }),
      onDown: (listener) => this.#connection.onChange((up) => up || listener()),
      onReplaced: (listener) => this.#connection.onReplaced(listener),
      attach: () => this.#attach(stream, name),
      holds: async (seq) =>
        (await this.#connection.clients.jsm.streams.getMessage(stream, { seq })) ?? undefined,
    });
    this.#consumerOf.set(batches, name);
    void batches.ended.then(() => this.#consumerOf.delete(batches));
    return batches;
  }

  async #attach(stream: string, name: string): Promise<Consumer> {
    const { js } = this.#connection.clients;
    return js.consumers.get(stream, name).catch(async (error: unknown) => {
      // An optional consumer is not part of the topology: if its stream exists, nothing else needs a check.
      if (!isOptional(name) || isStreamNotFound(error)) {
        this.#bucket = undefined;
        await this.#topology();
      }
      if (isOptional(name)) await this.#prepareOptional(name);
      return js.consumers.get(stream, name);
    });
  }

  async #prepareOptional(name: string): Promise<void> {
    await prepareOptional(this.#connection.clients, name);
  }

  async letGo(standby: string): Promise<void> {
    if (!isStandby(standby)) throw new TypeError(`${standby} is no standby`);
    await deleteConsumer(this.#connection.clients, recordedStream, standby);
  }

  async skipBacklog(projection: string, atLeast: number): Promise<boolean> {
    return skipBacklog(this.#connection.clients, projection, atLeast, this.#consumerOf);
  }

  relay(events: readonly RelayedEvent[]): Promise<void> {
    return this.#recorded.relay(events);
  }

  lastPublished(): Promise<number> {
    return this.#recorded.lastPublished();
  }

  hasAllPublished(): Promise<boolean> {
    return this.#recorded.hasAllPublished();
  }

  renewRecorded(): Promise<void> {
    return this.#recorded.renew();
  }

  skipRecorded(to: StoredEvent): Promise<boolean> {
    return this.#recorded.skip(to);
  }

  async consumer(name: string): Promise<ConsumerState> {
    const { jsm } = this.#connection.clients;
    const stream = name === recorderConsumer ? activityStream : recordedStream;
    const info = await jsm.consumers.info(stream, name);
    // A killed server may restore an earlier floor, with pending messages that no longer exist, and keeps
    // that floor until something new is acknowledged. But a message that was delivered and is not pending is
    // acknowledged, and a message leaves the stream only when all consumers have acknowledged it.
    const acknowledged =
      info.num_ack_pending === 0
        ? info.delivered.stream_seq
        : (await jsm.streams.info(stream)).state.first_seq - 1;
    return {
      ackFloor: Math.max(info.ack_floor.stream_seq, acknowledged, (info.config.opt_start_seq ?? 1) - 1),
      inFlight: info.num_ack_pending,
      waiting: info.num_pending,
      attached: info.num_waiting > 0,
      since: info.created,
    };
  }

  async backlog(name: string): Promise<Backlog> {
    return readBacklog(this.#connection.clients, name);
  }

  fencingTokenStore<T extends HasTerm>(name: string): FencingTokenStore<T> {
    const { replicas, ackTimeoutMs } = this.#options;
    return openFencingTokenStore(name, {
      open: (action) => this.#bounded(async ({ js }) => action(await openFencingTokenBucket(js, replicas))),
      timeoutMs: ackTimeoutMs,
    });
  }

  replicas(): readonly QueueReplicaStatus[] {
    const up = this.#connection.up && this.#policy.state === 'closed';
    return [{ name: this.#options.name ?? 'first', up, fallbacks: 0 }];
  }

  async streams(): Promise<readonly StreamUsage[]> {
    return readStreamUsage(this.#connection.clients, this.#options.name ?? 'first', this.#options.maxBytes);
  }

  async ping(): Promise<void> {
    await this.#connection.clients.jsm.streams.info(activityStream);
  }

  async close(): Promise<void> {
    clearInterval(this.#probe);
    await Promise.all([...this.#consumerOf.keys()].map((batches) => batches.stop()));
    await this.#connection.close();
  }
}
