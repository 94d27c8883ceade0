import type { RecordedEvent } from '@rookery/schema/events';
import { type Beside, DocumentsUnavailable } from '@rookery/stores/documents';
import { applyTo } from '../apply.ts';
import { byDocument, fold } from '../projections/fold.ts';
import { type Merge, type Projection, untied } from '../projections/index.ts';

/** Documents written in one call, so that none of them takes long. */
const atOnce = 2_000;

/** One projection that is made anew. */
export interface Target {
  readonly projection: Projection;
  readonly beside: Beside;
  /** Positions that it leaves out. */
  readonly parked: ReadonlySet<number>;
}

/** What a target has to apply of these events. */
export const without = (
  events: readonly RecordedEvent[],
  parked: ReadonlySet<number>,
): readonly RecordedEvent[] =>
  parked.size === 0 ? events : events.filter(({ position }) => !parked.has(position));

/**
 * Carries events into a generation that nobody else writes to, counts aside. Documents are taken to be new, which
 * in a history most are, and only those that turn out to be there are read and folded again. Any order of batches,
 * and the same batch again, come to the same.
 *
 * @returns positions of events that could not be applied
 */
export const loadByKey = async (target: Target, events: readonly RecordedEvent[]): Promise<number[]> => {
  const own = without(events, target.parked);
  return orOneByOne(own, (some) => insertAll(target, some));
};

/** @returns positions of events that could not be applied even by themselves */
export const orOneByOne = async (
  events: readonly RecordedEvent[],
  work: (events: readonly RecordedEvent[]) => Promise<void>,
): Promise<number[]> => {
  const failed: number[] = [];
  const unlessAway = (error: unknown): void => {
    if (error instanceof DocumentsUnavailable) throw error;
  };
  try {
    await work(events);
  } catch (error) {
    unlessAway(error);
    for (const event of events) {
      await work([event]).catch((alone: unknown) => {
        unlessAway(alone);
        failed.push(event.position);
      });
    }
  }
  return failed;
};

const insertAll = async (
  { projection, beside: { documents } }: Target,
  events: readonly RecordedEvent[],
): Promise<void> => {
  for (const merge of projection.merges.map(untied)) {
    const grouped = [...byDocument(merge, events)];
    for (let i = 0; i < grouped.length; i += atOnce) {
      await insertSome(merge, grouped.slice(i, i + atOnce));
    }
  }

  async function insertSome(merge: Merge, grouped: readonly [string, RecordedEvent[]][]): Promise<void> {
    const there = await documents
      .collection(merge.collection)
      .insertMany(grouped.map(([id, group]) => ({ id, doc: fold(merge.merge, undefined, group, id) })));
    if (there.length === 0) return;
    const again = new Set(there);
    await applyTo(documents, merge, new Map(grouped.filter(([id]) => again.has(id))));
  }
};
