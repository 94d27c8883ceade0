import { JetStreamQueue, type QueueOptions } from './jetstream.ts';
import type { Queue } from './types.ts';

export { OutOfStep, QueueDisconnected, QueueFull, QueueMisconfigured } from './errors.ts';
export type { QueueOptions } from './jetstream.ts';
export { type Projection, projections } from './projections.ts';
export * from './types.ts';

/**
 * Opens the queue. It connects in the background and for ever, so that a process can start while NATS is away;
 * what is asked meanwhile fails at once.
 */
export const openQueue = (options: QueueOptions): Queue => new JetStreamQueue(options);
