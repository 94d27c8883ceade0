import type { JsMsg } from '@nats-io/jetstream';
import { headers, type MsgHdrs } from '@nats-io/transport-node';
import { projections } from '@rookery/read-models';
import { readEnvelope, type StoredEvent } from '@rookery/schema/events';
import { lostBy } from './consumer-gap-detector.ts';
import { meaning, OutOfSequenceError, QueueFullError } from './errors.ts';
import type { QueueConnection } from './queue-connection.ts';
import { expectedSequence, skipTo } from './skip-sequences.ts';
import { type StreamQuota, storedBytes } from './stream-quota.ts';
import { prepareTopology, recordedStream, renewRecorded, type TopologyOptions } from './topology.ts';

/** Maximum number of attempts to skip a part of RECORDED. */
const maxSkips = 5;
/** Maximum number of messages with one acknowledgement, and of concurrent publishes with one each. */
const maxTogether = 500;
const maxConcurrentPublishes = 256;
/** Header with which JetStream refuses a message unless the stream ends with this sequence. */
const expectedLastHeader = 'Nats-Expected-Last-Sequence';
export const recordedAtHeader = 'Rookery-Recorded-At';

/**
 * Reads a message of RECORDED.
 * @throws if it is malformed
 */
export const readRecorded = (message: JsMsg): StoredEvent => ({
  position: message.seq,
  recordedAt: message.headers?.get(recordedAtHeader) ?? message.time.toISOString(),
  event: readEnvelope(JSON.parse(message.string())),
});

const toMessage = ({ position, recordedAt, event, bytes }: RelayedEvent): Message => {
  const header = headers();
  header.set(recordedAtHeader, recordedAt);
  header.set(expectedLastHeader, String(position - 1));
  const data = bytes ?? Buffer.from(JSON.stringify(event));
  return {
    position,
    subject: `recorded.${event.id}`,
    data,
    headers: header,
    bytes: storedBytes(data.length),
  };
};

export interface RecordedOptions {
  readonly connection: QueueConnection;
  readonly quota: StreamQuota;
  readonly options: TopologyOptions & { readonly ackTimeoutMs: number };
}

/** An event to publish, with the bytes of its text if they are known. */
export type RelayedEvent = StoredEvent & { readonly bytes?: Uint8Array };

interface Message {
  readonly position: number;
  readonly subject: string;
  readonly data: Uint8Array;
  readonly headers: MsgHdrs;
  /** Number of bytes that it takes in the stream. */
  readonly bytes: number;
}

/** The stream RECORDED, for its publisher: its sequence is the position. */
export class Recorded {
  readonly #options: RecordedOptions;

  constructor(options: RecordedOptions) {
    this.#options = options;
  }

  /**
   * Publishes in order. No event after a failed one is accepted, since each demands its predecessor. So one
   * acknowledgement, of the last event, is enough for many. See Queue.relay.
   */
  async relay(events: readonly RelayedEvent[]): Promise<void> {
    for (const messages of this.#together(events)) {
      try {
        await this.#publishTogether(messages);
      } catch (error) {
        await this.#publishRest(messages, meaning(error));
      }
    }
  }

