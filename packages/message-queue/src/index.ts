import { JetStreamQueue, type QueueOptions } from './jetstream.ts';
import type { Queue } from './types.ts';

export { claimIdOf } from './claim-id.ts';
export {
  isStreamNotFound,
  OutOfSequenceError,
  QueueFullError,
  QueueMisconfiguredError,
  QueuePartlyDownError,
} from './errors.ts';
export type { FencingTokenStore, HasTerm } from './fencing-token-store.ts';
export * from './flow.ts';
export type { QueueOptions } from './jetstream.ts';
export { MergedBatches } from './merged.ts';
export { NatsAddress } from './nats-address.ts';
export type { RelayedEvent } from './recorded.ts';
export type { StreamUsage } from './stream-usage.ts';
export { recordedStream } from './topology.ts';
export * from './types.ts';

/**
 * Opens the queue. It connects in the background and keeps trying, so that a process can start while NATS is
 * unavailable; calls made meanwhile fail at once.
 */
export const openQueue = (options: QueueOptions): Queue => new JetStreamQueue(options);
