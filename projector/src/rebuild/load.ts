import { type Beside, DocumentsUnavailableError } from '@rookery/document-store';
import { byDocument, fold, type Merge, type Projection } from '@rookery/read-models/reducers';
import type { RecordedEvent } from '@rookery/schema/events';
import type { AdaptiveBatchSize } from '../adaptive-batch-size.ts';
import { applyUncounted } from '../apply.ts';

/** An event that cannot be applied, and why. */
export interface Failure {
  readonly position: number;
  readonly error: unknown;
}

/** A projection that is being rebuilt. */
export interface Target {
  readonly projection: Projection;
  readonly beside: Beside;
  /** Positions of the events that it skips: its dead letters. */
  readonly skipped: ReadonlySet<number>;
  /** Number of documents that are read and written in one call. */
  readonly adaptiveSize: AdaptiveBatchSize;
}

/** Runs `work` for all documents that the events concern, in batches, of which some are in progress at a time. */
export const inBatches = (
  { adaptiveSize }: Pick<Target, 'adaptiveSize'>,
  grouped: Iterable<[string, RecordedEvent[]]>,
  work: (some: [string, RecordedEvent[]][]) => Promise<unknown>,
  atOnce = 1,
): Promise<void> =>
  adaptiveSize.tried(async () => {
    const all = [...grouped];
    const { size } = adaptiveSize;
    let next = 0;
    const lane = async (): Promise<void> => {
      while (next < all.length) {
        const begin = next;
        next += size;
        await work(all.slice(begin, next));
      }
    };
    // Waits for all lanes, so that none is still at work when this is repeated.
    const ended = await Promise.allSettled(Array.from({ length: atOnce }, lane));
    for (const one of ended) if (one.status === 'rejected') throw one.reason;
  });

/** Returns the events that a target has to apply. */
export const without = (
  events: readonly RecordedEvent[],
  skipped: ReadonlySet<number>,
): readonly RecordedEvent[] =>
  skipped.size === 0 ? events : events.filter(({ position }) => !skipped.has(position));

/**
 * Loads events into a generation that no other process writes, without counts. Assumes that documents are
 * new, as most are; only existing ones are read and folded again. The order and repetition of batches do not
 * matter.
 *
 * @returns the events that could not be applied
 */
export const loadByKey = async (target: Target, events: readonly RecordedEvent[]): Promise<Failure[]> => {
  const own = without(events, target.skipped);
  return orOneByOne(own, (some) => insertAll(target, some));
};

/** @returns the events that could not be applied even alone */
export const orOneByOne = async (
  events: readonly RecordedEvent[],
  work: (events: readonly RecordedEvent[]) => Promise<void>,
): Promise<Failure[]> => {
  const failed: Failure[] = [];
  const unlessAway = (error: unknown): void => {
    if (error instanceof DocumentsUnavailableError) throw error;
  };
  try {
    await work(events);
  } catch (error) {
    unlessAway(error);
    for (const event of events) {
      await work([event]).catch((alone: unknown) => {
        unlessAway(alone);
        failed.push({ position: event.position, error: alone });
      });
    }
  }
  return failed;
};

const insertAll = async (target: Target, events: readonly RecordedEvent[]): Promise<void> => {
  const { documents } = target.beside;
  for (const merge of target.projection.merges) {
    await inBatches(target, byDocument(merge, events), (some) => insertSome(merge, some));
  }

  async function insertSome(merge: Merge, grouped: readonly [string, RecordedEvent[]][]): Promise<void> {
    const there = await documents
      .collection(merge.collection)
      .insertMany(grouped.map(([id, group]) => ({ id, doc: fold(merge.merge, undefined, group, id) })));
    if (there.length === 0) return;
    const again = new Set(there);
    await applyUncounted(documents, merge, new Map(grouped.filter(([id]) => again.has(id))));
  }
};
