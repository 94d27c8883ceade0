import type { Batches, Delivery } from '@rookery/message-queue';
import { crashPoint } from '@rookery/runtime';
import {
  MalformedEventError,
  type RecordedEvent,
  readEvent,
  type StoredEvent,
  UnknownEventVersionError,
} from '@rookery/schema/events';
import type { DeadLetters } from './dead-letters.ts';
import { type Hints, joinHints } from './hints.ts';
import type { ProjectorMetrics } from './metrics.ts';
import { PatientApply, type PatientApplyOptions } from './patient-apply.ts';
import type { Progress } from './progress.ts';
import { tracesOf } from './trace.ts';

export interface ConsumeOptions extends PatientApplyOptions {
  readonly batches: Batches<StoredEvent>;
  readonly deadLetters: DeadLetters;
  readonly progress: Pick<Progress, 'note'>;
  readonly metrics: ProjectorMetrics;
}

export interface Consumer extends AsyncDisposable {
  /** @throws the reason why this projection has stopped */
  check(): Promise<void>;
}

/** A delivery that holds an event. */
interface ReadableDelivery {
  readonly delivery: Delivery<StoredEvent>;
  readonly recorded: RecordedEvent;
}

/** Deliveries of one batch. */
interface Batch {
  /** Milliseconds since the epoch. */
  readonly beganAt: number;
  readonly events: readonly ReadableDelivery[];
}

/**
 * Consumes the events of one projection: pulls a batch, applies it, acknowledges it, and notes progress and
 * hints, until it is disposed of.
 *
 * There are three kinds of failure:
 * - A store does not answer: the batch waits for the store, and no event is blamed.
 * - An event cannot be applied although the stores work, because it makes the code fail or a statement exceed
 *   its limit: the event is retried alone and then becomes a dead letter, while the others continue.
 * - An event has a kind that this build does not know: the projection stops and skips nothing.
 */
export const consume = (options: ConsumeOptions): Consumer => new ProjectionConsumer(options);

class ProjectionConsumer implements Consumer {
  readonly #options: ConsumeOptions;
  readonly #stopping = new AbortController();
  readonly #patient: PatientApply;
  readonly #running: Promise<void>;
  /** Reason why this projection has stopped. */
  #failure: unknown;

  constructor(options: ConsumeOptions) {
    this.#options = options;
    this.#patient = new PatientApply(options, this.#stopping.signal);
    options.metrics.stopped.set({ projection: options.projection }, 0);
    this.#running = this.#run().catch((error: unknown) => this.#stop(error));
  }

