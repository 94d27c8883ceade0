import type { EventStore } from '@rookery/event-store';
import type { StoredEvent } from '@rookery/schema/events';
import { createAdaptiveBatchSize } from '../adaptive-batch-size.ts';
import { type Apply, createApply } from '../apply.ts';
import { countedSetsOf } from '../recount.ts';
import { applyOrName } from '../replay.ts';
import { type Failure, loadByKey, type Target, without } from './load.ts';
import { createLoader, type Loader } from './loader.ts';
import type { Pace } from './pace.ts';
import type { Ranges } from './ranges.ts';
import { type ReadEvents, readEvents } from './readable.ts';
import { retryWhileDown } from './retry.ts';

export interface BackfillOptions {
  readonly eventStore: Pick<EventStore, 'read'>;
  readonly targets: readonly Target[];
  readonly signal: AbortSignal;
  readonly pace?: Pace | undefined;
  /** Called with the events that a projection cannot read or apply, before they count as loaded. */
  readonly onFailed?: (projection: string, failures: readonly Failure[]) => Promise<void>;
  /**
   * Maximum number of deferred events, counted for each projection. Beyond it, those of the projection with most are
   * applied. Default 100,000: about 100 MB.
   */
  readonly maxDeferred?: number;
}

/** Backfills generations next to the live ones with events from the event store. Every step may be repeated. */
export interface Backfill {
  /**
   * Loads these ranges, several at a time and in any order, while no other process writes there. Counts are
   * made by `count`.
   * @param begun deferred events of a process that may have been killed; undefined if there was none
   */
  load(ranges: Ranges, begun: Begun | undefined, onDone: () => Promise<void>): Promise<void>;
  /** Builds all indexes, and counts all sets. */
  count(): Promise<void>;
  /**
   * Applies one batch after `after`, as the projector would.
   * @returns the reached position
   */
  follow(after: number, to: number): Promise<number>;
  /** Positions in finished ranges whose events are still to be applied, because their documents already existed. */
  readonly deferred: readonly number[];
  /** Number of events that were read. */
  readonly events: number;
  /** Positions of events that could not be applied. */
  readonly failed: ReadonlySet<number>;
}

/** Deferred events of a killed process. */
interface Begun {
  readonly deferred: readonly number[];
}

/** Number of ranges in progress at a time: while the store writes one, the next is read and folded. */
const rangesAtOnce = 3;
/** Number of projections whose indexes are built at a time. */
const countedAtOnce = 2;
/** Maximum number of events that are applied at a time. */
const batch = 500;

export const createBackfill = (options: BackfillOptions): Backfill => new EventBackfill(options);

class EventBackfill implements Backfill {
  readonly failed = new Set<number>();
  readonly #options: BackfillOptions;
  readonly #applies: readonly { readonly apply: Apply; readonly target: Target }[];
  readonly #adaptiveSize = createAdaptiveBatchSize(batch);
  #events = 0;
  #loaders: readonly Loading[] = [];

