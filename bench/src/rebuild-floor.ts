import type { Documents } from '@rookery/document-store';
import type { EventStore } from '@rookery/event-store';
import { createBackfill, findTargets } from '@rookery/projector';
import { collectionsOf } from '@rookery/read-models';
import { projectionNames } from '@rookery/read-models/reducers';

/** Number of documents that are written in one call: about as many as a range of events produces. */
const atOnce = 2_000;

export interface FloorOptions {
  readonly documents: Documents;
  readonly eventStore: EventStore;
  /** Generation in which a rebuild of all projections stored its documents. */
  readonly from: number;
  /** Generation to which the documents are written again. */
  readonly to: number;
  /** Work that runs at the same time. */
  readonly read: () => Promise<unknown>;
}

/**
 * Prepares the lower bound of a rebuild: reads the events and writes, keys, indexes and counts finished
 * documents as the rebuild does, without processing any event.
 * @returns the part to measure
 */
export const prepareFloor = async ({
  documents,
  eventStore,
  from,
  to,
  read,
}: FloorOptions): Promise<() => Promise<void>> => {
  const ready = new Map<string, { readonly id: string; readonly doc: unknown }[]>();
  const made = documents.at(() => from);
  for (const name of projectionNames.flatMap(collectionsOf)) {
    const all = [];
    for await (const found of made.collection(name).scan(atOnce)) all.push(...found);
    ready.set(name, all);
  }
  const targets = await findTargets({ documents, eventStore, projections: projectionNames }, to);
  const fill = async ({ projection, beside }: (typeof targets)[number]): Promise<void> => {
    const bulk = await beside.bulk();
    if (!bulk) throw new Error('these documents are on an engine that is not filled in bulk');
    for (const name of collectionsOf(projection.name)) {
      const docs = ready.get(name) ?? [];
      for (let i = 0; i < docs.length; i += atOnce) await bulk.insert(name, docs.slice(i, i + atOnce));
    }
    await bulk.key();
  };
  const { signal } = new AbortController();
  return async () => {
    await Promise.all([read(), ...targets.map(fill)]);
    await createBackfill({ eventStore, targets, signal }).count();
  };
};
