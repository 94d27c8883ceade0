import { type Documents, DocumentsUnavailableError, StatementTimeoutError } from '@rookery/document-store';
import type { Feeds } from '@rookery/feeds';
import type { Queue } from '@rookery/message-queue';
import type { CheckpointDoc } from '@rookery/read-models';
import { backoffMs, type Logger } from '@rookery/runtime';
import { AppliedRuns } from './applied-runs.ts';
import { Backlog } from './backlog.ts';
import { Checkpoints, readCheckpoint, type Urgency } from './checkpoint.ts';
import type { Hints } from './hints.ts';
import type { ProjectorMetrics } from './metrics.ts';
import { PendingHints } from './pending-hints.ts';
import type { Traces } from './trace.ts';

export interface ProgressOptions {
  /** Consumer name: a projection, or the standby of one. */
  readonly projection: string;
  /** Id of the checkpoint document. Default: the projection. */
  readonly document?: string;
  readonly queue: Pick<Queue, 'consumer' | 'skipBacklog' | 'lastPublished'>;
  /**
   * Number of waiting events from which they are applied from the event store instead of the queue, which takes about half the CPU
   * time. To begin with that takes as long as to apply about a thousand.
   */
  readonly catchUpFrom: number;
  readonly documents: Documents;
  /** Shared by all projections that keep their checkpoints in these documents. Default: its own. */
  readonly checkpoints?: Checkpoints;
  readonly feeds: Pick<Feeds, 'hint'>;
  /** Applies the events at these positions, both inclusive, from the event store. */
  readonly reapply: Reapply;
  /** Called after each check with the number of events that are not applied. */
  readonly onLag?: (events: number) => void;
  readonly log: Logger;
  readonly metrics: ProjectorMetrics;
}

/**
 * @param onProgress called when everything up to a position is applied; returns the position after which to continue, which is
 * greater if others have applied more
 */
export type Reapply = (
  from: number,
  to: number,
  onProgress: (position: number) => Promise<number>,
  signal: AbortSignal,
) => Promise<void>;

/** A batch that has been applied and acknowledged. */
interface AppliedBatch {
  readonly positions: readonly number[];
  /** Number of events that wait behind it. */
  readonly waiting: number;
  readonly hints: Hints;
  readonly traces: Traces;
}

export interface Progress extends AsyncDisposable {
  /** Registers a batch. Its hints are sent once the checkpoint has passed its last position. */
  note(batch: AppliedBatch): void;
  /** Reports that everything up to this position has been applied without the queue. */
  passed(position: number): void;
}

/** Intervals between reads of the floor: short after an acknowledgement, then longer. */
const looks = { firstMs: 2, maxMs: 250, jitter: 'none' } as const;
/** Interval between checks of a projection that is far behind, which soon show nothing new. */
const farBehindMs = 100;
/** Interval between reads of the floor while nothing waits for it. */
const idleMs = 1_000;
/** Time after a failed attempt to skip a backlog until the next one. */
const retrySkipMs = 30_000;
/**
 * Smallest gap that is logged as a warning. A worker that is killed after an acknowledgement leaves a smaller
 * one.
 */
const worthTelling = 1_000;

/** The queue did not return the acknowledgement floor. Preparing the documents again would not help. */
class UnknownFloorError extends Error {
  override name = 'UnknownFloorError';
}

/** Consumer of a checkpoint that has gone back, until its documents are complete again. No consumer has this name. */
const noConsumer = '';

/**
 * Outcome of an attempt to raise a checkpoint. `lost`: it has gone back. `doubtful`: it counts for another consumer, or for none, because another
 * worker has found that it has gone back.
 */
type Change = 'raised' | 'none' | 'lost' | 'doubtful';

/** Failures that preparing the documents cannot end. */
const unmended = [DocumentsUnavailableError, StatementTimeoutError, UnknownFloorError];

