import { JetStreamApiCodes, JetStreamApiError } from '@nats-io/jetstream';

/** There is no connection to NATS at the moment; reconnecting. */
export class QueueDisconnectedError extends Error {
  override readonly name = 'QueueDisconnectedError';
}

/** The queue that answers does not have it, but another one that may have it does not answer. */
export class QueuePartlyDownError extends Error {
  override readonly name = 'QueuePartlyDownError';
}

/** A stream is full and refuses new messages until some are processed. */
export class QueueFullError extends Error {
  override readonly name = 'QueueFullError';
}

/** The server cannot write: its disk is full, or its storage limit is reached. */
class QueueDiskFullError extends Error {
  override readonly name = 'QueueDiskFullError';
}

/** A stream or consumer has a wrong configuration that Rookery cannot change. */
export class QueueMisconfiguredError extends Error {
  override readonly name = 'QueueMisconfiguredError';
}

/** RECORDED is not at the previous position: another process publishes as well, or the stream lost data. */
export class OutOfSequenceError extends Error {
  override readonly name = 'OutOfSequenceError';
}

/** The stream could not store it: full, or its disk is. nats-server's server/errors.json. */
const storeFailed = 10_077;
/** Insufficient resources and storage, likewise from server/errors.json. */
const insufficient: ReadonlySet<number> = new Set([10_023, 10_028, 10_047]);

/** Converts an error of JetStream to one of these classes. */
export const meaning = (error: unknown): unknown => {
  if (!(error instanceof JetStreamApiError)) return error;
  if (isWrongLastSequence(error)) return new OutOfSequenceError(error.message, { cause: error });
  if (error.code === storeFailed && /maximum/.test(error.message))
    return new QueueFullError(error.message, { cause: error });
  if (error.code === storeFailed || insufficient.has(error.code))
    return new QueueDiskFullError(error.message, { cause: error });
  return error;
};

export const isWrongLastSequence = (error: unknown): boolean =>
  error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamWrongLastSequence;

export const isStreamNotFound = (error: unknown): boolean =>
  error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamNotFound;

/** Code of JetStream for a stream that exists with another configuration. */
const streamNameInUse = 10_058;

export const isStreamNameInUse = (error: unknown): boolean =>
  error instanceof JetStreamApiError && error.code === streamNameInUse;

export const isConsumerNotFound = (error: unknown): boolean =>
  error instanceof JetStreamApiError && error.code === JetStreamApiCodes.ConsumerNotFound;

/** Returns whether JetStream itself failed, and not the request. */
export const isServersFault = (error: unknown): boolean =>
  error instanceof JetStreamApiError && error.status >= 500;
