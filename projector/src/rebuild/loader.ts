import { type Bulk, DocumentsUnavailableError } from '@rookery/document-store';
import { byDocument, type Merge } from '@rookery/read-models/reducers';
import type { RecordedEvent } from '@rookery/schema/events';
import { applyUncounted } from '../apply.ts';
import { type Failure, inBatches, loadByKey, orOneByOne, type Target, without } from './load.ts';
import { createSeen, type Seen } from './seen.ts';

/** Loads events into one target. Calls may run concurrently, except for `settle`. */
export interface Loader {
  /**
   * Loads any range of events.
   * @returns the events that could not be applied
   */
  load(events: readonly RecordedEvent[]): Promise<Failure[]>;
  /**
   * Applies the deferred events.
   * @returns the events that could not be applied
   */
  applyDeferred(): Promise<Failure[]>;
  /** Positions of deferred events: their document was already written. */
  readonly deferred: ReadonlySet<number>;
}

/** Number of batches of deferred events in progress at a time: while the store writes one, the next is folded. */
const appliedAtOnce = 3;

interface Part {
  readonly merge: Merge;
  readonly seen: Seen;
}

/** Creates a loader that writes by key, for generations that are not empty and for engines without bulk loading. */
const loaderByKey = (target: Target): Loader => ({
  load: (events) => loadByKey(target, events),
  applyDeferred: async () => [],
  deferred: new Set(),
});

/**
 * Creates a bulk loader: it writes each document once, without reading it first. Events of a document that is
 * already written are deferred until the documents have their keys, which the independence of order allows.
 * After a write without an answer it continues by key.
 * @param expected approximate number of events
 */
export const createLoader = (target: Target, bulk: Bulk | undefined, expected: number): Loader => {
  if (!bulk) return loaderByKey(target);
  const parts: Part[] = target.projection.merges.map((merge) => ({ merge, seen: createSeen(expected) }));
  const later = new Map<number, RecordedEvent>();
  const deferred = new Set<number>();
  let inDoubt = false;
  let keyed = false;

  const demandKey = async (): Promise<void> => {
    if (!keyed) await bulk.key();
    keyed = true;
  };

  const foldNew = (
    { merge, seen }: Part,
    events: readonly RecordedEvent[],
    failed: Map<number, unknown>,
  ): Map<string, unknown> => {
    const docs = new Map<string, unknown>();
    for (const recorded of events) {
      try {
        for (const id of merge.affectedIds(recorded)) {
          const known = docs.has(id);
          if (!known && seen.add(id)) {
            later.set(recorded.position, recorded);
            deferred.add(recorded.position);
          } else docs.set(id, merge.merge(docs.get(id), recorded, id));
        }
      } catch (error) {
        failed.set(recorded.position, error);
      }
    }
    return docs;
  };

  return {
    async load(events) {
      const own = without(events, target.skipped);
      if (inDoubt) {
        await demandKey();
        return loadByKey(target, own);
      }
      const failed = new Map<number, unknown>();
      const folded = parts.map((part) => ({ part, docs: foldNew(part, own, failed) }));
      try {
        for (const { part, docs } of folded) {
          await bulk.insert(
            part.merge.collection,
            Array.from(docs, ([id, doc]) => ({ id, doc })),
          );
        }
        return Array.from(failed, ([position, error]) => ({ position, error }));
      } catch (error) {
        inDoubt = true;
        if (error instanceof DocumentsUnavailableError) throw error;
        await demandKey();
        return loadByKey(target, own);
      }
    },

    async applyDeferred() {
      await demandKey();
      const events = [...later.values()];
      const failed = await orOneByOne(events, async (some) => {
        for (const { merge } of parts) {
          const apply = (docs: [string, RecordedEvent[]][]) =>
            applyUncounted(target.beside.documents, merge, new Map(docs));
          await inBatches(target, byDocument(merge, some), apply, appliedAtOnce);
        }
      });
      later.clear();
      deferred.clear();
      return failed;
    },

    deferred,
  };
};
