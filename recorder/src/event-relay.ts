import { setTimeout } from 'node:timers/promises';
import type { EventStore } from '@rookery/event-store';
import { OutOfSequenceError, type Queue, QueueFullError, type RelayedEvent } from '@rookery/message-queue';
import { type Logger, waitBeforeRetry } from '@rookery/runtime';

/** RECORDED has positions that the event store lacks: they belong to different histories and must not be mixed. */
export class DivergedHistoryError extends Error {
  override readonly name = 'DivergedHistoryError';
}

export interface EventRelayOptions {
  readonly store: Pick<EventStore, 'read'>;
  readonly queue: Pick<
    Queue,
    'prepare' | 'relay' | 'lastPublished' | 'hasAllPublished' | 'renewRecorded' | 'skipRecorded'
  >;
  readonly log: Logger;
  /** Last position in the event store before the first that is pushed. */
  readonly head: number;
}

/** Number of events that are read from the store and published at a time. */
const page = 500;
/** Pages of a catch-up that each new batch waits for, so that recording cannot outrun the relay forever. */
const pagesPerBatch = 2;
/** Maximum number of events that an empty RECORDED is filled with. */
const maxRefilled = 10_000;
/** Interval between checks that RECORDED still holds what was published. */
const checkIntervalMs = 2_000;
/**
 * Number of consecutive refusals of the position that RECORDED itself asks for, after which the stream is recreated: its
 * state no longer matches its data (its disk was full or lost), and it would refuse every position.
 */
const refusalsInRow = 3;

/** State of a catch-up. */
interface CatchUpState {
  /** Number of consecutive failures. */
  failures: number;
  /** Number of consecutive refusals of the position that RECORDED asks for. */
  refusals: number;
  /** True if RECORDED was full at the last attempt. */
  isFull: boolean;
}

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));

/**
 * Publishes every recorded event to RECORDED, in order. Usually each batch is published as soon as it is appended. After a
 * start or a failure, the relay reads the missing events from the store while recording continues.
 */
export class EventRelay {
  /** Resolves if the relay cannot continue. */
  readonly failed: Promise<DivergedHistoryError>;
  readonly #options: EventRelayOptions;
  readonly #stopping = new AbortController();
  readonly #fail: (why: DivergedHistoryError) => void;
  /** Last position that was pushed, and the last known position in RECORDED. */
  #appended: number;
  #handed: number;
  #catchingUp: Promise<void> | undefined;
  #direct: Promise<boolean> | undefined;
  #problem: Error | undefined;
  #progress = Promise.withResolvers<void>();

  constructor(options: EventRelayOptions) {
    const { promise, resolve } = Promise.withResolvers<DivergedHistoryError>();
    this.failed = promise;
    this.#fail = resolve;
    this.#options = options;
    this.#appended = options.head;
    this.#handed = options.head;
    this.#catchUp();
    void this.#check();
  }

