import { setImmediate, setTimeout } from 'node:timers/promises';
import type { Consumer, ConsumerMessages, FetchMessages, JsMsg } from '@nats-io/jetstream';
import { type Logger, waitBeforeRetry } from '@rookery/runtime';
import { type Held, PendingAcks } from './pending-acks.ts';
import { ackWaitMs } from './topology.ts';
import type { Batches, Delivery } from './types.ts';

export interface BatchSource<T> {
  /** Maximum number of messages in a batch, and of those prefetched in addition. */
  readonly max: number;
  /** Finds the durable consumer, and creates it if it is missing. */
  readonly attach: () => Promise<Consumer>;
  /** Reports each loss of the connection. Returns a function that stops this. */
  readonly onDown: (listener: () => void) => () => void;
  /** Reports that a new connection took over; the last one still works for a while. Returns a function that stops this. */
  readonly onReplaced: (listener: () => void) => () => void;
  /** Returns the message of the stream under a sequence. */
  readonly holds: (sequence: number) => Promise<Held | undefined>;
  /** @throws if the message is malformed */
  readonly read: (message: JsMsg) => T;
  readonly log: Logger;
}

type Answer = (message: JsMsg, send: () => void) => void;

/** A delivered message. Its metadata, which the client parses from the subject, is read on demand. */
class PulledDelivery<T> implements Delivery<T> {
  readonly value: T | undefined;
  readonly unreadable: Error | undefined;
  readonly #message: JsMsg;
  readonly #answer: Answer;

  constructor(message: JsMsg, value: T | undefined, unreadable: Error | undefined, answer: Answer) {
    this.value = value;
    this.unreadable = unreadable;
    this.#message = message;
    this.#answer = answer;
  }

  get payload(): string {
    return this.#message.string();
  }

  get bytes(): Uint8Array {
    return this.#message.data;
  }

  get sequence(): number {
    return this.#message.seq;
  }

  get waiting(): number {
    return this.#message.info.pending;
  }

  get tries(): number {
    return this.#message.info.deliveryCount;
  }

  ack(): void {
    this.#answer(this.#message, () => this.#message.ack());
  }

  retry(afterMs: number): void {
    this.#answer(this.#message, () => this.#message.nak(afterMs));
  }
}

/** A message that waits for its batch. */
interface Arrived<T> {
  readonly bytes: number;
  readonly delivery: Delivery<T>;
}

/**
 * The client passes each message to `callback`, as it documents for pulls without an end. To iterate over the messages of a
 * pull takes three promises for each.
 */
type PullOptions = FetchMessages & { readonly callback: (message: JsMsg) => void };

/** Lifetime of one pull, and interval in which the server must send a sign of life. */
const pullExpiresMs = 20_000;
const pullHeartbeatMs = 2_000;
/** Maximum size of a batch in bytes; a larger message is a batch by itself. */
const batchBytes = 8 * 1024 * 1024;
/**
 * Age from which unacknowledged deliveries are extended, and the interval. Younger ones have most of the acknowledgement time-out
 * left: to extend each would cost as much as to acknowledge it. Milliseconds.
 */
const keepFromMs = ackWaitMs / 4;
/** Time after which an unacknowledged delivery is forgotten, so that it is delivered again. */
const maxHoldMs = 300_000;

/** Maximum duration of the end of a pull. Milliseconds. */
const drainMs = 1_000;

/**
 * Ends a pull so that pending messages still arrive and can be returned; late ones would otherwise wait for
 * the acknowledgement time-out. The client does this for whole connections (`drain`), but does not expose it
 * for a pull.
 *
 * NATS 2.9 delivers one more message to a request whose client is gone, unless it is asked about the consumer in between: then it
 * drops such requests. The question before makes sure that it has the request.
 */
const drain = async (pull: ConsumerMessages, consumer: Consumer | undefined): Promise<void> => {
  const { sub } = pull as unknown as { readonly sub?: { drain?: () => Promise<void> } };
  const drained = async (): Promise<void> => {
    await consumer?.info();
    await sub?.drain?.();
    await consumer?.info();
  };
  const late = setTimeout(drainMs, undefined, { ref: false });
  await Promise.race([drained(), late]).catch(() => {});
  pull.stop();
};

/**
 * Pulls batches one at a time, so that at most `max` messages wait here. After a failed pull (connection
 * lost, consumer deleted, no sign of the server) it looks for the consumer again, until it is stopped.
 */
export class PulledBatches<T> implements Batches<T> {
  readonly #source: BatchSource<T>;
  readonly #arrived: Arrived<T>[] = [];
  readonly #pendingAcks = new PendingAcks();
  readonly #stopping = new AbortController();
  readonly #signOfLife: NodeJS.Timeout;
  readonly #forgetLink: () => void;
  readonly #forgetReplaced: () => void;
  /** Resolves once nothing is pulled any more. */
  readonly ended: Promise<void>;
  #changed = Promise.withResolvers<void>();
  /** Number of pulls that have failed since the last message. */
  #failures = 0;
  #pull: ConsumerMessages | undefined;
  /** The change of the consumer during which nothing is pulled. */
  #change: Promise<unknown> | undefined;
  /** Undefined until it is found, and again after it failed, was changed, or its connection was replaced. */
  #consumer: Consumer | undefined;

