import type { JsMsg } from '@nats-io/jetstream';
import { headers } from '@nats-io/transport-node';
import { projections } from '@rookery/read-models';
import { readEnvelope, type StoredEvent } from '@rookery/schema/events';
import { lostBy } from './consumer-gap-detector.ts';
import { meaning, OutOfSequenceError } from './errors.ts';
import type { QueueConnection } from './queue-connection.ts';
import { expectedSequence, skipTo } from './skip-sequences.ts';
import type { StreamQuota } from './stream-quota.ts';
import { prepareTopology, recordedStream, renewRecorded, type TopologyOptions } from './topology.ts';

/** Maximum number of attempts to skip a part of RECORDED. */
const maxSkips = 5;
/** Maximum number of concurrent publishes to RECORDED. */
const maxConcurrentPublishes = 256;
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

export interface RecordedOptions {
  readonly connection: QueueConnection;
  readonly quota: StreamQuota;
  readonly options: TopologyOptions & { readonly ackTimeoutMs: number };
}

/** The stream RECORDED, for its publisher: its sequence is the position. */
export class Recorded {
  readonly #options: RecordedOptions;

  constructor(options: RecordedOptions) {
    this.#options = options;
  }

  /** Publishes in order, several concurrently; none after a failed one is accepted. See Queue.relay. */
  async relay(events: readonly StoredEvent[]): Promise<void> {
    const { connection, quota, options } = this.#options;
    const { js } = connection.clients;
    const onTheWay: Promise<void>[] = [];
    let failure: unknown;
    for (const { position, recordedAt: at, event } of events) {
      if (onTheWay.length >= maxConcurrentPublishes) await onTheWay.shift();
      if (failure !== undefined) break;
      const header = headers();
      header.set(recordedAtHeader, at);
      const text = JSON.stringify(event);
      let arrived: () => void;
      try {
        arrived = await quota.enter(Buffer.byteLength(text));
      } catch (error) {
        failure ??= error;
        break;
      }
      onTheWay.push(
        js
          .publish(`recorded.${event.id}`, text, {
            headers: header,
            timeout: options.ackTimeoutMs,
            expect: { streamName: recordedStream, lastSequence: position - 1 },
          })
          .then((ack) => {
            if (ack.seq !== position) throw new OutOfSequenceError(`position ${position} became ${ack.seq}`);
          })
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
      await this.#publish(to);
      const isSkipped = (await expectedSequence(connection.clients)) === to.position;
      if (isSkipped) {
        await prepareTopology(connection.clients, options);
        return true;
      }
      await this.renew();
    }
    return false;
  }

  async #publish({ position, recordedAt, event }: StoredEvent): Promise<void> {
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
