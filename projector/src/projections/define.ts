import type { Where } from '@rookery/document-store';
import type { LiveTopic } from '@rookery/feeds';
import type { CollectionName, CountKind, Shapes, Version } from '@rookery/read-models';
import type { RecordedEvent } from '@rookery/schema/events';

/**
 * Reducer from events to the documents of one collection. It is pure: the result depends on the arguments
 * alone.
 *
 * `merge` must be commutative, associative and idempotent over events, so that order, duplicates, several
 * workers and rebuilds make no difference. It returns the given object if nothing changes, which saves the
 * write.
 */
export interface Merge<Name extends CollectionName = CollectionName, Doc = unknown> {
  readonly collection: Name;
  /** Returns the ids of the documents that this event affects. */
  affectedIds(recorded: RecordedEvent): readonly string[];
  /** Called only with an id that `affectedIds` returned. */
  merge(doc: Doc | undefined, recorded: RecordedEvent, id: string): Doc;
  /** Sets whose sizes are stored in `counts`. */
  readonly counts?: readonly CountedSet<Doc>[];
  /** Returns the live topics that a change of this document concerns. */
  topics?(doc: Doc, id: string): readonly LiveTopic[];
}

/**
 * Definition of a count: `counts/<kind>:<value of field>` is the number of documents that have this value and
 * match `where`.
 */
export interface CountedSet<Doc> {
  readonly kind: CountKind;
  readonly field: unknown extends Doc ? string : keyof Doc & string;
  readonly where: Where;
}

/** A read model. It consumes RECORDED under its own name and has its own checkpoint. */
export interface Projection {
  readonly name: string;
  readonly merges: readonly AnyMerge[];
  /**
   * Returns whether the event permanently removes a text, which must also leave the generation kept for
   * roll-back.
   */
  erases?(recorded: RecordedEvent): boolean;
  /** True if its items and follows are also written to the feeds in Redis. */
  readonly feedsReaders?: true;
}

/** Merge of a collection, typed by its documents. */
export type MergeOf<Name extends CollectionName> = Merge<Name, Shapes[Name]>;
/** Merge of any one collection. The name of the collection ties the types together. */
export type AnyMerge = { [Name in CollectionName]: MergeOf<Name> }[CollectionName];

/**
 * Erases the document type of a merge, for code that treats all collections alike. Such code only passes a
 * merge documents of its own collection.
 */
export const eraseType = (merge: AnyMerge): Merge => merge as unknown as Merge;

/**
 * Returns whether `a` was written later than `b`, by time and then by event id. An event is not newer than
 * itself.
 */
export const newer = (a: Version, b: Version | null): boolean =>
  b === null || a[0] > b[0] || (a[0] === b[0] && a[1] > b[1]);

export const versionOf = ({ event }: RecordedEvent): Version => [event.time, event.id];
