import { DocumentsUnavailable } from '@rookery/stores/documents';
import type { EventStore } from '@rookery/stores/event-store';
import { createApply } from '../apply.ts';
import { untied } from '../projections/index.ts';
import { load, type Target, without } from './load.ts';
import type { Pace } from './pace.ts';
import { patiently } from './patience.ts';
import type { Ranges } from './ranges.ts';
import { readable } from './readable.ts';

export interface CarryOptions {
  readonly eventStore: Pick<EventStore, 'read'>;
  readonly targets: readonly Target[];
  readonly signal: AbortSignal;
  readonly pace?: Pace | undefined;
}

/** Carries events from the event store into generations beside the live ones. Everything may be done twice. */
export interface Carrier {
  /** These ranges, several at a time and in any order, while nobody else writes there. Counts come by `count`. */
  load(ranges: Ranges, onDone: () => Promise<void>): Promise<void>;
  /** Indexes and counts, in one go each, while nobody else writes there. */
  count(): Promise<void>;
  /** One batch behind `after`, as the projector would apply it. @returns the position that was reached */
  follow(after: number, to: number): Promise<number>;
  /** Events read so far. */
  readonly events: number;
  /** Positions that could not be applied. */
  readonly failed: ReadonlySet<number>;
}

/** Ranges worked on at a time: while the store writes one, the next is read and folded. */
const rangesAtOnce = 3;
/** Events applied at a time. */
const batch = 500;

export const createCarrier = ({ eventStore, targets, signal, pace }: CarryOptions): Carrier => {
  const failed = new Set<number>();
  let events = 0;
  const paced = <T>(work: () => Promise<T>): Promise<T> => {
    const patient = () => patiently(signal, work);
    return pace ? pace(patient) : patient();
  };

  const loadRange = async (after: number, to: number): Promise<void> => {
    const stored = await eventStore.read(after, to - after);
    const recorded = readable(stored.filter(({ position }) => position <= to));
    for (const target of targets) {
      for (const position of await load(target, recorded)) failed.add(position);
    }
    events += stored.length;
  };

  const applies = targets.map(({ projection, beside, parked }) => ({
    parked,
    apply: createApply(projection, { documents: beside.documents }),
  }));
  const follow = async (after: number, to: number): Promise<number> => {
    const stored = await eventStore.read(after, Math.min(batch, to - after));
    const recorded = readable(stored);
    for (const { apply, parked } of applies) {
      const own = without(recorded, parked);
      await apply(own).catch(async (whole: unknown) => {
        if (whole instanceof DocumentsUnavailable) throw whole;
        for (const event of own) {
          await apply([event]).catch((alone: unknown) => {
            if (alone instanceof DocumentsUnavailable) throw alone;
            failed.add(event.position);
          });
        }
      });
    }
    events += stored.length;
    return stored.at(-1)?.position ?? to;
  };

  return {
    async load(ranges, onDone) {
      const lane = async (): Promise<void> => {
        for (let range = ranges.take(); range; range = ranges.take()) {
          const { after, to } = range;
          await paced(() => loadRange(after, to));
          ranges.done(to);
          await onDone();
        }
      };
      await Promise.all(Array.from({ length: pace ? 1 : rangesAtOnce }, lane));
    },
    async count() {
      for (const { projection, beside } of targets) {
        await patiently(signal, async () => {
          await beside.prepare();
          await beside.countAll(
            projection.merges
              .map(untied)
              .flatMap(({ collection, counts = [] }) => counts.map((set) => ({ collection, ...set }))),
          );
        });
      }
    },
    follow: (after, to) => paced(() => follow(after, to)),
    get events() {
      return events;
    },
    failed,
  };
};