  get gap(): number {
    return Math.max(0, this.#appended - this.#handed);
  }

  /** Reason why events are not relayed at the moment; undefined if they are. */
  get problem(): Error | undefined {
    return this.#problem;
  }

  /**
   * Publishes events that were just appended. Calls must be sequential and in order of position.
   * @returns true once RECORDED has the events, false if the relay publishes them later
   */
  async push(events: readonly RelayedEvent[]): Promise<boolean> {
    const first = events[0];
    const last = events.at(-1);
    if (!first || !last) return true;
    this.#appended = last.position;
    if (!this.#catchingUp && this.#handed === first.position - 1) {
      this.#direct = this.#give(events).then(
        () => true,
        (error: unknown) => {
          // Recording must not wait for a relay that is known to be stuck.
          this.#problem = asError(error);
          this.#options.log.warn({ error }, 'failed to publish to RECORDED; continuing from the event store');
          return false;
        },
      );
      if (await this.#direct) return true;
    }
    this.#catchUp();
    // Waits only for a catch-up that makes progress: a stuck relay must not stop recording.
    for (let i = 0; i < pagesPerBatch && this.#catchingUp && this.#problem === undefined; i++)
      await this.#progress.promise;
    return false;
  }

  /** Stops catching up. Resolves when no publish is pending. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#direct;
    await this.#catchingUp;
  }

  async #give(events: readonly RelayedEvent[]): Promise<void> {
    await this.#options.queue.relay(events);
    this.#handed = events.at(-1)?.position ?? this.#handed;
  }

  #catchUp(): void {
    this.#catchingUp ??= this.#run();
  }

  #progressed(): void {
    this.#progress.resolve();
    this.#progress = Promise.withResolvers<void>();
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    const state: CatchUpState = { failures: 0, refusals: 0, isFull: false };
    try {
      while (!signal.aborted) {
        try {
          const missing = await this.#compare(state);
          if (this.#handed > this.#appended) return this.#diverge();
          while (this.#handed < this.#appended && !signal.aborted) {
            await this.#givePage();
            state.failures = 0;
            state.refusals = 0;
          }
          return this.#caughtUp(missing);
        } catch (error) {
          this.#noteFailure(error, state);
          await waitBeforeRetry(state.failures, { signal });
        }
      }
    } finally {
      // Reset in the same turn in which the catch-up ended, so that no batch falls in between.
      this.#catchingUp = undefined;
      this.#progressed();
    }
  }

  /** Reads the last position in RECORDED. Returns the number of events that RECORDED lacks. */
  async #compare(state: CatchUpState): Promise<number> {
    const { queue } = this.#options;
    if (state.refusals >= refusalsInRow) await this.#renew('RECORDED refuses every position');
    if (!state.isFull) await queue.prepare();
    const before = this.#handed;
    this.#handed = await queue.lastPublished();
    if (this.#handed === 0 && this.#appended > maxRefilled) await this.#startAtEnd();
    if (this.#handed !== before) state.refusals = 0;
    return this.gap;
  }

  /**
   * Lets a new or emptied RECORDED continue after the last event. Each projection reads what it lacks from the event store,
   * usually little: to publish the whole history would take longer and fill the queue.
   */
  async #startAtEnd(): Promise<void> {
    const { store, queue, log } = this.#options;
    const position = this.#appended;
    const [last] = await store.read(position - 1, 1);
    if (!last || !(await queue.skipRecorded(last))) return;
    this.#handed = position;
    log.warn(
      { position },
      'RECORDED was empty and continues after the last event; projections read the others',
    );
  }

  #caughtUp(missing: number): void {
    this.#problem = undefined;
    if (missing > 0)
      this.#options.log.info({ missing, upTo: this.#handed }, 'published the missing events to RECORDED');
  }

  #noteFailure(error: unknown, state: CatchUpState): void {
    state.failures += 1;
    state.refusals = error instanceof OutOfSequenceError ? state.refusals + 1 : 0;
    state.isFull = error instanceof QueueFullError;
    this.#problem = asError(error);
    this.#progressed();
    this.#options.log[state.failures === 1 ? 'warn' : 'debug'](
      { error, gap: this.gap },
      'publishing to RECORDED is delayed',
    );
  }

  async #givePage(): Promise<void> {
    // The store may have more, which `push` brings in turn.
    const events = await this.#options.store.read(this.#handed, Math.min(page, this.gap));
    if (events.length === 0) throw new Error(`the event store has no event after position ${this.#handed}`);
    await this.#give(events);
    this.#problem = undefined;
    this.#progressed();
  }

  /** Empties RECORDED, which is then filled again. Projections ignore events that they already applied. */
  async #renew(why: string): Promise<void> {
    const { queue, log } = this.#options;
    log.error({ why, lastPublished: this.#handed }, 'recreating RECORDED');
    await queue.renewRecorded();
  }

  #diverge(): void {
    const why = new DivergedHistoryError(
      `RECORDED is at position ${this.#handed}, but the event store only at ${this.#appended}: they don't belong together`,
    );
    this.#problem = why;
    this.#fail(why);
  }

  /** Detects a queue that lost its data while no event arrives, and refills it. */
  async #check(): Promise<void> {
    const { queue } = this.#options;
    const { signal } = this.#stopping;
    for (;;) {
      await setTimeout(checkIntervalMs, undefined, { signal }).catch(() => {});
      if (signal.aborted) return;
      if (this.#catchingUp) continue;
      const before = this.#handed;
      const found = await queue.lastPublished().catch(() => undefined);
      // The answer is comparable only if nothing was published in the meantime.
      if (found !== undefined && found !== before && this.#handed === before) this.#catchUp();
      else if (!(await queue.hasAllPublished().catch(() => true)) && !signal.aborted)
        await this.#renew('RECORDED lost events that were published to it').then(
          () => this.#catchUp(),
          (error: unknown) => this.#options.log.warn({ error }, 'failed to recreate RECORDED'),
        );
    }
  }
}
