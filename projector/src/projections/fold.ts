import type { RecordedEvent } from '@rookery/schema/events';
import type { CollectionName } from '@rookery/stores/documents';
import { type Merge, type Projection, untied } from './define.ts';

/** The documents of several collections: collection → id → document. */
export type Documented = ReadonlyMap<CollectionName, ReadonlyMap<string, unknown>>;

/** One document and the events that have a say in it; the object that was given, where they change nothing. */
export const fold = (
  merge: Merge['merge'],
  before: unknown,
  events: readonly RecordedEvent[],
  id: string,
): unknown => events.reduce((doc, event) => merge(doc, event, id), before);

/** The events by the documents that they have a say in. */
export const byDocument = (
  merge: Pick<Merge, 'touches'>,
  events: readonly RecordedEvent[],
): Map<string, RecordedEvent[]> => {
  const grouped = new Map<string, RecordedEvent[]>();
  for (const recorded of events) {
    for (const id of merge.touches(recorded)) {
      const group = grouped.get(id);
      if (group) group.push(recorded);
      else grouped.set(id, [recorded]);
    }
  }
  return grouped;
};

/** The whole projection in memory: what the stores must hold after these events, counts and feeds aside. */
export const project = (
  { merges }: Projection,
  events: readonly RecordedEvent[],
  before: Documented = new Map(),
): Documented =>
  new Map(
    merges.map(untied).map(({ collection, ...merge }) => {
      const docs = new Map(before.get(collection));
      for (const [id, group] of byDocument(merge, events)) {
        docs.set(id, fold(merge.merge, docs.get(id), group, id));
      }
      return [collection, docs] as const;
    }),
  );