/**
 * Raises `progress/<projection>`, publishes the new position, and sends the hints of the events that have become
 * visible. A run of events without a hole that this process has applied after the checkpoint raises it at once. If there
 * is a hole, because other workers share the projection or an event became a dead letter, the acknowledgement floor of the
 * consumer tells when it is closed: it is the same for all workers, and the one that raises the checkpoint publishes it.
 *
 * The floor refers to the documents that existed at the time. They may differ at the start, after the
 * consumer was recreated, and after the checkpoint has gone back, which only a loss of data can cause. A new
 * RECORDED even starts after events that no projection has received. Then the events between checkpoint and floor are
 * applied from the event store before the checkpoint passes them, unless a rebuild raises the checkpoint meanwhile. As a
 * result a new standby, a standby that was down for long, wiped documents, a new queue and a restored backup all become
 * complete without an operator. A worker that is alone does the same with a long backlog: it lets its consumer continue at the end
 * of RECORDED (docs/adr/backlogs-from-the-event-store.md).
 */
export const followProgress = (options: ProgressOptions): Progress => new CheckpointFollower(options);

class CheckpointFollower implements Progress {
  readonly #options: ProgressOptions;
  /** Id of the checkpoint document. */
  readonly #document: string;
  readonly #checkpoints: Checkpoints;
  readonly #pending: PendingHints;
  readonly #applied = new AppliedRuns();
  readonly #backlog: Backlog;
  readonly #stopping = new AbortController();
  readonly #running: Promise<void>;
  /** Ends the current wait between two checks, or prevents the next one. */
  #wakeUp = Promise.withResolvers<void>();
  /** Time of the last look at the floor, as of `performance.now`. */
  #lookedAt = Number.NEGATIVE_INFINITY;
  /** Time until which no skip of a backlog is tried, as of `performance.now`. */
  #noSkipUntil = Number.NEGATIVE_INFINITY;
  /** Number of consecutive checks while hints wait. */
  #looks = 0;
  /** Consumer whose floor is known to refer to these documents. */
  #trustedSince: string | undefined;
  /** Last known position of the checkpoint. */
  #known = 0;
  /** Position reported by `passed`. */
  #past = 0;

  constructor(options: ProgressOptions) {
    this.#options = options;
    this.#document = options.document ?? options.projection;
    this.#checkpoints = options.checkpoints ?? new Checkpoints(options.documents);
    this.#pending = new PendingHints(options);
    this.#backlog = new Backlog(options);
    this.#running = this.#run();
  }

  note({ positions, waiting, hints, traces }: AppliedBatch): void {
    this.#applied.add(positions);
    this.#pending.add({ upTo: Math.max(...positions), hints, traces });
    this.#backlog.setWaiting(waiting);
    this.#checkSoon();
  }

