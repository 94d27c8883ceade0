import { type Documents, DocumentsUnavailableError, StatementTimeoutError } from '@rookery/document-store';
import { type Logger, waitBeforeRetry } from '@rookery/runtime';
import type { RecordedEvent } from '@rookery/schema/events';
import { createAdaptiveBatchSize } from './adaptive-batch-size.ts';
import type { Apply } from './apply.ts';
import { type Hints, joinHints } from './hints.ts';
import type { ProjectorMetrics } from './metrics.ts';
import type { Turns } from './turns.ts';

/** Maximum number of events in a batch. */
export const batchSize = 1_000;

export interface PatientApplyOptions {
  readonly projection: string;
  readonly apply: Apply;
  readonly documents: Pick<Documents, 'prepare'>;
  /** Rejects if the store is slow for every statement (see probe-store.ts). */
  readonly probe: () => Promise<void>;
  /** Called on each failure caused by a store, with the length of the outage. */
  readonly onAway?: (outageMs: number) => void;
  /** Divides the time of the process between its projections. Absent: this one takes what it needs. */
  readonly turns?: Turns;
  readonly log: Logger;
  readonly metrics: Pick<ProjectorMetrics, 'failures'>;
}

/** Result of applying a batch. `failed`: the stores work, so one of the events is to blame. */
export type Outcome =
  | { readonly kind: 'applied'; readonly hints: Hints }
  | { readonly kind: 'failed'; readonly error: unknown }
  | { readonly kind: 'stopped' };

/** State of a batch that is being applied. */
interface Attempt {
  left: readonly RecordedEvent[];
  /** Number of events that wait behind the batch. */
  readonly waiting: number;
  /** Size of the last part that was tried. */
  tried: number;
  readonly hints: Hints[];
  /** Number of consecutive failures caused by a store. */
  failures: number;
  answeredAt: number;
}

/** Applies batches of events, and waits for a store that is down for as long as it takes. */
export class PatientApply {
  readonly #options: PatientApplyOptions;
  readonly #signal: AbortSignal;
  readonly #adaptiveSize = createAdaptiveBatchSize(batchSize);

  /** @param signal ends the waiting */
  constructor(options: PatientApplyOptions, signal: AbortSignal) {
    this.#options = options;
    this.#signal = signal;
  }

  /** @param waiting number of events that wait behind these */
  async apply(events: readonly RecordedEvent[], waiting: number): Promise<Outcome> {
    const attempt: Attempt = {
      left: events,
      waiting,
      tried: 0,
      hints: [],
      failures: 0,
      answeredAt: performance.now(),
    };
    while (!this.#signal.aborted) {
      try {
        while (attempt.left.length > 0) await this.#applyPart(attempt);
        return { kind: 'applied', hints: joinHints(attempt.hints) };
      } catch (error) {
        // A smaller batch may fit into the limit. If a single event does not fit, it is to blame.
        if (error instanceof StatementTimeoutError && attempt.tried > 1) continue;
        const outage = await this.#findOutage(error);
        if (outage === undefined) return { kind: 'failed', error };
        await this.#awaitStore(attempt, outage);
      }
    }
    return { kind: 'stopped' };
  }

  async #applyPart(attempt: Attempt): Promise<void> {
    const { left, waiting } = attempt;
    const position = left[0]?.position ?? 0;
    const { turns } = this.#options;
    if (!turns) return this.#applyAtMost(attempt, left.length);
    await turns.take({ position, waiting }, (maxEvents) => this.#applyAtMost(attempt, maxEvents));
  }

  async #applyAtMost(attempt: Attempt, maxEvents: number): Promise<void> {
    const part = attempt.left.slice(0, Math.min(maxEvents, this.#adaptiveSize.size));
    attempt.tried = part.length;
    attempt.hints.push(await this.#adaptiveSize.tried(() => this.#options.apply(part)));
    attempt.left = attempt.left.slice(part.length);
    attempt.answeredAt = performance.now();
    attempt.failures = 0;
  }

  async #awaitStore(attempt: Attempt, outage: unknown): Promise<void> {
    const { projection, log, metrics, onAway } = this.#options;
    attempt.failures += 1;
    const { failures } = attempt;
    metrics.failures.inc({ projection, reason: 'store' });
    log[failures === 1 ? 'error' : 'debug']({ error: outage, failures }, 'a store is down; waiting for it');
    onAway?.(performance.now() - attempt.answeredAt);
    await waitBeforeRetry(failures, { signal: this.#signal });
  }

  /**
   * Returns the error if a store and not an event is to blame. Preparing the store again checks both reading
   * and writing; after a statement timeout, a probe checks whether other statements are slow as well.
   */
  async #findOutage(error: unknown): Promise<unknown> {
    if (error instanceof DocumentsUnavailableError) return error;
    const { probe, documents } = this.#options;
    const isWell = error instanceof StatementTimeoutError ? probe() : documents.prepare();
    return isWell.then(
      () => undefined,
      (unwell: unknown) => unwell,
    );
  }
}
