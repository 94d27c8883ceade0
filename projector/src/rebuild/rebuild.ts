import type { Documents } from '@rookery/document-store';
import type { EventStore } from '@rookery/event-store';
import type { Generation, RebuildDoc } from '@rookery/read-models';
import { readCheckpoint, updateCheckpoint } from '../checkpoint.ts';
import { addDeadLetterAt } from '../dead-letters.ts';
import { noteRecount } from '../recount.ts';
import { type Backfill, createBackfill } from './backfill.ts';
import { type Job, type TakeOptions, takeJob } from './job.ts';
import type { Failure, Target } from './load.ts';
import type { Pace } from './pace.ts';
import { changeGenerations, everybodyKnows, newGeneration } from './pointer.ts';
import { createRanges, rangeSize } from './ranges.ts';
import { maxFirstAttempts, retryWhileDown } from './retry.ts';
import { findTargets } from './targets.ts';

export interface RebuildOptions {
  readonly documents: Documents;
  readonly eventStore: Pick<
    EventStore,
    'head' | 'read' | 'deadLetters' | 'resolvedDeadLetters' | 'addDeadLetter'
  >;
  readonly projections: readonly string[];
  readonly signal: AbortSignal;
  /** Limits the slowdown of reads. Without it there are no pauses. */
  readonly pace?: Pace;
  /** Distance from the head at which the rebuild joins the projectors, in events. Default: 500. */
  readonly near?: number;
  readonly onProgress?: (progress: RebuildProgress) => void;
}

export interface RebuildProgress {
  /** `wait`: waits to find out whether another process, active a moment ago, is still running. */
  readonly phase: RebuildDoc['phase'] | 'wait';
  /** Everything up to this position is in the new generation. */
  readonly position: number;
  readonly head: number;
  /** Events per second since this process started. */
  readonly rate: number;
  /** Remaining time in seconds; NaN if unknown. */
  readonly left: number;
}

export interface Rebuilt {
  readonly generation: number;
  /** Number of events that this process has loaded. */
  readonly events: number;
  readonly seconds: number;
  readonly resumed: boolean;
  /** Positions of events that could not be applied and are missing in the generation. */
  readonly failed: readonly number[];
}

/** Phases in their order. Each ends by saving the next one. */
const phases = ['load', 'count', 'catch-up', 'join', 'drain'] as const;
/** Interval at which the loading state is saved. */
const saveIntervalMs = 1_000;

/**
 * Rebuilds projections next to the live ones from the event store and swaps them in (docs/explanation/recovery.md). It
 * may be killed at any moment: the same call resumes it.
 */
export const rebuild = async (options: RebuildOptions): Promise<Rebuilt> => {
  const { documents, eventStore, projections, signal } = options;
  await retryWhileDown(signal, () => documents.prepare(), maxFirstAttempts);
  const job = await takeJob(
    documents,
    { projections, rollsBack: false },
    async () => ({
      generation: await newGeneration(documents),
      phase: 'load',
      upTo: 0,
      ranges: [],
      loadTo: await eventStore.head(),
    }),
    waitingFor(options),
  );
  return finish(options, job);
};

/** Brings a job to its end, and releases it however that goes. */
export const finish = async (
  options: RebuildOptions,
  job: Job & { readonly resumed: boolean },
): Promise<Rebuilt> => {
  const { signal } = options;
  try {
    const targets = await retryWhileDown(signal, () => findTargets(options, job.doc.generation));
    const run = new RebuildRun(options, job, targets);
    for (const phase of phases) {
      if (job.doc.phase !== phase) continue;
      run.begin();
      await retryWhileDown(signal, () => run[phase]());
    }
    return { generation: job.doc.generation, resumed: job.resumed, ...run.outcome() };
  } finally {
    await job.release().catch(() => {});
  }
};

/** Returns the callback that reports waiting for another process. */
export const waitingFor = ({
  signal,
  onProgress,
}: Pick<RebuildOptions, 'signal' | 'onProgress'>): TakeOptions => ({
  signal,
  onWait: (left) => onProgress?.({ phase: 'wait', position: 0, head: 0, rate: 0, left: left / 1_000 }),
});

/** One run of a rebuild, with a method for each phase. */
class RebuildRun {
  readonly #options: RebuildOptions;
  readonly #job: Job;
  readonly #targets: readonly Target[];
  readonly #backfill: Backfill;
  readonly #startedAt = performance.now();
  /** Head of the event store at the first time that all projectors wrote both generations. */
  #joinTo: number | undefined;

