import { setTimeout } from 'node:timers/promises';
import type { Logger } from '@rookery/service';
import type { EventStore, StoredEvent } from '@rookery/stores/event-store';
import { OutOfStep, type Queue, QueueFull } from '@rookery/stores/queue';
import { pause } from './pause.ts';

/** RECORDED knows positions that the event store doesn't: they don't belong together, and going on would mix them. */
export class Diverged extends Error {
  override readonly name = 'Diverged';
}

export interface HandOnOptions {
  readonly store: Pick<EventStore, 'read'>;
  readonly queue: Pick<Queue, 'prepare' | 'handOn' | 'handedOn' | 'hasAllHandedOn' | 'renewRecorded'>;
  readonly log: Logger;
  /** Ends everything here. */
  readonly signal: AbortSignal;
  /** Last position of the event store. */
  readonly head: number;
}

/** Events that are read from the store and handed on at a time. */
const page = 500;
/** While that goes on, so many pages are waited for after each batch: recording can't run away from it for ever. */
const pagesPerBatch = 2;
/** How often it is checked that RECORDED still has what it was given. Milliseconds. */
const checkEvery = 2_000;
/**
 * RECORDED refuses the next position so often in a row, though that is what it asks for: then what it says of itself
 * and what it holds are not the same any more (its disk was full, or lost), and it will never take anything.
 */
const refusalsInRow = 3;

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));

/**
 * Gives RECORDED every recorded event, in order. As a rule each batch goes there as soon as it is appended; after
 * a start, and after anything that went wrong, what is missing is read back from the store, while recording goes on.
 */
export class HandOn {
  /** Settles where going on makes no sense. */
  readonly failed: Promise<Diverged>;
  readonly #options: HandOnOptions;
  readonly #fail: (why: Diverged) => void;
  /** Last position in the store, and in RECORDED as far as is known. */
  #appended: number;
  #handed: number;
  #catchingUp: Promise<void> | undefined;
  #direct: Promise<boolean> | undefined;
  #problem: Error | undefined;
  #progress = Promise.withResolvers<void>();

  constructor(options: HandOnOptions) {
    const { promise, resolve } = Promise.withResolvers<Diverged>();
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
   * Takes what was just appended; called in order of position, one call after the other.
   * @returns true once RECORDED has it, false where that will come later
   */
  async push(events: readonly StoredEvent[]): Promise<boolean> {
    const first = events[0];
    const last = events.at(-1);
    if (!first || !last) return true;
    this.#appended = last.position;
    if (!this.#catchingUp && this.#handed === first.position - 1) {
      this.#direct = this.#give(events).then(
        () => true,
        (error: unknown) => {
          // Recording must not wait for what is known to be stuck.
          this.#problem = asError(error);
          this.#options.log.warn({ error }, 'handing on failed; going on from the event store');
          return false;
        },
      );
      if (await this.#direct) return true;
    }
    this.#catchUp();
    // Where it goes on; where it is stuck, recording is not.
    for (let i = 0; i < pagesPerBatch && this.#catchingUp && this.#problem === undefined; i++)
      await this.#progress.promise;
    return false;
  }

  /** Resolves when nothing is on its way any more. Abort the signal first. */
  async stopped(): Promise<void> {
    await this.#direct;
    await this.#catchingUp;
  }

  async #give(events: readonly StoredEvent[]): Promise<void> {
    await this.#options.queue.handOn(events);
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
    const { queue, log, signal } = this.#options;
    let failures = 0;
    let refusals = 0;
    let full = false;
    try {
      while (!signal.aborted) {
        try {
          if (refusals >= refusalsInRow) await this.#renew('it refuses every position');
          if (!full) await queue.prepare();
          const stoodAt = this.#handed;
          this.#handed = await queue.handedOn();
          if (this.#handed > this.#appended) return this.#diverge();
          if (this.#handed !== stoodAt) refusals = 0;
          const missing = this.gap;
          while (this.#handed < this.#appended && !signal.aborted) {
            await this.#givePage();
            failures = 0;
            refusals = 0;
          }
          this.#problem = undefined;
          if (missing > 0) log.info({ missing, upTo: this.#handed }, 'handed on what was missing');
          return;
        } catch (error) {
          failures += 1;
          refusals = error instanceof OutOfStep ? refusals + 1 : 0;
          full = error instanceof QueueFull;
          this.#problem = asError(error);
          this.#progressed();
          log[failures === 1 ? 'warn' : 'debug']({ error, gap: this.gap }, 'handing on is delayed');
          await pause(failures, signal);
        }
      }
    } finally {
      // In the very turn in which nothing was missing any more, so that no batch slips through between.
      this.#catchingUp = undefined;
      this.#progressed();
    }
  }

  async #givePage(): Promise<void> {
    const events = await this.#options.store.read(this.#handed, page);
    if (events.length === 0) throw new Error(`the event store has nothing behind position ${this.#handed}`);
    await this.#give(events);
    this.#problem = undefined;
    this.#progressed();
  }

  /** Empties RECORDED; what follows fills it from the event store. What the projections had already changes nothing. */
  async #renew(why: string): Promise<void> {
    const { queue, log } = this.#options;
    log.error({ why, handedOn: this.#handed }, 'RECORDED is made anew');
    await queue.renewRecorded();
  }

  #diverge(): void {
    const why = new Diverged(
      `RECORDED is at position ${this.#handed}, but the event store only at ${this.#appended}: they don't belong together`,
    );
    this.#problem = why;
    this.#fail(why);
  }

  /** A queue that lost its data while nothing is written must be filled again too. */
  async #check(): Promise<void> {
    const { queue, signal } = this.#options;
    for (;;) {
      await setTimeout(checkEvery, undefined, { signal }).catch(() => {});
      if (signal.aborted) return;
      if (this.#catchingUp) continue;
      const before = this.#handed;
      const found = await queue.handedOn().catch(() => undefined);
      // Only what stood still during the question can be compared.
      if (found !== undefined && found !== before && this.#handed === before) this.#catchUp();
      else if (!(await queue.hasAllHandedOn().catch(() => true)) && !signal.aborted)
        await this.#renew('it has lost what it was given').then(
          () => this.#catchUp(),
          (error: unknown) => this.#options.log.warn({ error }, 'RECORDED could not be made anew'),
        );
    }
  }
}
