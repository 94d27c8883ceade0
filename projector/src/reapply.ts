import type { EventStore } from '@rookery/event-store';
import { waitBeforeRetry } from '@rookery/runtime';
import type { RecordedEvent } from '@rookery/schema/events';
import { addDeadLetterAt } from './dead-letters.ts';
import type { EventPages } from './event-pages.ts';
import type { ProjectorMetrics } from './metrics.ts';
import { batchSize, PatientApply, type PatientApplyOptions } from './patient-apply.ts';
import type { Reapply } from './progress.ts';
import { without } from './rebuild/load.ts';
import { deadLetterPositions } from './rebuild/readable.ts';

export interface ReapplyOptions extends PatientApplyOptions {
  readonly eventStore: Pick<EventStore, 'read' | 'addDeadLetter' | 'deadLetters' | 'resolvedDeadLetters'>;
  readonly pages: EventPages;
  readonly metrics: Pick<ProjectorMetrics, 'applied' | 'failures' | 'deadLetters'>;
}

/** Maximum number of attempts of an event that cannot be applied. */
const maxTries = 3;

/**
 * Creates a function that applies events from the event store to one projection. It does what the consumer would do with
 * them, in batches after each of which it may be resumed: the queue may never have delivered them. Dead letters and dropped
 * events are skipped, as in a rebuild.
 */
export const createReapply =
  (options: ReapplyOptions): Reapply =>
  async (from, to, onProgress, signal) => {
    const { projection, eventStore, pages, metrics } = options;
    const skipped = (await deadLetterPositions(eventStore, [projection])).get(projection) ?? new Set();
    const run = new ReapplyRun(options, signal);
    for (let next = from; next <= to; ) {
      const { last, events, unreadable } = await pages.read(next - 1, Math.min(batchSize, to - next + 1));
      if (last === undefined)
        throw new Error(
          `the event store ends at position ${next - 1}, but the acknowledged events end at ${to}`,
        );
      for (const { position, error } of unreadable)
        if (!skipped.has(position)) await run.addDeadLetter(position, error, 1);
      const applied = without(events, skipped);
      // The last events of many are no new ones, which would be applied before those of others.
      await run.apply(applied, to - from);
      signal.throwIfAborted();
      metrics.applied.inc({ projection }, applied.length);
      next = Math.max(last, await onProgress(last)) + 1;
    }
  };

class ReapplyRun {
  readonly #options: ReapplyOptions;
  readonly #signal: AbortSignal;
  readonly #patient: PatientApply;

  constructor(options: ReapplyOptions, signal: AbortSignal) {
    this.#options = options;
    this.#signal = signal;
    this.#patient = new PatientApply(options, signal);
  }

  /** @param waiting number of events that wait behind these */
  async apply(events: readonly RecordedEvent[], waiting: number): Promise<void> {
    const outcome = await this.#patient.apply(events, waiting);
    if (outcome.kind !== 'failed') return;
    // One of the events is to blame, and the others must not suffer for it.
    for (const event of events) await this.#applyAlone(event, waiting);
  }

  async addDeadLetter(position: number, error: unknown, tries: number): Promise<void> {
    const { projection, eventStore, metrics, log } = this.#options;
    metrics.failures.inc({ projection, reason: 'event' });
    await addDeadLetterAt(eventStore, { projection, position, error, tries });
    metrics.deadLetters.inc({ projection });
    log.error({ error, position }, 'added an event that cannot be applied to the dead letters');
  }

  async #applyAlone(event: RecordedEvent, waiting: number): Promise<void> {
    let error: unknown;
    for (let tries = 1; tries <= maxTries; tries++) {
      if (tries > 1) await waitBeforeRetry(tries - 1, { signal: this.#signal });
      const outcome = await this.#patient.apply([event], waiting);
      if (outcome.kind !== 'failed') return;
      error = outcome.error;
    }
    await this.addDeadLetter(event.position, error, maxTries);
  }
}
