import { StatementTimeoutError } from '@rookery/document-store';
import type { EventStore } from '@rookery/event-store';
import type { Logger } from '@rookery/runtime';
import { UnknownEventVersionError } from '@rookery/schema/events';
import { createAdaptiveBatchSize } from './adaptive-batch-size.ts';
import type { Apply } from './apply.ts';
import type { ProjectorMetrics } from './metrics.ts';
import type { Reapply } from './progress.ts';
import { replay } from './replay.ts';

export interface ReapplyOptions {
  readonly projection: string;
  readonly apply: Apply;
  readonly eventStore: Pick<EventStore, 'read' | 'addDeadLetter'>;
  readonly log: Logger;
  readonly metrics: ProjectorMetrics;
}

/** Maximum number of events between two checkpoints, which a restart applies again. */
const chunk = 1_000;

/**
 * Creates a function that applies events from the event store to one projection, resumable by chunk. Events
 * that cannot be applied became dead letters at their first delivery and are logged and skipped; events whose
 * statements time out become dead letters now.
 */
export const createReapply = (options: ReapplyOptions): Reapply => {
  const { projection, apply, eventStore, log, metrics } = options;
  const applies = new Map([[projection, apply]]);
  const adaptiveSize = createAdaptiveBatchSize(chunk);
  const addDeadLetter = async (position: number, error: Error): Promise<void> => {
    const [stored] = await eventStore.read(position - 1, 1);
    if (!stored) throw new Error(`the event store has no event at position ${position}`);
    const payload = JSON.stringify(stored.event);
    const { id } = stored.event;
    await eventStore.addDeadLetter({
      by: projection,
      id,
      position,
      error: error.stack ?? error.message,
      tries: 1,
      payload,
    });
    metrics.deadLetters.inc({ projection });
  };

  const skip = async (position: number, error: unknown): Promise<void> => {
    if (error instanceof UnknownEventVersionError) throw error;
    metrics.failures.inc({ projection, reason: 'event' });
    // A statement timeout is not the fault of the event, so it is no dead letter yet.
    if (error instanceof StatementTimeoutError) await addDeadLetter(position, error);
    log.error({ error, position }, 'skipped an event that cannot be applied');
  };
  /** Applies the next events again. Returns the reached position. */
  const reapplyChunk = async (from: number, to: number, signal: AbortSignal): Promise<number> => {
    const last = Math.min(to, from + adaptiveSize.size - 1);
    const { position, failures } = await adaptiveSize.tried(() =>
      replay({ eventStore, applies, from, to: last, signal }),
    );
    for (const { position: at, error } of failures) await skip(at, error);
    signal.throwIfAborted();
    if (position < last)
      throw new Error(
        `the event store ends at position ${position}, but the acknowledged events end at ${to}`,
      );
    return position;
  };

  return async (from, to, onProgress, signal) => {
    for (let next = from; next <= to; ) {
      const position = await reapplyChunk(next, to, signal);
      await onProgress(position);
      next = position + 1;
    }
  };
};
