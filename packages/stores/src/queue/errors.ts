import { JetStreamApiCodes, JetStreamApiError } from '@nats-io/jetstream';

/** There is no connection to NATS right now; it is being looked for. */
export class QueueDisconnected extends Error {
  override readonly name = 'QueueDisconnected';
}

/** It is not in the queue that answers, but another one that may hold it does not answer: nothing is certain. */
export class QueuePartlyAway extends Error {
  override readonly name = 'QueuePartlyAway';
}

/** A stream is full: it takes nothing new until something has been handled. */
export class QueueFull extends Error {
  override readonly name = 'QueueFull';
}

/** The server can't write any more: its disk is full, or its storage limit is reached. */
export class QueueDiskFull extends Error {
  override readonly name = 'QueueDiskFull';
}

/** A stream or consumer is not what Rookery needs, and can't be made so by asking. */
export class QueueMisconfigured extends Error {
  override readonly name = 'QueueMisconfigured';
}

/** RECORDED is not at the position before: somebody else hands on too, or it lost its data. */
export class OutOfStep extends Error {
  override readonly name = 'OutOfStep';
}

/** The stream could not store it: full, or its disk is. nats-server's server/errors.json. */
const storeFailed = 10_077;
/** Insufficient resources and storage, likewise from server/errors.json. */
const insufficient: ReadonlySet<number> = new Set([10_023, 10_028, 10_047]);

/** An error of JetStream by its meaning here. */
export const meaning = (error: unknown): unknown => {
  if (!(error instanceof JetStreamApiError)) return error;
  if (isWrongLastSequence(error)) return new OutOfStep(error.message, { cause: error });
  if (error.code === storeFailed && /maximum/.test(error.message))
    return new QueueFull(error.message, { cause: error });
  if (error.code === storeFailed || insufficient.has(error.code))
    return new QueueDiskFull(error.message, { cause: error });
  return error;
};

export const isWrongLastSequence = (error: unknown): boolean =>
  error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamWrongLastSequence;

export const isStreamNotFound = (error: unknown): boolean =>
  error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamNotFound;

export const isConsumerNotFound = (error: unknown): boolean =>
  error instanceof JetStreamApiError && error.code === JetStreamApiCodes.ConsumerNotFound;

/** JetStream failed by itself: nothing is wrong with what was asked. */
export const isServersFault = (error: unknown): boolean =>
  error instanceof JetStreamApiError && error.status >= 500;
