import type { RecordedEvent } from '@rookery/schema/events';
import type { CollectionName, CountKind, Shapes, Version, Where } from '@rookery/stores/documents';
import type { LiveTopic } from '@rookery/stores/feeds';

/**
 * How events become the documents of one collection. Pure: everything depends on the arguments alone.
 *
 * `merge` must be commutative, associative and idempotent over events, so that order, duplicates, several workers
 * and rebuilds make no difference; and it answers the very object that it was given where nothing changes, which
 * spares the write.
 */
export interface Merge<Name extends CollectionName = CollectionName, Doc = unknown> {
  readonly collection: Name;
  /** Ids of the documents that this event has a say in. */
  touches(recorded: RecordedEvent): readonly string[];
  /** Asked only with an id that `touches` named. */
  merge(doc: Doc | undefined, recorded: RecordedEvent, id: string): Doc;
  /** Sets whose sizes are kept in `counts`. */
  readonly counts?: readonly CountedSet<Doc>[];
  /** Whom a change of this document concerns live. */
  topics?(doc: Doc, id: string): readonly LiveTopic[];
}

/** `counts/<kind>:<value of field>` is the number of documents that have this value and fulfil `where`. */
export interface CountedSet<Doc> {
  readonly kind: CountKind;
  readonly field: unknown extends Doc ? string : keyof Doc & string;
  readonly where: Where;
}

/** A read model: consumes RECORDED under its name, on its own and with a progress of its own. */
export interface Projection {
  readonly name: string;
  readonly merges: readonly AnyMerge[];
  /** Returns whether the event removes a text for good, and so from the generation kept for rolling back as well. */
  erases?(recorded: RecordedEvent): boolean;
  /** Its items and follows go on to the feeds in Redis. */
  readonly feedsReaders?: true;
}

/** The merge of this collection, for its kind of document. */
export type MergeOf<Name extends CollectionName> = Merge<Name, Shapes[Name]>;
/** Any one collection's merge; the collection's name ties the types together. */
export type AnyMerge = { [Name in CollectionName]: MergeOf<Name> }[CollectionName];

/** A merge for code that is the same for every collection: it passes documents on, and only from the collection's own. */
export const untied = (merge: AnyMerge): Merge => merge as unknown as Merge;

/** Whether `a` was written later than `b`: by time, then by event id. The same event is not newer than itself. */
export const newer = (a: Version, b: Version | null): boolean =>
  b === null || a[0] > b[0] || (a[0] === b[0] && a[1] > b[1]);

export const versionOf = ({ event }: RecordedEvent): Version => [event.time, event.id];