  /** Yields messages that are acknowledged together. */
  *#together(events: readonly RelayedEvent[]): Iterable<readonly Message[]> {
    let messages: Message[] = [];
    let bytes = 0;
    for (const event of events) {
      const message = toMessage(event);
      const isFull =
        messages.length >= maxTogether || bytes + message.bytes > this.#options.quota.maxTogether;
      if (isFull && messages.length > 0) {
        yield messages;
        messages = [];
        bytes = 0;
      }
      messages.push(message);
      bytes += message.bytes;
    }
    if (messages.length > 0) yield messages;
  }

  async #publishTogether(messages: readonly Message[]): Promise<void> {
    const { connection, quota } = this.#options;
    const last = messages.at(-1);
    if (!last) return;
    const { nc } = connection.clients;
    const bytes = messages.reduce((sum, message) => sum + message.bytes, 0);
    const arrived = await quota.enterTogether(bytes);
    try {
      for (const message of messages) {
        if (message === last) await this.#publish(message);
        else nc.publish(message.subject, message.data, { headers: message.headers });
      }
    } finally {
      arrived();
    }
  }

  /** Publishes one by one what could not be published together: so many fit, or the first one that fails has the reason. */
  async #publishRest(messages: readonly Message[], why: unknown): Promise<void> {
    if (why instanceof QueueFullError) return this.#publishEach(messages);
    if (!(why instanceof OutOfSequenceError)) throw why;
    const last = await this.lastPublished();
    const rest = messages.filter(({ position }) => position > last);
    // All of these positions are taken, and not by these messages: otherwise the last one would have been accepted.
    if (rest.length === 0) throw why;
    await this.#publishEach(rest);
  }

  /** Publishes several messages concurrently, each with an acknowledgement. */
  async #publishEach(messages: readonly Message[]): Promise<void> {
    const onTheWay: Promise<void>[] = [];
    let failure: unknown;
    for (const message of messages) {
      if (onTheWay.length >= maxConcurrentPublishes) await onTheWay.shift();
      if (failure !== undefined) break;
      let arrived: () => void;
      try {
        arrived = await this.#options.quota.enterTogether(message.bytes);
      } catch (error) {
        failure ??= error;
        break;
      }
      onTheWay.push(
        this.#publish(message)
          // The first failure is the reason; later ones are its consequence.
          .catch((error: unknown) => {
            failure ??= meaning(error);
          })
          .finally(arrived),
      );
    }
    await Promise.all(onTheWay);
    if (failure !== undefined) throw failure;
  }

  async #publish({ position, subject, data, headers }: Message): Promise<void> {
    const { connection, options } = this.#options;
    const ack = await connection.clients.js.publish(subject, data, {
      headers,
      timeout: options.ackTimeoutMs,
      expect: { streamName: recordedStream },
    });
    if (ack.seq !== position) throw new OutOfSequenceError(`position ${position} became ${ack.seq}`);
  }

  /** Returns the last published position. */
  async lastPublished(): Promise<number> {
    const { jsm } = this.#options.connection.clients;
    return (await jsm.streams.info(recordedStream)).state.last_seq;
  }

  /** Returns false if the server lost messages that a projection had not received. */
  async hasAllPublished(): Promise<boolean> {
    const { jsm } = this.#options.connection.clients;
    const stream = await jsm.streams.info(recordedStream, { deleted_details: true });
    // Read afterwards: a message that a consumer has not received now was not received then.
    const consumers = await Promise.all(projections.map((name) => jsm.consumers.info(recordedStream, name)));
    return lostBy(stream, consumers) === undefined;
  }

  /** See Queue.skipRecorded. */
  async skip(to: StoredEvent): Promise<boolean> {
    const { connection, options } = this.#options;
    // Replicas of NATS 2.9 do not agree on a sequence that was skipped.
    if (options.replicas > 1) return false;
    for (let tries = 0; tries < maxSkips; tries++) {
      if ((await this.lastPublished()) >= to.position) return true;
      await skipTo(connection.clients, to.position - 1);
      // Nobody receives it while there are no consumers. If one came back, it receives an event that it may get again.
      await this.#publishSkipped(to);
      const isSkipped = (await expectedSequence(connection.clients)) === to.position;
      if (isSkipped) {
        await prepareTopology(connection.clients, options);
        return true;
      }
      await this.renew();
    }
    return false;
  }

  async #publishSkipped({ position, recordedAt, event }: StoredEvent): Promise<void> {
    const { connection, options } = this.#options;
    const header = headers();
    header.set(recordedAtHeader, recordedAt);
    const { seq } = await connection.clients.js.publish(`recorded.${event.id}`, JSON.stringify(event), {
      headers: header,
      timeout: options.ackTimeoutMs,
    });
    if (seq !== position) throw new OutOfSequenceError(`position ${position} became ${seq}`);
  }

  /** Empties the stream; the caller publishes everything again. */
  async renew(): Promise<void> {
    const { connection, options } = this.#options;
    await renewRecorded(connection.clients, options);
  }
}
