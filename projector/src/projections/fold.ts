import type { RecordedEvent } from '@rookery/schema/events';
import type { CollectionName } from '@rookery/stores/documents';
import type { AnyMerge, Merge, Projection } from './define.ts';

/** The documents of several collections: collection → id → document. */
export type Documented = ReadonlyMap<CollectionName, ReadonlyMap<string, unknown>>;

/** One document and the events that have a say in it; the object that was given, where they change nothing. */
export const fold = <Doc>(
  merge: Merge<CollectionName, Doc>['merge'],
  before: Doc | undefined,
  events: readonly RecordedEvent[],
  id: string,
): Doc | undefined => events.reduce<Doc | undefined>((doc, event) => merge(doc, event, id), before);

/** The events by the documents that they have a say in. */
export const byDocument = (
  merge: Pick<AnyMerge, 'touches'>,
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
    merges.map(<Doc>(any: AnyMerge) => {
      // The collection's name ties document and merge together; inside one entry the type is one and the same.
      const merge = any as unknown as Merge<CollectionName, Doc>;
      const docs = new Map(before.get(merge.collection) as ReadonlyMap<string, Doc> | undefined);
      for (const [id, group] of byDocument(merge, events)) {
        const doc = fold(merge.merge, docs.get(id), group, id);
        if (doc !== undefined) docs.set(id, doc);
      }
      return [merge.collection, docs] as const;
    }),
  );