  async check(): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    await this.#options.batches.stop();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { projection, batches, metrics } = this.#options;
    for await (const batch of batches) {
      const done = metrics.batch.startTimer({ projection });
      await this.#handle(batch);
      done();
    }
  }

  #stop(error: unknown): void {
    const { projection, log, metrics } = this.#options;
    this.#failure = error;
    metrics.stopped.set({ projection }, 1);
    log.fatal(
      { error },
      error instanceof UnknownEventVersionError
        ? 'the event has a version that this build does not know; the projection stops'
        : 'the projection failed',
    );
  }

  async #handle(deliveries: readonly Delivery<StoredEvent>[]): Promise<void> {
    const beganAt = Date.now();
    const events: ReadableDelivery[] = [];
    const hopeless: { delivery: Delivery<StoredEvent>; error: Error }[] = [];
    for (const delivery of deliveries) {
      const recorded = read(delivery);
      if (recorded instanceof Error) hopeless.push({ delivery, error: recorded });
      else events.push({ delivery, recorded });
    }
    for (const { delivery, error } of hopeless) {
      this.#countEventFailure();
      await this.#options.deadLetters.hopeless(delivery, error);
    }
    if (events.length > 0) await this.#applySuspectsAlone({ beganAt, events });
  }

  /** Applies the events that have failed before one by one, and the others together. */
  async #applySuspectsAlone(batch: Batch): Promise<void> {
    const { beganAt, events } = batch;
    const { deadLetters } = this.#options;
    const suspects = events.filter(({ delivery }) => deadLetters.hasFailed(delivery));
    if (suspects.length === 0) return this.#apply(batch);
    const others = events.filter((one) => !suspects.includes(one));
    if (others.length > 0) await this.#apply({ beganAt, events: others });
    for (const suspect of suspects) {
      if (this.#stopping.signal.aborted) return;
      await this.#apply({ beganAt, events: [suspect] });
    }
  }

  async #apply(batch: Batch): Promise<void> {
    const { events } = batch;
    const waiting = events.at(-1)?.delivery.waiting ?? 0;
    const outcome = await this.#patient.apply(
      events.map(({ recorded }) => recorded),
      waiting,
    );
    if (outcome.kind === 'applied') return this.#acknowledge(batch, outcome.hints);
    if (outcome.kind === 'stopped' || this.#stopping.signal.aborted) return;
    if (events.length === 1) return this.#blame(events, outcome.error);
    await this.#applyEachAlone(batch);
  }

  /** One of the events is to blame, and the others must not suffer for it. */
  async #applyEachAlone({ beganAt, events }: Batch): Promise<void> {
    const applied: ReadableDelivery[] = [];
    const hints: Hints[] = [];
    for (const one of events) {
      const outcome = await this.#patient.apply([one.recorded], one.delivery.waiting);
      if (outcome.kind === 'stopped' || this.#stopping.signal.aborted) return;
      if (outcome.kind === 'applied') {
        applied.push(one);
        hints.push(outcome.hints);
      } else await this.#blame([one], outcome.error);
    }
    if (applied.length > 0) this.#acknowledge({ beganAt, events: applied }, joinHints(hints));
  }

  #acknowledge({ beganAt, events }: Batch, hints: Hints): void {
    const { projection, deadLetters, progress, log, metrics } = this.#options;
    crashPoint('after-apply');
    const positions = events.map(({ recorded }) => recorded.position);
    for (const { delivery } of events) delivery.ack();
    deadLetters.succeeded(events.map(({ delivery }) => delivery));
    metrics.applied.inc({ projection }, events.length);
    this.#observeAges(events);
    log.info(
      {
        events: events.length,
        upTo: Math.max(...positions),
        requestIds: [...new Set(events.flatMap(({ recorded }) => recorded.event.requestid ?? []))],
      },
      'applied',
    );
    progress.note({
      positions,
      waiting: events.at(-1)?.delivery.waiting ?? 0,
      hints,
      traces: tracesOf(projection, beganAt, events),
    });
  }

  /** An event from a process whose clock is ahead has age 0. */
  #observeAges(events: readonly ReadableDelivery[]): void {
    const { projection, metrics } = this.#options;
    const age = metrics.age.labels({ projection });
    const now = Date.now();
    for (const { recorded } of events)
      age.observe(Math.max(0, now - Date.parse(recorded.event.time)) / 1_000);
  }

  async #blame(events: readonly ReadableDelivery[], error: unknown): Promise<void> {
    for (const { delivery } of events) {
      this.#countEventFailure();
      await this.#options.deadLetters.failed(delivery, error);
    }
  }

  #countEventFailure(): void {
    const { projection, metrics } = this.#options;
    metrics.failures.inc({ projection, reason: 'event' });
  }
}

/**
 * Returns the event, or the error that makes it permanently unreadable.
 * @throws UnknownEventVersionError
 */
const read = ({ value, unreadable }: Delivery<StoredEvent>): RecordedEvent | Error => {
  if (!value) return unreadable ?? new MalformedEventError('nothing was delivered');
  const known = alreadyRead.get(value);
  if (known) return known;
  const event = readOrExplain(value);
  alreadyRead.set(value, event);
  return event;
};

/** Events that a projection of this process has read: all of them receive the same objects. */
const alreadyRead = new WeakMap<StoredEvent, RecordedEvent | Error>();

const readOrExplain = ({ position, recordedAt, event }: StoredEvent): RecordedEvent | Error => {
  try {
    return { position, recordedAt, event: readEvent(event) };
  } catch (error) {
    if (error instanceof MalformedEventError) return error;
    throw error;
  }
};
