import { setTimeout } from 'node:timers/promises';
import type { ConsumerInfo, StreamInfo } from '@nats-io/jetstream';
import type { Logger } from '@rookery/runtime';

/** Interval of checks. */
const intervalMs = 2_000;
/** Number of consecutive checks that must agree. */
const looks = 2;

/**
 * Returns the oldest message of a work queue if, by these numbers, its only consumer will never receive it:
 * it is below what the consumer considers acknowledged, or nothing is pending and it is not delivered in
 * spite of a pull. A single result can be wrong (a message may be in transit, or being removed).
 */
export const findConsumerGap = (
  { ack_floor, delivered, num_ack_pending, num_waiting }: ConsumerInfo,
  { state: { messages, first_seq } }: Pick<StreamInfo, 'state'>,
): number | undefined => {
  if (messages === 0) return undefined;
  if (first_seq <= ack_floor.stream_seq) return first_seq;
  if (num_ack_pending > 0) return undefined;
  return first_seq <= delivered.stream_seq || num_waiting > 0 ? first_seq : undefined;
};

/**
 * Maximum delay after its stream with which a consumer may have been created without missing anything.
 */
const maxCreationDelayMs = 10_000;

/**
 * Returns a message that an interest stream no longer holds although a consumer never received it: the server
 * lost it. A consumer created later than the stream proves nothing, since earlier messages are rightly gone, unless it
 * begins at a sequence: it has everything before that as delivered.
 */
export const lostBy = (
  { created, state: { first_seq, last_seq, deleted = [] } }: Pick<StreamInfo, 'created' | 'state'>,
  consumers: readonly Pick<ConsumerInfo, 'created' | 'delivered' | 'config'>[],
): number | undefined => {
  const gone = deleted.reduce((a, b) => Math.max(a, b), Math.min(first_seq - 1, last_seq));
  const latest = Date.parse(created) + maxCreationDelayMs;
  const missed = consumers.some(
    ({ created, config, delivered }) =>
      (Date.parse(created) <= latest || config.opt_start_seq !== undefined) && delivered.stream_seq < gone,
  );
  return missed ? gone : undefined;
};

export interface ConsumerGapOptions {
  /** Returns the result of a check: see findConsumerGap. */
  readonly look: () => Promise<number | undefined>;
  /** Recreates the consumer, so that it receives whatever the stream holds. */
  readonly renew: () => Promise<void>;
  readonly log: Logger;
  /** Ends the watch. */
  readonly signal: AbortSignal;
}

/**
 * Watches for messages that were acknowledged to their publisher and that no consumer will receive: a server
 * that was killed, or whose disk was full, may come back with a stream and a consumer that do not match.
 * Messages that were already processed may be among them, and are dropped by their id.
 */
export const watchConsumerGaps = async ({ look, renew, log, signal }: ConsumerGapOptions): Promise<void> => {
  let seen: number | undefined;
  let times = 0;
  while (!signal.aborted) {
    await setTimeout(intervalMs, undefined, { signal }).catch(() => {});
    if (signal.aborted) return;
    try {
      const found = await look();
      times = found === undefined ? 0 : found === seen ? times + 1 : 1;
      seen = found;
      if (times < looks) continue;
      log.error({ sequence: found }, 'the queue skips messages; recreating its consumer');
      await renew();
      times = 0;
    } catch (error) {
      times = 0;
      log.debug({ error }, 'failed to check for skipped messages');
    }
  }
};
