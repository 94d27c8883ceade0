import type { Event, EventKind, EventName, RecordedEvent } from '@rookery/schema/events';

/** Version of a write: `[ISO 8601 instant, event id]`, compared in that order. */
export type Version = readonly [time: string, eventId: string];

/**
 * An index: fields compared by equality, followed by the numeric field of the order. Indexed text must be short (an
 * id, a handle): Postgres indexes at most 2,700 bytes.
 */
export interface Index {
  readonly equal: readonly string[];
  readonly order?: string;
  /**
   * Field that is a list of texts. A page then finds the documents whose list has a value, in the order of `order`, and takes no
   * other condition; `equal` is empty.
   */
  readonly each?: string;
  /**
   * True if many documents have no place in the order: then only those that have one are in the index, if the engine can use it so.
   * It serves pages in that order alone, and neither counts nor `among`.
   */
  readonly sparse?: true;
}

/** Live topic that a change of a document concerns. */
type DocumentTopic =
  `${'post' | 'text' | 'viewer' | 'account' | 'block' | 'notifications' | 'moderation'}:${string}`;

/**
 * Definition of a count: `counts/<kind>:<value of field>` is the number of documents that have this value and
 * match `where`. A document that has a value in this field keeps it, which a recount on MongoDB relies on.
 */
export interface CountedSet<Doc = unknown> {
  readonly field: unknown extends Doc ? string : keyof Doc & string;
  readonly where: Readonly<Record<string, string | number | boolean | null>>;
}

/** A recorded event of one of these kinds. */
interface RecordedOf<Kind extends EventKind> extends RecordedEvent {
  readonly event: Extract<Event, { readonly name: Kind['name'] }>;
}

/** Parts of a collection besides its reducer. */
interface CollectionParts<Doc> {
  readonly indexes: readonly Index[];
  /** Field with the value of which, and a colon, each id begins: documents with the same value are on the same shard. */
  readonly idPrefix?: unknown extends Doc ? string : keyof Doc & string;
  /** Returns the live topics that a change of this document concerns. */
  topics?(doc: Doc, id: string): readonly DocumentTopic[];
}

/**
 * Reducer from events to the documents of one collection. It is pure: the result depends on the arguments
 * alone.
 *
 * `merge` must be commutative, associative and idempotent over events, so that order, duplicates, several
 * workers and rebuilds make no difference. It returns the given object if nothing changes, which saves the
 * write.
 */
interface Reducer<Doc, Recorded extends RecordedEvent> {
  /** Returns the ids of the documents that this event affects. */
  affectedIds(recorded: Recorded): readonly string[];
  /** Called only with an id that `affectedIds` returned. */
  merge(doc: Doc | undefined, recorded: Recorded, id: string): Doc;
}

/** A collection of a projection: its documents, indexes and counts, and the events that change it. */
export interface Collection<Doc = unknown, Count extends string = string>
  extends CollectionParts<Doc>,
    Reducer<Doc, RecordedEvent> {
  /** Sets whose sizes are stored in `counts`, by the kind of the count. */
  readonly counts: Readonly<Record<Count, CountedSet>>;
  /** Names of the kinds of events that change it. */
  readonly on: readonly EventName[] | 'every event';
}

/** Input of defineCollection; `on` lists the kinds of events that its reducer gets. */
interface NewCollection<Doc, Kind extends EventKind, Count extends string>
  extends CollectionParts<Doc>,
    Reducer<Doc, RecordedOf<Kind>> {
  readonly counts?: Readonly<Record<Count, CountedSet<Doc>>>;
  readonly on: readonly Kind[] | 'every event';
}

/** Defines a collection of documents of the type `Doc`: `defineCollection<Doc>()({ … })`. */
export const defineCollection =
  <Doc>() =>
  <Kind extends EventKind, Count extends string = never>(
    collection: NewCollection<Doc, Kind, Count>,
  ): Collection<Doc, Count> => {
    const on =
      collection.on === 'every event' ? collection.on : collection.on.map(({ name }) => name as EventName);
    const isOneOf = ({ event }: RecordedEvent): boolean => on === 'every event' || on.includes(event.name);
    // The reducer gets only events of the kinds that it is defined for.
    const reducer = collection as unknown as Reducer<Doc, RecordedEvent>;
    return {
      ...collection,
      counts: (collection.counts ?? {}) as Readonly<Record<Count, CountedSet>>,
      on,
      affectedIds: (recorded) => (isOneOf(recorded) ? reducer.affectedIds(recorded) : []),
      merge: reducer.merge,
    };
  };

/** A collection with its name, for code that treats all collections alike: it passes it only its own documents. */
export interface Merge<Name extends string = string, Count extends string = string>
  extends Reducer<unknown, RecordedEvent> {
  readonly collection: Name;
  readonly counts: readonly (CountedSet & { readonly kind: Count })[];
  topics?(doc: unknown, id: string): readonly DocumentTopic[];
}

/** A read model. It consumes RECORDED under its own name and has its own checkpoint. */
export interface Projection<Name extends string = string, Count extends string = string> {
  readonly name: string;
  readonly merges: readonly Merge<Name, Count>[];
  /**
   * Returns whether the event permanently removes a text, which must also leave the generation kept for
   * roll-back.
   */
  erases?(recorded: RecordedEvent): boolean;
  /** True if its items and follows are also written to the feeds in Redis. */
  readonly feedsReaders?: true;
}

/** A projection as it is defined: with the definitions of its collections, by their names. */
export interface DefinedProjection<
  Name extends string = string,
  Collections extends Readonly<Record<string, Collection>> = Readonly<Record<string, Collection>>,
> extends Projection {
  readonly name: Name;
  readonly collections: Collections;
}

/** Defines a projection, in a file of this folder. The list of all projections is in index.ts. */
export const defineProjection = <
  const Name extends string,
  const Collections extends Readonly<Record<string, Collection>>,
>(
  projection: Omit<DefinedProjection<Name, Collections>, 'merges'>,
): DefinedProjection<Name, Collections> => ({
  ...projection,
  merges: Object.entries(projection.collections).map(
    ([collection, { affectedIds, merge, topics, counts }]): Merge => ({
      collection,
      affectedIds,
      merge,
      ...(topics ? { topics } : {}),
      counts: Object.entries(counts).map(([kind, set]) => ({ kind, ...set })),
    }),
  ),
});

/**
 * Returns whether `a` was written later than `b`, by time and then by event id. An event is not newer than
 * itself.
 */
export const newer = (a: Version, b: Version | null): boolean =>
  b === null || a[0] > b[0] || (a[0] === b[0] && a[1] > b[1]);

export const isSameVersion = (a: Version, b: Version): boolean => a[0] === b[0] && a[1] === b[1];

export const versionOf = ({ event }: RecordedEvent): Version => [event.time, event.id];
