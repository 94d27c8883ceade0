import { UnknownEventVersion } from '@rookery/schema/events';
import type { Logger } from '@rookery/service';
import { StatementTimeout } from '@rookery/stores/documents';
import type { EventStore } from '@rookery/stores/event-store';
import type { Apply } from './apply.ts';
import type { ProjectorMetrics } from './metrics.ts';
import { createPortion } from './portion.ts';
import type { Reapply } from './progress.ts';
import { replay } from './replay.ts';

export interface ReapplyOptions {
  readonly projection: string;
  readonly apply: Apply;
  readonly eventStore: Pick<EventStore, 'read' | 'park'>;
  readonly log: Logger;
  readonly metrics: ProjectorMetrics;
}

/** Events between two notes of progress, at the most: what a restart does again. */
const chunk = 1_000;

/**
 * Applies what the event store holds of one projection, resumable chunk by chunk. What cannot be applied was set
 * aside when it first came, and is named and left out; what takes too long is set aside now.
 */
export const createReapply = (options: ReapplyOptions): Reapply => {
  const { projection, apply, eventStore, log, metrics } = options;
  const applies = new Map([[projection, apply]]);
  const portion = createPortion(chunk);
  const park = async (position: number, error: Error): Promise<void> => {
    const [stored] = await eventStore.read(position - 1, 1);
    if (!stored) throw new Error(`the event store has nothing at position ${position}`);
    const payload = JSON.stringify(stored.event);
    const { id } = stored.event;
    await eventStore.park({
      by: projection,
      id,
      position,
      error: error.stack ?? error.message,
      tries: 1,
      payload,
    });
    metrics.parked.inc({ projection });
  };

  return async (from, to, onProgress, signal) => {
    for (let next = from; next <= to; ) {
      const [first, last] = [next, Math.min(to, next + portion.size - 1)];
      const { position, failures } = await portion.tried(() =>
        replay({ eventStore, applies, from: first, to: last, signal }),
      );
      for (const { position: at, error } of failures) {
        if (error instanceof UnknownEventVersion) throw error;
        metrics.failures.inc({ projection, reason: 'event' });
        // It says nothing about the event itself, so nobody has set it aside before.
        if (error instanceof StatementTimeout) await park(at, error);
        log.error({ error, position: at }, 'an event was left out');
      }
      signal.throwIfAborted();
      if (position < last)
        throw new Error(`the event store ends at ${position}, what was acknowledged at ${to}`);
      await onProgress(position);
      next = position + 1;
    }
  };
};