  constructor(options: RebuildOptions, job: Job, targets: readonly Target[]) {
    const { eventStore, signal, pace } = options;
    this.#options = options;
    this.#job = job;
    this.#targets = targets;
    this.#backfill = createBackfill({
      eventStore,
      targets,
      signal,
      pace,
      onFailed: (projection, failures) => this.#addDeadLetters(projection, failures),
    });
  }

  /** Reports the start of a phase. */
  begin(): void {
    const { upTo, loadTo } = this.#job.doc;
    this.#report(upTo, Math.max(upTo, loadTo));
  }

  async load(): Promise<void> {
    const job = this.#job;
    const backfill = this.#backfill;
    const { upTo, ranges: beyond, loadTo, putOff = [] } = job.doc;
    const begun = upTo > 0 || beyond.length > 0 ? { deferred: putOff } : undefined;
    const ranges = createRanges(rangeSize, loadTo, { upTo, beyond });
    let savedAt = performance.now();
    await backfill.load(ranges, begun, async () => {
      this.#report(ranges.upTo, loadTo);
      if (performance.now() - savedAt < saveIntervalMs) return;
      savedAt = performance.now();
      // The deferred events of the previous process are applied by now.
      await job.save({ upTo: ranges.upTo, ranges: ranges.beyond, putOff: backfill.deferred });
    });
    await job.save({ upTo: loadTo, ranges: [], putOff: [], phase: 'count' });
  }

  async count(): Promise<void> {
    const { documents, projections } = this.#options;
    await this.#backfill.count();
    for (const name of projections) await noteRecount(documents, name, this.#job.doc.generation, true);
    await this.#job.save({ phase: 'catch-up' });
  }

  async 'catch-up'(): Promise<void> {
    const { eventStore, near = 500 } = this.#options;
    const job = this.#job;
    for (let gap = Number.POSITIVE_INFINITY; ; ) {
      const head = await eventStore.head();
      const now = head - job.doc.upTo;
      // If the gap no longer shrinks, joining ends the chase: from then on the head is fixed.
      if (now <= near || now >= gap) break;
      gap = now;
      await this.#followTo(head);
    }
    await job.save({ phase: 'join' });
  }

  /**
   * From here on the projectors write both generations. Their unfinished batches are in the store and are
   * read from there.
   */
  async join(): Promise<void> {
    const { eventStore, signal } = this.#options;
    const { generation } = this.#job.doc;
    await this.#swap((now) => (now.live === generation ? now : { ...now, also: generation }));
    await everybodyKnows(signal);
    // The same if this is repeated: the projectors have written everything after it to both, and the head moves on.
    this.#joinTo ??= await eventStore.head();
    await this.#followTo(this.#joinTo);
    signal.throwIfAborted();
    await this.#swap((now) => (now.live === generation ? now : { ...now, live: generation, also: now.live }));
    await this.#job.save({ phase: 'drain' });
  }

  /** The projectors keep writing the old generation until no process reads it. */
  async drain(): Promise<void> {
    const { documents, projections, signal } = this.#options;
    const job = this.#job;
    await everybodyKnows(signal);
    const feeds = this.#targets.find(({ projection }) => projection.feedsReaders)?.projection.name;
    // Later than any epoch of documents that were lost, whose feeds Redis may still hold.
    if (feeds !== undefined)
      await updateCheckpoint(documents, feeds, ({ epoch }) => ({ epoch: Math.max(epoch + 1, Date.now()) }));
    const upTo = new Map<string, number>();
    for (const name of projections) upTo.set(name, (await readCheckpoint(documents, name)).position);
    // Saved before the swap: afterwards `previous` is the generation that was live, which must stay.
    const obsolete = job.doc.obsolete ?? (await this.#pushedOut());
    await job.save({ obsolete });
    await this.#swap((now, projection) =>
      now.also === null
        ? now
        : { ...now, also: null, previous: { generation: now.also, upTo: upTo.get(projection) ?? 0 } },
    );
    await everybodyKnows(signal);
    for (const [name, old] of Object.entries(obsolete)) await documents.beside(old, name).clear();
    await this.#raiseCheckpoints();
    await job.save({ phase: 'done' });
  }

  /**
   * Tells projectors which events they need not apply any more: all that the live generation has. Not before the former one is
   * kept with its own position, up to which a roll-back relies on it.
   */
  async #raiseCheckpoints(): Promise<void> {
    const { documents, projections } = this.#options;
    const { upTo: position } = this.#job.doc;
    const at = new Date().toISOString();
    for (const name of projections)
      await updateCheckpoint(documents, name, (now) =>
        now.position < position ? { position, at } : undefined,
      );
  }

  /** Does what the projector would have done with events that it has not applied yet and that cannot be applied. */
  async #addDeadLetters(projection: string, failures: readonly Failure[]): Promise<void> {
    const { documents, eventStore } = this.#options;
    const { position: applied } = await readCheckpoint(documents, projection);
    for (const { position, error } of failures)
      if (position > applied) await addDeadLetterAt(eventStore, { projection, position, error, tries: 1 });
  }

  outcome(): Pick<Rebuilt, 'events' | 'seconds' | 'failed'> {
    const { events, failed } = this.#backfill;
    return { events, seconds: this.#seconds(), failed: [...failed].sort((a, b) => a - b) };
  }

  #seconds(): number {
    return (performance.now() - this.#startedAt) / 1_000;
  }

  #report(position: number, head: number): void {
    const { events } = this.#backfill;
    this.#options.onProgress?.({
      phase: this.#job.doc.phase,
      position,
      head,
      rate: events / this.#seconds(),
      left: ((head - position) * this.#seconds()) / events,
    });
  }

  async #followTo(to: number): Promise<void> {
    let at = this.#job.doc.upTo;
    let savedAt = 0;
    while (at < to) {
      this.#options.signal.throwIfAborted();
      at = await this.#backfill.follow(at, to);
      this.#report(at, to);
      if (performance.now() - savedAt > saveIntervalMs || at >= to) {
        await this.#job.save({ upTo: at });
        savedAt = performance.now();
      }
    }
  }

  /**
   * Swaps only if this process was not replaced while it was frozen.
   * @throws RebuildConflictError
   */
  async #swap(change: Parameters<typeof changeGenerations>[2]): Promise<void> {
    const { documents, projections } = this.#options;
    await this.#job.save({});
    await changeGenerations(documents, projections, change);
  }

  /** Returns the generations that were available for roll-back before the last swap and are not in use. */
  async #pushedOut(): Promise<Record<string, Generation>> {
    const { documents, projections } = this.#options;
    const now = await documents.generations(true);
    return Object.fromEntries(
      projections.flatMap((name) => {
        const { live, also, previous } = now.of(name);
        if (also === null || !previous || [live, also].includes(previous.generation)) return [];
        return [[name, previous.generation]];
      }),
    );
  }
}
