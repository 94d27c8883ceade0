import type { RecordedEvent } from '@rookery/schema/events';
import { type Bulk, DocumentsUnavailable } from '@rookery/stores/documents';
import { applyTo } from '../apply.ts';
import { byDocument } from '../projections/fold.ts';
import { type Merge, untied } from '../projections/index.ts';
import { inPortions, loadByKey, orOneByOne, type Target, without } from './load.ts';
import { createSeen, type Seen } from './seen.ts';

/** Fills one target. Calls may run at the same time, but for `settle`. */
export interface Loader {
  /** Any range of events. @returns positions that could not be applied */
  load(events: readonly RecordedEvent[]): Promise<number[]>;
  /** Applies what was put off. @returns positions that could not be applied */
  settle(): Promise<number[]>;
  /** Positions of events that concern a document that was written before: they are not applied yet. */
  readonly putOff: ReadonlySet<number>;
}

interface Part {
  readonly merge: Merge;
  readonly seen: Seen;
}

/** By key throughout: for what holds something already, and for engines that have no quicker way. */
const loaderByKey = (target: Target): Loader => ({
  load: (events) => loadByKey(target, events),
  settle: async () => [],
  putOff: new Set(),
});

/**
 * In bulk: each document is written once, without a look at what is there. What is said later of a document that was
 * written already is put off, which the order of events allows, until the documents have their keys. In doubt (a
 * write that was not answered) it goes on by key.
 * @param expected about how many events there are
 */
export const createLoader = (target: Target, bulk: Bulk | undefined, expected: number): Loader => {
  if (!bulk) return loaderByKey(target);
  const parts: Part[] = target.projection.merges
    .map(untied)
    .map((merge) => ({ merge, seen: createSeen(expected) }));
  const later = new Map<number, RecordedEvent>();
  const putOff = new Set<number>();
  let inDoubt = false;
  let keyed = false;

  const demandKey = async (): Promise<void> => {
    if (!keyed) await bulk.key();
    keyed = true;
  };

  const foldNew = (
    { merge, seen }: Part,
    events: readonly RecordedEvent[],
    failed: Set<number>,
  ): Map<string, unknown> => {
    const docs = new Map<string, unknown>();
    for (const recorded of events) {
      try {
        for (const id of merge.touches(recorded)) {
          const known = docs.has(id);
          if (!known && seen.add(id)) {
            later.set(recorded.position, recorded);
            putOff.add(recorded.position);
          } else docs.set(id, merge.merge(docs.get(id), recorded, id));
        }
      } catch {
        failed.add(recorded.position);
      }
    }
    return docs;
  };

  return {
    async load(events) {
      const own = without(events, target.parked);
      if (inDoubt) {
        await demandKey();
        return loadByKey(target, own);
      }
      const failed = new Set<number>();
      const folded = parts.map((part) => ({ part, docs: foldNew(part, own, failed) }));
      try {
        for (const { part, docs } of folded) {
          await bulk.insert(
            part.merge.collection,
            Array.from(docs, ([id, doc]) => ({ id, doc })),
          );
        }
        return [...failed];
      } catch (error) {
        inDoubt = true;
        if (error instanceof DocumentsUnavailable) throw error;
        await demandKey();
        return loadByKey(target, own);
      }
    },

    async settle() {
      await demandKey();
      const events = [...later.values()];
      const failed = await orOneByOne(events, async (some) => {
        for (const { merge } of parts) {
          await inPortions(target, byDocument(merge, some), (docs) =>
            applyTo(target.beside.documents, merge, new Map(docs)),
          );
        }
      });
      later.clear();
      putOff.clear();
      return failed;
    },

    putOff,
  };
};