  constructor(options: BackfillOptions) {
    this.#options = options;
    this.#applies = options.targets.map((target) => ({
      target,
      apply: createApply(target.projection, { documents: target.beside.documents }),
    }));
  }

  get deferred(): readonly number[] {
    return [...new Set(this.#loaders.flatMap(({ loader }) => [...loader.deferred]))];
  }

  get events(): number {
    return this.#events;
  }

  async load(ranges: Ranges, begun: Begun | undefined, onDone: () => Promise<void>): Promise<void> {
    await this.#begin(begun, ranges.last);
    const progress: LoadProgress = { ranges, onDone, isLeft: true };
    do {
      // Waits for all lanes, so that none is still at work when the rebuild starts over.
      const lanes = Array.from({ length: this.#options.pace ? 1 : rangesAtOnce }, () =>
        this.#loadRanges(progress),
      );
      const ended = await Promise.allSettled(lanes);
      for (const one of ended) if (one.status === 'rejected') throw one.reason;
      await this.#applyDeferred(progress.isLeft ? this.#fullest() : this.#loaders);
    } while (progress.isLeft);
  }

  async count(): Promise<void> {
    const { targets, pace } = this.#options;
    const open = [...targets];
    const lane = async (): Promise<void> => {
      for (let target = open.pop(); target; target = open.pop()) await this.#countOf(target);
    };
    await Promise.all(Array.from({ length: pace ? 1 : countedAtOnce }, lane));
  }

  follow(after: number, to: number): Promise<number> {
    return this.#paced(() => this.#adaptiveSize.tried(() => this.#applyBatch(after, to)));
  }

  #paced<T>(work: () => Promise<T>): Promise<T> {
    const { signal, pace } = this.#options;
    const patient = () => retryWhileDown(signal, work);
    return pace ? pace(patient) : patient();
  }

  /** Reads events. Those that are unreadable fail in each projection that does not skip them, but are never applied. */
  async #read(stored: readonly StoredEvent[]): Promise<ReadEvents['events']> {
    const { events, unreadable } = readEvents(stored);
    for (const { projection, skipped } of this.#options.targets) {
      const own = unreadable.filter(({ position }) => !skipped.has(position));
      if (own.length > 0) await this.#options.onFailed?.(projection.name, own);
    }
    return events;
  }

  async #noteFailed({ projection }: Target, failures: readonly Failure[]): Promise<void> {
    if (failures.length === 0) return;
    for (const { position } of failures) this.failed.add(position);
    await this.#options.onFailed?.(projection.name, failures);
  }

  async #begin(begun: Begun | undefined, last: number): Promise<void> {
    this.#loaders = await Promise.all(
      this.#options.targets.map(async (target) => {
        const bulk = begun ? undefined : await target.beside.bulk();
        if (!bulk) await target.beside.prepareBare();
        return { target, loader: createLoader(target, bulk, last) };
      }),
    );
    if (begun) await this.#makeUpFor(begun);
  }

  /** Applies the deferred events of the previous process one by one: they are few and far apart. */
  async #makeUpFor({ deferred: positions }: Begun): Promise<void> {
    const { eventStore, targets } = this.#options;
    for (const position of positions) {
      await this.#paced(async () => {
        const recorded = await this.#read(await eventStore.read(position - 1, 1));
        for (const target of targets) await this.#noteFailed(target, await loadByKey(target, recorded));
      });
    }
  }

  /** Loads one range after another, until none is left, too many events are deferred, or any lane has failed. */
  async #loadRanges(progress: LoadProgress): Promise<void> {
    const { maxDeferred = 100_000 } = this.#options;
    const { ranges, onDone } = progress;
    try {
      while (progress.isLeft && sum(this.#loaders.map(deferredBy)) < maxDeferred) {
        const range = ranges.take();
        if (!range) {
          progress.isLeft = false;
          return;
        }
        await this.#paced(() => this.#loadRange(range.after, range.to));
        ranges.done(range.to);
        await onDone();
      }
    } catch (error) {
      progress.isLeft = false;
      throw error;
    }
  }

  async #loadRange(after: number, to: number): Promise<void> {
    const stored = await this.#options.eventStore.read(after, to - after);
    const recorded = await this.#read(stored.filter(({ position }) => position <= to));
    for (const { target, loader } of this.#loaders)
      await this.#noteFailed(target, await loader.load(recorded));
    this.#events += stored.length;
  }

  /**
   * The projection with most deferred events alone: applying gives its tables their keys, and loading is slower from then on.
   * Most events of a history defer nothing but notifications.
   */
  #fullest(): readonly Loading[] {
    return this.#loaders.toSorted((a, b) => deferredBy(b) - deferredBy(a)).slice(0, 1);
  }

  async #applyDeferred(some: readonly Loading[]): Promise<void> {
    for (const { target, loader } of some) {
      const failures = await this.#paced(() => loader.applyDeferred());
      await retryWhileDown(this.#options.signal, () => this.#noteFailed(target, failures));
    }
  }

  async #applyBatch(after: number, to: number): Promise<number> {
    const limit = Math.min(this.#adaptiveSize.size, to - after);
    const stored = await this.#options.eventStore.read(after, limit);
    const recorded = await this.#read(stored);
    for (const { apply, target } of this.#applies) {
      const own = without(recorded, target.skipped);
      if (own.length === 0) continue;
      await this.#noteFailed(target, await applyOrName(own, async (some) => void (await apply(some))));
    }
    this.#events += stored.length;
    return stored.at(-1)?.position ?? to;
  }

  #countOf({ projection, beside }: Target): Promise<void> {
    return retryWhileDown(this.#options.signal, async () => {
      await beside.prepare();
      await beside.countAll(countedSetsOf(projection));
    });
  }
}

/** A target and what loads it. */
interface Loading {
  readonly target: Target;
  readonly loader: Loader;
}

const deferredBy = ({ loader }: Loading): number => loader.deferred.size;
const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);

/** State that the lanes of one load share. */
interface LoadProgress {
  readonly ranges: Ranges;
  readonly onDone: () => Promise<void>;
  /** False once no range is left, or a lane has failed. */
  isLeft: boolean;
}
