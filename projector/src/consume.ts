import { type Documents, DocumentsUnavailableError, StatementTimeoutError } from '@rookery/document-store';
import type { Batches, Delivery } from '@rookery/message-queue';
import { crashPoint, type Logger, waitBeforeRetry } from '@rookery/runtime';
import {
  MalformedEventError,
  type RecordedEvent,
  readEvent,
  type StoredEvent,
  UnknownEventVersionError,
} from '@rookery/schema/events';
import { createAdaptiveBatchSize } from './adaptive-batch-size.ts';
import type { Apply } from './apply.ts';
import { type Hints, joinHints } from './hints.ts';
import type { ProjectorMetrics } from './metrics.ts';
import type { Parking } from './parking.ts';
import type { Progress } from './progress.ts';
import { tracesOf } from './trace.ts';

/** Maximum number of events in a batch. */
export const batchSize = 256;

/** Delay before redelivery of an event whose store went down while it waited for a count. Milliseconds. */
const giveBackAfterMs = 500;

export interface ConsumeOptions {
  readonly projection: string;
  readonly batches: Batches<StoredEvent>;
  readonly apply: Apply;
  readonly documents: Pick<Documents, 'prepare'>;
  /** Rejects if the store is slow for every statement (see probe-store.ts). */
  readonly probe: () => Promise<void>;
  readonly parking: Parking;
  readonly progress: Pick<Progress, 'note'>;
  /** Called on each failure caused by a store, with the length of the outage in milliseconds. */
  readonly onAway?: (milliseconds: number) => void;
  readonly log: Logger;
  readonly metrics: ProjectorMetrics;
}

export interface Consumer extends AsyncDisposable {
  /** @throws the reason why this projection has stopped */
  check(): Promise<void>;
}

interface Readable {
  readonly delivery: Delivery<StoredEvent>;
  readonly recorded: RecordedEvent;
}

/**
 * Consumes the events of one projection: pulls a batch, applies it, acknowledges it, and notes progress and
 * hints, until it is disposed of.
 *
 * There are three kinds of failure:
 * - A store does not answer: the batch waits for the store, and no event is blamed.
 * - An event cannot be applied although the stores work, because it makes the code fail or a statement exceed
 *   its limit: the event is retried alone and then parked, while the others continue.
 * - An event has a kind that this build does not know: the projection stops and skips nothing.
 */
