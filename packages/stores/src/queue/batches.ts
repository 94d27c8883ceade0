import { setImmediate, setTimeout } from 'node:timers/promises';
import type { Consumer, ConsumerMessages, JsMsg } from '@nats-io/jetstream';
import type { Logger } from '@rookery/service';
import { Answers, type Held } from './answers.ts';
import { ackWait } from './topology.ts';
import type { Batches, Delivery } from './types.ts';

export interface BatchSource<T> {
  /** Most messages of a batch, and of what is kept here beside the batch in hand. */
  readonly max: number;
  /** Finds the durable consumer, and makes it where it is missing. */
  readonly attach: () => Promise<Consumer>;
  /** Tells each loss of the connection. Returns how to stop listening. */
  readonly onDown: (listener: () => void) => () => void;
  /** What the stream holds under a sequence. */
  readonly holds: (sequence: number) => Promise<Held | undefined>;
  /** @throws where the message is no such thing */
  readonly read: (message: JsMsg) => T;
  readonly log: Logger;
}

/** Life of one pull, and how often the server must show itself during it. Milliseconds. */
const pullExpires = 20_000;
const pullHeartbeat = 2_000;
/** Most bytes of one batch; a single larger message is a batch by itself. */
const batchBytes = 8 * 1024 * 1024;
/** A delivery that nobody has answered for so long is forgotten here, so that it is delivered again. Milliseconds. */
const longestHold = 300_000;

/**
 * Ends a pull so that what is on its way still comes, and can be given back: what came too late would wait for the
 * acknowledgement to run out. The client does this for whole connections (`drain`), and hides it for a pull.
 */
const drain = async (pull: ConsumerMessages): Promise<void> => {
  const { sub } = pull as unknown as { readonly sub?: { drain?: () => Promise<void> } };
  const late = setTimeout(1_000, undefined, { ref: false });
  await Promise.race([sub?.drain?.(), late]).catch(() => {});
  pull.stop();
};

/**
 * One pull at a time, so that no more than `max` messages wait here. A pull that fails (connection lost, consumer
 * deleted, no sign of the server) is followed by a fresh look for the consumer, for ever.
 */
export class PulledBatches<T> implements Batches<T> {
  readonly #source: BatchSource<T>;
  readonly #arrived: JsMsg[] = [];
  readonly #answers = new Answers();
  readonly #stopping = new AbortController();
  readonly #signOfLife: NodeJS.Timeout;
  readonly #forgetLink: () => void;
  /** Settles once nothing is pulled any more. */
  readonly ended: Promise<void>;
  #changed = Promise.withResolvers<void>();
  #pull: ConsumerMessages | undefined;

  constructor(source: BatchSource<T>) {
    this.#source = source;
    this.#signOfLife = setInterval(() => this.#keepInHand(), ackWait / 4);
    this.#forgetLink = source.onDown(() => this.#lose());
    this.ended = this.#run();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Delivery<T>[], void, void> {
    try {
      for (;;) {
        while (this.#arrived.length === 0 && !this.#stopping.signal.aborted) await this.#changed.promise;
        if (this.#stopping.signal.aborted) return;
        // Lets what came with the first message in too: the client hands messages over one by one.
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
      if (this.#pull) void drain(this.#pull);
      this.#wake();
    }
    await this.ended;
    // What nobody has seen goes back at once, instead of after ackWait.
    for (const message of this.#arrived.splice(0)) this.#answer(message, () => message.nak());
    this.#endWatch();
  }

  #wake(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers<void>();
  }

  #take(): Delivery<T>[] {
    let bytes = 0;
    const tooMany = this.#arrived.findIndex((message, i) => {
      bytes += message.data.length;
      return i > 0 && bytes > batchBytes;
    });
    const taken = this.#arrived.splice(0, tooMany === -1 ? this.#arrived.length : tooMany);
    this.#wake();
    return taken.map((message) => this.#deliver(message));
  }

  #deliver(message: JsMsg): Delivery<T> {
    const payload = message.string();
    let value: T | undefined;
    let unreadable: Error | undefined;
    try {
      value = this.#source.read(message);
    } catch (error) {
      unreadable = error instanceof Error ? error : new Error(String(error));
    }
    return {
      value,
      unreadable,
      payload,
      sequence: message.seq,
      tries: message.info.deliveryCount,
      ack: () => this.#answer(message, () => message.ack()),
      retry: (afterMs) => this.#answer(message, () => message.nak(afterMs)),
    };
  }

  #answer(message: JsMsg, send: () => void): void {
    this.#answers.give(message, () => {
      try {
        send();
      } catch (error) {
        // The connection is closed for good: the message will be delivered again.
        this.#source.log.debug({ error, sequence: message.seq }, 'an answer could not be sent');
      }
    });
    this.#endWatch();
  }

  /** Answers may come after the stop, and must not be sent over another connection either. */
  #endWatch(): void {
    if (this.#stopping.signal.aborted && this.#answers.size === 0) this.#forgetLink();
  }

  /** The client would look for the consumer again by itself, but after 20 s where the first look fails. */
  #lose(): void {
    this.#answers.doubt();
    this.#pull?.stop();
    if (!this.#stopping.signal.aborted) return;
    // Nobody will settle the doubt any more.
    this.#answers.forget(Number.POSITIVE_INFINITY);
    this.#endWatch();
  }

  #keepInHand(): void {
    this.#answers.forget(Date.now() - longestHold);
    for (const message of this.#answers.open()) {
      try {
        message.working();
      } catch {
        return; // the connection is closed for good
      }
    }
  }

  async #run(): Promise<void> {
    const { attach, holds, log } = this.#source;
    let consumer: Consumer | undefined;
    let failures = 0;
    while (!this.#stopping.signal.aborted) {
      try {
        consumer ??= await attach();
        await this.#answers.settle(holds);
        if (this.#stopping.signal.aborted) return;
        const pull = await consumer.fetch({
          max_messages: this.#source.max,
          expires: pullExpires,
          idle_heartbeat: pullHeartbeat,
        });
        if (this.#stopping.signal.aborted) return pull.stop(); // nothing is asked for before it is iterated
        this.#pull = pull;
        for await (const message of pull) {
          failures = 0;
          this.#answers.came(message);
          this.#arrived.push(message);
          this.#wake();
        }
        while (this.#arrived.length > 0 && !this.#stopping.signal.aborted) await this.#changed.promise;
      } catch (error) {
        consumer = undefined;
        this.#answers.doubt();
        failures += 1;
        log[failures === 1 ? 'warn' : 'debug']({ error, failures }, 'pulling failed; trying again');
        const pause = Math.min(2_000, 50 * 2 ** failures) * (0.5 + Math.random() / 2);
        await setTimeout(pause, undefined, { signal: this.#stopping.signal }).catch(() => {});
      }
    }
  }
}
