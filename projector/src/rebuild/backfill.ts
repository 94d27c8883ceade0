import type { EventStore } from '@rookery/event-store';
import { createAdaptiveBatchSize } from '../adaptive-batch-size.ts';
import { createApply } from '../apply.ts';
import { applyOrName } from '../replay.ts';
import { patientCounts } from '../slow-counts.ts';
import { loadByKey, type Target, without } from './load.ts';
import { createLoader, type Loader } from './loader.ts';
import type { Pace } from './pace.ts';
import type { Ranges } from './ranges.ts';
import { readable } from './readable.ts';
import { retryWhileDown } from './retry.ts';

export interface BackfillOptions {
  readonly eventStore: Pick<EventStore, 'read'>;
  readonly targets: readonly Target[];
  readonly signal: AbortSignal;
  readonly pace?: Pace | undefined;
  /** Maximum number of deferred events. Beyond it, they are applied. */
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
  /** Builds all indexes and counts, while no other process writes there. */
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

export const createBackfill = ({
  eventStore,
  targets,
  signal,
  pace,
  maxDeferred = 5_000,
}: BackfillOptions): Backfill => {
  const failed = new Set<number>();
  let events = 0;
  const paced = <T>(work: () => Promise<T>): Promise<T> => {
    const patient = () => retryWhileDown(signal, work);
    return pace ? pace(patient) : patient();
  };

  let loaders: readonly Loader[] = [];
  const deferredPositions = (): number[] => [...new Set(loaders.flatMap((loader) => [...loader.deferred]))];
  const loadRange = async (after: number, to: number): Promise<void> => {
    const stored = await eventStore.read(after, to - after);
    const recorded = readable(stored.filter(({ position }) => position <= to));
    for (const loader of loaders) {
      for (const position of await loader.load(recorded)) failed.add(position);
    }
    events += stored.length;
  };
  const applyDeferred = async (): Promise<void> => {
    for (const loader of loaders) {
      await paced(async () => {
        for (const position of await loader.applyDeferred()) failed.add(position);
      });
    }
  };
  /** Applies the deferred events of the previous process one by one: they are few and far apart. */
  const makeUpFor = async ({ deferred: positions }: Begun): Promise<void> => {
    for (const position of positions) {
      await paced(async () => {
        const recorded = readable(await eventStore.read(position - 1, 1));
        for (const target of targets) {
          for (const wrong of await loadByKey(target, recorded)) failed.add(wrong);
        }
      });
    }
  };
  const begin = async (begun: Begun | undefined, last: number): Promise<void> => {
    loaders = await Promise.all(
      targets.map(async (target) => {
        const bulk = begun ? undefined : await target.beside.bulk();
        if (!bulk) await target.beside.prepareBare();
        return createLoader(target, bulk, last);
      }),
    );
    if (begun) await makeUpFor(begun);
  };

  const applies = targets.map(({ projection, beside, parked }) => ({
    parked,
    apply: createApply(projection, { documents: beside.documents, counts: patientCounts }),
  }));
  const adaptiveSize = createAdaptiveBatchSize(batch);
  const follow = async (after: number, to: number): Promise<number> => {
    const stored = await eventStore.read(after, Math.min(adaptiveSize.size, to - after));
    const recorded = readable(stored);
    for (const { apply, parked } of applies) {
      const own = without(recorded, parked);
      if (own.length === 0) continue;
      for (const { position } of await applyOrName(own, async (some) => void (await apply(some))))
        failed.add(position);
    }
    events += stored.length;
    return stored.at(-1)?.position ?? to;
  };

  const countOf = ({ projection, beside }: Target): Promise<void> =>
    retryWhileDown(signal, async () => {
      await beside.prepare();
      await beside.countAll(
        projection.merges.flatMap(({ collection, counts = [] }) =>
          counts.map((set) => ({ collection, ...set })),
        ),
      );
    });

  return {
    async load(ranges, begun, onDone) {
      await begin(begun, ranges.last);
      let left = true;
      const lane = async (): Promise<void> => {
        while (left && deferredPositions().length < maxDeferred) {
          const range = ranges.take();
          if (!range) left = false;
          else {
            await paced(() => loadRange(range.after, range.to));
            ranges.done(range.to);
            await onDone();
          }
        }
      };
      const lanes = Array.from({ length: pace ? 1 : rangesAtOnce }, () => async () => {
        try {
          await lane();
        } catch (error) {
          left = false;
          throw error;
        }
      });
      do {
        // Waits for all lanes, so that none is still at work when the rebuild starts over.
        const ended = await Promise.allSettled(lanes.map((run) => run()));
        for (const one of ended) if (one.status === 'rejected') throw one.reason;
        await applyDeferred();
      } while (left);
    },
    async count() {
      const open = [...targets];
      const lane = async (): Promise<void> => {
        for (let target = open.pop(); target; target = open.pop()) await countOf(target);
      };
      await Promise.all(Array.from({ length: pace ? 1 : countedAtOnce }, lane));
    },
    get deferred() {
      return deferredPositions();
    },
    follow: (after, to) => paced(() => adaptiveSize.tried(() => follow(after, to))),
    get events() {
      return events;
    },
    failed,
  };
};