  passed(position: number): void {
    this.#past = Math.max(this.#past, position);
    this.#checkSoon();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    this.#ring();
    await this.#running;
    this.#lookedAt = Number.NEGATIVE_INFINITY;
    await this.#check().catch((error) =>
      this.#options.log.debug({ error }, 'failed to raise the checkpoint at the stop'),
    );
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    let failures = 0;
    while (!signal.aborted) {
      try {
        await this.#check();
        failures = 0;
      } catch (error) {
        failures += 1;
        await this.#handleFailure(error, failures);
      }
      if (!signal.aborted) await this.#pause();
    }
  }

  /** Raises the checkpoint and publishes the hints of the events that have become visible. */
  async #check(): Promise<void> {
    const end = this.#applied.endOfRunAfter(this.#known);
    if (end > this.#known) await this.#raiseDocument((position) => this.#applied.endOfRunAfter(position));
    await this.#pending.publishUpTo(this.#known);
    if (!this.#isLookDue) return;
    await this.#raiseToFloor();
    await this.#pending.publishUpTo(this.#known);
  }

  /** True if hints wait behind a hole, and now and then: for the lag, and for what others have applied. */
  get #isLookDue(): boolean {
    const isHeldBack = !this.#pending.isEmpty && this.#applied.endOfRunAfter(this.#known) === this.#known;
    const intervalMs = this.#backlog.isLong ? farBehindMs : idleMs;
    return isHeldBack || performance.now() - this.#lookedAt >= intervalMs;
  }

  async #handleFailure(error: unknown, failures: number): Promise<void> {
    const { documents, log } = this.#options;
    log[failures === 1 ? 'warn' : 'debug'](
      { error, failures },
      'failed to raise the checkpoint; trying again',
    );
    // If the store answers, a missing table may be the cause, which preparing creates.
    if (!unmended.some((known) => error instanceof known)) await documents.prepare().catch(() => {});
  }

  async #pause(): Promise<void> {
    const waitMs = this.#backlog.isFar
      ? farBehindMs
      : this.#pending.isEmpty
        ? idleMs
        : backoffMs(++this.#looks, looks);
    const timer = setTimeout(() => this.#ring(), waitMs);
    await this.#wakeUp.promise;
    clearTimeout(timer);
    this.#wakeUp = Promise.withResolvers<void>();
  }

  #checkSoon(): void {
    this.#looks = 0;
    // With a backlog, a check for each batch would cost as much as the batch.
    if (!this.#backlog.isFar) this.#ring();
  }

  #ring(): void {
    this.#wakeUp.resolve();
  }

  async #raiseToFloor(): Promise<void> {
    let { floor, since } = await this.#acknowledged();
    const hasSkipped = await this.#skipBacklog();
    if (hasSkipped) ({ floor, since } = await this.#acknowledged());
    this.#lookedAt = performance.now();
    if (since !== undefined && since !== this.#trustedSince)
      await this.#trust(since, floor, hasSkipped ? 'intended' : 'found');
    const ackFloor = Math.max(this.#past, floor);
    // While another worker holds the floor back there is nothing to compare. An idle check compares anyway,
    // since the document may have been tampered with.
    if (ackFloor <= this.#known && !this.#pending.isEmpty) return;
    await this.#raiseDocument(() => ackFloor);
  }

  /**
   * Raises the checkpoint document, unless another worker has done so, or it has gone back.
   * @param target returns the position to raise it to from its present one
   */
  async #raiseDocument(
    target: (position: number) => number,
    urgency: Urgency = this.#pending.isIdle ? 'idle' : 'urgent',
  ): Promise<Change> {
    let change: Change = 'none';
    const raise = (now: CheckpointDoc): Partial<CheckpointDoc> | undefined => {
      const to = target(now.position);
      change = this.#changeOf(now, to);
      if (change === 'lost') return now.consumer === undefined ? undefined : { consumer: noConsumer };
      return change === 'raised' ? this.#raisedTo(to) : undefined;
    };
    const checkpoint = await this.#checkpoints.update(this.#document, raise, urgency);
    // Assigned in a callback, which the compiler does not see.
    const outcome = change as Change;
    if (outcome === 'lost' || outcome === 'doubtful') this.#startOver(checkpoint, outcome);
    else this.#noteProgress(checkpoint, outcome === 'raised');
    return outcome;
  }

  #changeOf({ position, consumer }: CheckpointDoc, to: number): Change {
    if (position < this.#known) return 'lost';
    if (this.#trustedSince !== undefined && consumer !== this.#trustedSince) return 'doubtful';
    return to > position ? 'raised' : 'none';
  }

  /** Fields of a checkpoint that is raised now. */
  #raisedTo(position: number): Partial<CheckpointDoc> {
    const { perSecond } = this.#backlog;
    return {
      position,
      at: new Date().toISOString(),
      ...(perSecond === undefined ? {} : { perSecond: Math.round(perSecond) }),
    };
  }

  #startOver({ position }: CheckpointDoc, reason: 'lost' | 'doubtful'): void {
    const { log } = this.#options;
    const known = this.#known;
    if (reason === 'lost')
      log.error({ position, known }, 'the checkpoint has gone back: the documents have lost data');
    else
      log.warn(
        { position, known },
        'another worker has changed the consumer of the checkpoint; starting over',
      );
    this.#known = position;
    this.#past = 0;
    this.#trustedSince = undefined;
    // The documents may have lost these events, too.
    this.#applied.clear();
    this.#ring();
  }

  #noteProgress(checkpoint: CheckpointDoc, isRaised: boolean): void {
    const { position } = checkpoint;
    this.#known = position;
    this.#applied.forget(position);
    this.#backlog.reached(position);
    if (isRaised) this.#pending.addProgress({ projection: this.#document, checkpoint });
  }

  /** Returns whether the consumer continues at the end of RECORDED from now on. If this fails, the queue delivers as before. */
  async #skipBacklog(): Promise<boolean> {
    if (!this.#backlog.isLong || performance.now() < this.#noSkipUntil) return false;
    const { projection, queue, catchUpFrom, log } = this.#options;
    return queue.skipBacklog(projection, catchUpFrom).catch((error: unknown) => {
      // An attempt interrupts the deliveries, which may be all that is left.
      this.#noSkipUntil = performance.now() + retrySkipMs;
      log.warn({ error }, 'failed to let the consumer skip its backlog; the queue delivers it for now');
      return false;
    });
  }

  /**
   * Applies what the documents lack for the floor of this consumer to count. RECORDED drops an event that no consumer wants. So
   * a consumer that is not the one of the checkpoint may never receive what was published before it existed, above its floor too.
   * Neither does that of a checkpoint that has gone back: other workers may have acknowledged events above the floor, which the
   * documents have lost.
   * @param gap whether this process has made it, or found it
   */
  async #trust(since: string, floor: number, gap: 'intended' | 'found'): Promise<void> {
    this.#trustedSince = undefined;
    const from = await this.#readCheckpoint(floor);
    this.#known = Math.max(this.#known, from.position);
    const isOther = from.consumer !== since;
    await this.#closeGap(
      from,
      isOther ? Math.max(floor, await this.#options.queue.lastPublished()) : floor,
      gap,
    );
    if (isOther)
      await this.#checkpoints.update(this.#document, ({ position }) =>
        position < this.#known ? undefined : { consumer: since },
      );
    this.#trustedSince = since;
  }

  /** Reads the checkpoint. One that is further behind the floor than a killed worker leaves it has gone back while no worker ran. */
  async #readCheckpoint(floor: number): Promise<CheckpointDoc> {
    const found = await readCheckpoint(this.#options.documents, this.#document);
    if (floor - found.position <= worthTelling || found.consumer === undefined) return found;
    return this.#checkpoints.update(this.#document, () => ({ consumer: noConsumer }));
  }

  /** Applies the events between the checkpoint and a position from the event store. */
  async #closeGap(from: CheckpointDoc, to: number, gap: 'intended' | 'found'): Promise<void> {
    const { reapply, log } = this.#options;
    const document = this.#document;
    if (from.position >= to) return;
    const level = gap === 'intended' ? 'info' : to - from.position > worthTelling ? 'warn' : 'debug';
    log[level]({ from: from.position, to }, 'applying events from the event store');
    // Feeds in Redis may come from lost documents: a new epoch invalidates them.
    if (from.position === 0)
      await this.#checkpoints.update(document, ({ epoch }) =>
        epoch === 0 ? { epoch: Date.now() } : undefined,
      );
    const note = async (applied: number): Promise<number> => {
      const change = await this.#raiseDocument(() => applied, 'urgent');
      if (change === 'lost')
        throw new Error('the documents have lost data while missing events were applied');
      this.#backlog.setInStore(to - this.#known);
      await this.#pending.publishUpTo(this.#known);
      return this.#known;
    };
    this.#backlog.setInStore(to - from.position);
    await reapply(from.position + 1, to, note, this.#stopping.signal);
    log[level]({ to }, 'applied all missing events');
  }

  /** Falls back to the position reported by `passed` if the queue is down. */
  async #acknowledged(): Promise<{ readonly floor: number; readonly since?: string }> {
    const { projection, queue, onLag } = this.#options;
    try {
      const { ackFloor, inFlight, waiting: behind, since } = await queue.consumer(projection);
      this.#backlog.setInQueue(inFlight + behind);
      onLag?.(inFlight + behind);
      return { floor: ackFloor, since };
    } catch (error) {
      if (this.#past === 0)
        throw new UnknownFloorError('the queue did not return the acknowledgement floor', { cause: error });
      return { floor: 0 };
    }
  }
}