  constructor(source: BatchSource<T>) {
    this.#source = source;
    this.#signOfLife = setInterval(() => this.#keepInHand(), keepFromMs);
    this.#forgetLink = source.onDown(() => this.#lose());
    this.#forgetReplaced = source.onReplaced(() => this.#replace());
    this.ended = this.#run();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Delivery<T>[], void, void> {
    try {
      for (;;) {
        while (this.#arrived.length === 0 && !this.#stopping.signal.aborted) await this.#changed.promise;
        if (this.#stopping.signal.aborted) return;
        // Includes the messages that arrived with the first one: the client delivers them one by one.
        await setImmediate();
        const batch = this.#take();
        if (batch.length > 0) yield batch;
      }
    } finally {
      await this.stop();
    }
  }

  async stop(): Promise<void> {
    if (!this.#stopping.signal.aborted) {
      this.#stopping.abort();
      clearInterval(this.#signOfLife);
      this.#forgetReplaced();
      if (this.#pull) void drain(this.#pull, this.#consumer);
      this.#wake();
    }
    await this.ended;
    // Returns unprocessed messages at once, instead of after ackWait.
    for (const { delivery } of this.#arrived.splice(0)) delivery.retry(0);
    this.#endWatch();
  }

  /** Number of deliveries that are here and not acknowledged. */
  get unacknowledged(): number {
    return this.#pendingAcks.size;
  }

  /**
   * Pulls nothing while the consumer is created again, and then continues with what that one delivers. Deliveries that nobody has
   * taken are dropped, and the others are not acknowledged any more: the new consumer does not know them.
   */
  async whileRecreated(change: () => Promise<void>): Promise<void> {
    this.#pull?.stop();
    this.#consumer = undefined;
    this.#arrived.length = 0;
    this.#pendingAcks.forget(Number.POSITIVE_INFINITY);
    this.#wake();
    const changing = change().finally(() => {
      this.#change = undefined;
    });
    this.#change = changing.catch(() => {});
    await changing;
  }

  #wake(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers<void>();
  }

  #take(): Delivery<T>[] {
    let bytes = 0;
    const tooMany = this.#arrived.findIndex((one, i) => {
      bytes += one.bytes;
      return i > 0 && bytes > batchBytes;
    });
    const taken = this.#arrived.splice(0, tooMany === -1 ? this.#arrived.length : tooMany);
    this.#wake();
    return taken.map(({ delivery }) => delivery);
  }

  #deliver(message: JsMsg): Delivery<T> {
    let value: T | undefined;
    let unreadable: Error | undefined;
    try {
      value = this.#source.read(message);
    } catch (error) {
      unreadable = error instanceof Error ? error : new Error(String(error));
    }
    return new PulledDelivery(message, value, unreadable, this.#answer);
  }

  readonly #answer: Answer = (message, send) => {
    this.#pendingAcks.acknowledge(message, () => {
      try {
        send();
      } catch (error) {
        // The connection is closed for good: the message will be delivered again.
        this.#source.log.debug({ error, sequence: message.seq }, 'failed to send an acknowledgement');
      }
    });
    this.#endWatch();
  };

  /** Acknowledgements may follow the stop, and must not be sent over another connection either. */
  #endWatch(): void {
    if (this.#stopping.signal.aborted && this.#pendingAcks.size === 0) this.#forgetLink();
  }

  /** The client would look for the consumer again by itself, but only after 20 s if the first attempt fails. */
  #lose(): void {
    this.#pendingAcks.markUnconfirmed();
    this.#pull?.stop();
    if (!this.#stopping.signal.aborted) return;
    // Nothing will confirm these deliveries.
    this.#pendingAcks.forget(Number.POSITIVE_INFINITY);
    this.#endWatch();
  }

  /** Ends the pull on the connection that was replaced; its deliveries are still answered there. */
  #replace(): void {
    if (this.#pull) void drain(this.#pull, this.#consumer);
    this.#consumer = undefined;
  }

  #keepInHand(): void {
    const now = Date.now();
    this.#pendingAcks.forget(now - maxHoldMs);
    for (const message of this.#pendingAcks.acknowledgeable(now - keepFromMs)) {
      try {
        message.working();
      } catch {
        return; // the connection is closed for good
      }
    }
  }

  async #run(): Promise<void> {
    const { attach, holds, log } = this.#source;
    while (!this.#stopping.signal.aborted) {
      if (this.#change) await this.#change;
      try {
        this.#consumer ??= await attach();
        await this.#pendingAcks.confirm(holds);
        if (this.#stopping.signal.aborted) return;
        await this.#pullFrom(this.#consumer);
        while (this.#arrived.length > 0 && !this.#stopping.signal.aborted) await this.#changed.promise;
      } catch (error) {
        this.#consumer = undefined;
        this.#pendingAcks.markUnconfirmed();
        const failures = ++this.#failures;
        log[failures === 1 ? 'warn' : 'debug']({ error, failures }, 'pulling failed; trying again');
        await waitBeforeRetry(failures, { signal: this.#stopping.signal });
      }
    }
  }

  /** Pulls once, and ends with the pull. */
  async #pullFrom(consumer: Consumer): Promise<void> {
    const options: PullOptions = {
      max_messages: this.#source.max,
      expires: pullExpiresMs,
      idle_heartbeat: pullHeartbeatMs,
      callback: (message) => this.#receive(message),
    };
    const pull = await consumer.fetch(options);
    this.#pull = pull;
    if (this.#stopping.signal.aborted) void drain(pull, consumer);
    if (this.#change) pull.stop();
    const failure = await pull.closed();
    if (failure) throw failure;
  }

  #receive(message: JsMsg): void {
    this.#failures = 0;
    this.#pendingAcks.add(message);
    // Read now, while the consumer is busy with the batch before.
    const arrived = this.#arrived.push({ bytes: message.data.length, delivery: this.#deliver(message) });
    if (arrived === 1) this.#wake();
  }
}
