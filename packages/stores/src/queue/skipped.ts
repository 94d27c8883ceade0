import { setTimeout } from 'node:timers/promises';
import type { ConsumerInfo, StreamInfo } from '@nats-io/jetstream';
import type { Logger } from '@rookery/service';

/** Between two looks, in milliseconds. */
const every = 2_000;
/** So many looks in a row must say the same. */
const looks = 2;

/**
 * The oldest message of a work queue, where by these numbers its only consumer will never be given it: it lies below
 * what the consumer takes for acknowledged, or nothing awaits an answer and it is not delivered although somebody asks.
 * A moment's answer can be wrong (a message is on its way, or just being removed).
 */
export const skippedBy = (
  { ack_floor, delivered, num_ack_pending, num_waiting }: ConsumerInfo,
  { state: { messages, first_seq } }: Pick<StreamInfo, 'state'>,
): number | undefined => {
  if (messages === 0) return undefined;
  if (first_seq <= ack_floor.stream_seq) return first_seq;
  if (num_ack_pending > 0) return undefined;
  return first_seq <= delivered.stream_seq || num_waiting > 0 ? first_seq : undefined;
};

/** So much later than its stream a consumer may have been made, and have missed nothing of it. Milliseconds. */
const madeTogether = 10_000;

/**
 * A message that an interest stream no longer holds although one of its consumers was never given it: the server has
 * lost it. A consumer that was made later than the stream proves nothing: what the others had before is rightly gone.
 */
export const lostBy = (
  { created, state: { first_seq, last_seq, deleted = [] } }: Pick<StreamInfo, 'created' | 'state'>,
  consumers: readonly Pick<ConsumerInfo, 'created' | 'delivered'>[],
): number | undefined => {
  const gone = deleted.reduce((a, b) => Math.max(a, b), Math.min(first_seq - 1, last_seq));
  const latest = Date.parse(created) + madeTogether;
  const missed = consumers.some(
    (consumer) => Date.parse(consumer.created) <= latest && consumer.delivered.stream_seq < gone,
  );
  return missed ? gone : undefined;
};

export interface SkippedOptions {
  /** What a look finds: see skippedBy. */
  readonly look: () => Promise<number | undefined>;
  /** Makes the consumer anew, so that it gets whatever is there. */
  readonly renew: () => Promise<void>;
  readonly log: Logger;
  /** Ends the watch. */
  readonly signal: AbortSignal;
}

/**
 * Watches for messages that were acknowledged to whoever sent them and that nobody will be given: a server that was
 * killed, or whose disk was full, can come back with a stream and a consumer that don't belong together. What was
 * handled already is among them at worst, and is dropped by its id.
 */
export const watchSkipped = async ({ look, renew, log, signal }: SkippedOptions): Promise<void> => {
  let seen: number | undefined;
  let times = 0;
  while (!signal.aborted) {
    await setTimeout(every, undefined, { signal }).catch(() => {});
    if (signal.aborted) return;
    try {
      const found = await look();
      times = found === undefined ? 0 : found === seen ? times + 1 : 1;
      seen = found;
      if (times < looks) continue;
      log.error({ sequence: found }, 'the queue passes messages by: its consumer is made anew');
      await renew();
      times = 0;
    } catch (error) {
      times = 0;
      log.debug({ error }, 'could not look for messages that are passed by');
    }
  }
};
