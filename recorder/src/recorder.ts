import type { EventStore, EventWriter } from '@rookery/event-store';
import { type Queue, QueueFullError } from '@rookery/message-queue';
import { type Logger, waitBeforeRetry } from '@rookery/runtime';
import { DivergedHistoryError, type EventRelay } from './event-relay.ts';
import type { RecorderMetrics } from './metrics.ts';
import { record } from './record.ts';

export interface RecorderOptions {
  readonly store: EventStore;
  readonly queue: Queue;
  readonly metrics: RecorderMetrics;
  readonly log: Logger;
}

/**
 * `standby`: another process is the writer, and this one is ready to take over. `recording`: this process is the writer.
 * `away`: the event store or the queue is unavailable, and the recorder keeps trying to reach it.
 */
export type RecorderState = 'starting' | 'standby' | 'recording' | 'away';

/** A recorder process: waits until it is the writer, records, and starts over after any failure. */
export class Recorder {
  readonly #options: RecorderOptions;
  readonly #stopping = new AbortController();
  readonly #done: Promise<void>;
  #state: RecorderState = 'starting';
  #problem: string | undefined;
  /** Number of failures since this process last recorded. */
  #failures = 0;
  #relay: EventRelay | undefined;

  constructor(options: RecorderOptions) {
    this.#options = options;
    this.#done = this.#run();
  }

  get state(): RecorderState {
    return this.#state;
  }

  /** Number of recorded events that this process knows to be missing in RECORDED. */
  get gap(): number {
    return this.#relay?.gap ?? 0;
  }

  /**
   * Resolves if this process records or waits for another writer. A full RECORDED is no failure: the projections are
   * behind, and recording continues.
   * @throws the problem that stops recording
   */
  async check(): Promise<void> {
    if (this.#state !== 'recording' && this.#state !== 'standby')
      throw new Error(this.#problem ?? this.#state);
    // If the first of two queues is down, the projectors read the event store instead.
    const [first, second] = this.#options.queue.replicas();
    if (!first?.up && second?.up) return;
    const problem = this.#relay?.problem;
    if (problem !== undefined && !(problem instanceof QueueFullError)) throw problem;
  }

  /** Finishes the current batch and releases the other messages and the lock. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#done;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        await this.#session();
      } catch (error) {
        if (signal.aborted) return;
        await this.#handleFailure(error);
      }
    }
  }

  async #handleFailure(error: unknown): Promise<void> {
    this.#failures += 1;
    this.#state = 'away';
    this.#problem = error instanceof Error ? error.message : String(error);
    const failures = this.#failures;
    const hasDiverged = error instanceof DivergedHistoryError;
    const level = hasDiverged ? 'error' : failures === 1 ? 'warn' : 'debug';
    this.#options.log[level]({ error, failures }, 'recording stopped; trying again');
    await waitBeforeRetry(hasDiverged ? 10 : failures, { signal: this.#stopping.signal });
  }

  async #session(): Promise<void> {
    const { store, queue, metrics, log } = this.#options;
    const { signal } = this.#stopping;
    await store.prepare();
    this.#state = 'standby';
    let writer: EventWriter | undefined;
    try {
      writer = await store.acquireWriter(signal);
      this.#state = 'starting';
      await record({
        store,
        queue,
        writer,
        metrics,
        log,
        signal,
        began: (relay) => {
          this.#relay = relay;
          this.#state = 'recording';
          this.#failures = 0;
        },
      });
    } finally {
      this.#relay = undefined;
      await writer?.release();
    }
  }
}
