import type { RecordedEvent } from '@rookery/schema/events';
import type { Merge, Projection } from './define.ts';

/** Documents of several collections: collection → id → document. */
export type Documented = ReadonlyMap<string, ReadonlyMap<string, unknown>>;

/** Folds events into one document. Returns the given object if they change nothing. */
export const fold = (
  merge: Merge['merge'],
  before: unknown,
  events: readonly RecordedEvent[],
  id: string,
): unknown => events.reduce((doc, event) => merge(doc, event, id), before);

/** Groups events by the documents that they affect. */
export const byDocument = (
  merge: Pick<Merge, 'affectedIds'>,
  events: readonly RecordedEvent[],
): Map<string, RecordedEvent[]> => {
  const grouped = new Map<string, RecordedEvent[]>();
  for (const recorded of events) {
    for (const id of merge.affectedIds(recorded)) {
      const group = grouped.get(id);
      if (group) group.push(recorded);
      else grouped.set(id, [recorded]);
    }
  }
  return grouped;
};

/**
 * Builds a whole projection in memory: the expected contents of the stores after these events, without counts
 * and feeds.
 */
export const project = (
  { merges }: Projection,
  events: readonly RecordedEvent[],
  before: Documented = new Map(),
): Documented =>
  new Map(
    merges.map(({ collection, ...merge }) => {
      const docs = new Map(before.get(collection));
      for (const [id, group] of byDocument(merge, events)) {
        docs.set(id, fold(merge.merge, docs.get(id), group, id));
      }
      return [collection, docs] as const;
    }),
  );