export const consume = (options: ConsumeOptions): Consumer => {
  const { projection, batches, parking, log, metrics } = options;
  const stopping = new AbortController();
  let stopped: unknown;
  metrics.stopped.set({ projection }, 0);

  const run = async (): Promise<void> => {
    for await (const batch of batches) {
      const done = metrics.batch.startTimer({ projection });
      await handle(batch);
      done();
    }
  };

  /** Milliseconds since the epoch. */
  let batchBegan = Date.now();

  const handle = async (batch: readonly Delivery<StoredEvent>[]): Promise<void> => {
    batchBegan = Date.now();
    const readable = batch.map((delivery) => ({ delivery, read: read(delivery) }));
    for (const { delivery, read } of readable) {
      if (read instanceof Error) {
        metrics.failures.inc({ projection, reason: 'event' });
        await parking.hopeless(delivery, read);
      }
    }
    const events = readable.flatMap(({ delivery, read }) =>
      read instanceof Error ? [] : [{ delivery, recorded: read }],
    );
    if (events.length > 0) await applyAll(events);
  };

  const applyAll = async (events: readonly Readable[]): Promise<void> => {
    const suspects = events.filter(({ delivery }) => parking.hasFailed(delivery));
    if (suspects.length === 0) return applyTogether(events);
    const others = events.filter((one) => !suspects.includes(one));
    if (others.length > 0) await applyTogether(others);
    for (const suspect of suspects) if (!stopping.signal.aborted) await applyTogether([suspect]);
  };

  const applyTogether = async (events: readonly Readable[]): Promise<void> => {
    const outcome = await tryApply(events);
    if (outcome.hints) return finish(events, outcome.hints);
    if (stopping.signal.aborted) return;
    // The stores work, so one of the events is to blame; the others must not suffer for it.
    const [good, hints]: [Readable[], Hints[]] = [[], []];
    for (const one of events) {
      const { hints: own, error } = events.length > 1 ? await tryApply([one]) : outcome;
      if (stopping.signal.aborted) return;
      if (own) {
        good.push(one);
        hints.push(own);
      } else {
        metrics.failures.inc({ projection, reason: 'event' });
        await parking.failed(one.delivery, error);
      }
    }
    if (good.length > 0) finish(good, joinHints(hints));
  };

  const adaptiveSize = createAdaptiveBatchSize(batchSize);

  /** Applies these events. Waits for the stores as long as it takes. */
  const tryApply = async (events: readonly Readable[]): Promise<{ hints?: Hints; error?: unknown }> => {
    let [answered, failures] = [performance.now(), 0];
    const hints: Hints[] = [];
    let left = events.map(({ recorded }) => recorded);
    while (!stopping.signal.aborted) {
      let some = left;
      try {
        while (left.length > 0) {
          some = left.slice(0, adaptiveSize.size);
          hints.push(await adaptiveSize.tried(() => options.apply(some)));
          left = left.slice(some.length);
          [answered, failures] = [performance.now(), 0];
        }
        return { hints: joinHints(hints) };
      } catch (error) {
        // A smaller batch may fit into the limit. If a single event does not fit, it is to blame.
        if (error instanceof StatementTimeoutError && some.length > 1) continue;
        const outage = await outageBehind(error);
        if (outage === undefined) return { error };
        failures += 1;
        metrics.failures.inc({ projection, reason: 'store' });
        log[failures === 1 ? 'error' : 'debug'](
          { error: outage, failures },
          'a store is down; waiting for it',
        );
        options.onAway?.(performance.now() - answered);
        await waitBeforeRetry(failures, { signal: stopping.signal });
      }
    }
    return {};
  };

  /**
   * Returns the error if a store and not an event is to blame. Preparing the store again checks both reading
   * and writing; after a statement timeout, a probe checks whether other statements are slow as well.
   */
  const outageBehind = async (error: unknown): Promise<unknown> => {
    if (error instanceof DocumentsUnavailableError) return error;
    const isWell = error instanceof StatementTimeoutError ? options.probe() : options.documents.prepare();
    return isWell.then(
      () => undefined,
      (unwell: unknown) => unwell,
    );
  };

  /**
   * Acknowledges the applied events. Every other event is acknowledged once the count that it waits for is
   * written, or fails alone.
   */
  const finish = (events: readonly Readable[], { owed = new Map(), ...hints }: Hints): void => {
    const began = batchBegan;
    const groups = Map.groupBy(events, ({ recorded }) => owed.get(recorded.position));
    for (const [counted, some] of groups) {
      if (counted === undefined) acknowledge(some, hints, began);
      else
        void counted.then(
          () => acknowledge(some, hints, began),
          (error: unknown) => setAside(some, error),
        );
    }
  };

  const setAside = async (events: readonly Readable[], error: unknown): Promise<void> => {
    if (stopping.signal.aborted) return;
    if (await outageBehind(error)) return giveBack(events);
    for (const { delivery } of events) {
      metrics.failures.inc({ projection, reason: 'event' });
      await parking.failed(delivery, error);
    }
  };

  /** Returns events that are not to blame to the queue. The batch in which they return waits for the store. */
  const giveBack = (events: readonly Readable[]): void => {
    for (const { delivery } of events) delivery.retry(giveBackAfterMs);
  };

  const acknowledge = (events: readonly Readable[], hints: Hints, began: number): void => {
    crashPoint('after-apply');
    const upTo = Math.max(...events.map(({ recorded }) => recorded.position));
    for (const { delivery } of events) delivery.ack();
    parking.succeeded(events.map(({ delivery }) => delivery));
    metrics.applied.inc({ projection }, events.length);
    log.info(
      {
        events: events.length,
        upTo,
        requestIds: [...new Set(events.flatMap(({ recorded }) => recorded.event.requestid ?? []))],
      },
      'applied',
    );
    options.progress.note(upTo, hints, tracesOf(projection, began, events));
  };

  const standStill = (error: unknown): void => {
    stopped = error;
    metrics.stopped.set({ projection }, 1);
    const known = error instanceof UnknownEventVersionError;
    log.fatal(
      { error },
      known ? 'an event of a kind unknown here: nothing goes on' : 'the projection failed',
    );
  };
  const running = run().catch(standStill);

  return {
    async check() {
      if (stopped !== undefined) throw stopped;
    },
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await batches.stop();
      await running;
    },
  };
};

/**
 * Returns the event, or the error that makes it permanently unreadable.
 * @throws UnknownEventVersionError
 */
const read = ({ value, unreadable }: Delivery<StoredEvent>): RecordedEvent | Error => {
  if (!value) return unreadable ?? new MalformedEventError('nothing was delivered');
  try {
    return { position: value.position, recordedAt: value.recordedAt, event: readEvent(value.event) };
  } catch (error) {
    if (error instanceof MalformedEventError) return error;
    throw error;
  }
};
