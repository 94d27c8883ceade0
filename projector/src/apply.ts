import type { RecordedEvent } from '@rookery/schema/events';
import { crashPoint } from '@rookery/service';
import { type Collection, countId, type Documents } from '@rookery/stores/documents';
import type { LiveTopic } from '@rookery/stores/feeds';
import type { FanOut } from './fan-out.ts';
import { type Hints, joinHints, noHints } from './hints.ts';
import { byDocument, fold } from './projections/fold.ts';
import { type Merge, type Projection, untied } from './projections/index.ts';
import { type ChangedSets, type RecountOptions, recount } from './recount.ts';

/** Makes a batch of events durable in one projection, and answers whom that concerns. Applying it again is harmless. */
export type Apply = (events: readonly RecordedEvent[]) => Promise<Hints>;

export interface ApplyOptions {
  /** Where the documents are: the live ones, or another set of them beside. */
  readonly documents: Documents;
  /** How items and follows go on to the feeds in Redis; left out where there are none to write (a rebuild beside). */
  readonly fanOut?: FanOut;
  /** How sets are counted that take long to count. */
  readonly counts?: RecountOptions;
}

/** The documents of one collection as they stand after a batch. */
export interface Applied {
  readonly merge: Merge;
  readonly docs: ReadonlyMap<string, unknown>;
}

/**
 * One projection on one set of stores. The order is what everything else rests on: its own documents first, and
 * only then what is read off those of others: the counts, and the feeds.
 */
export const createApply = (projection: Projection, { documents, fanOut, counts }: ApplyOptions): Apply => {
  return async (events) => {
    const applied = await Promise.all(
      projection.merges.map(untied).map((merge) => applyTo(documents, merge, byDocument(merge, events))),
    );
    crashPoint('mid-batch');
    const late = await recount(documents, applied.flatMap(changedSets), counts);
    const own: Hints = {
      topics: new Set(applied.flatMap(topicsOf)),
      crowds: new Set(),
      ...(late.size > 0 ? { owed: owedBy(events, applied, late) } : {}),
    };
    if (!fanOut || !projection.feedsReaders) return own;
    return joinHints([own, await fanOut(applied)]);
  };
};

/** Reads the documents, folds the events in, and writes what changed; what somebody else wrote meanwhile, once more. */
export const applyTo = async (
  documents: Documents,
  merge: Merge,
  grouped: ReadonlyMap<string, readonly RecordedEvent[]>,
): Promise<Applied> => {
  const collection: Collection<unknown> = documents.collection(merge.collection);
  const docs = new Map<string, unknown>();
  for (let open = [...grouped.keys()]; open.length > 0; ) {
    const stored = await collection.getMany(open);
    const writes = open.flatMap((id) => {
      const before = stored.get(id);
      const doc = fold(merge.merge, before?.doc, grouped.get(id) ?? [], id);
      docs.set(id, doc);
      return doc === before?.doc ? [] : [{ id, revision: before?.revision ?? 0, doc }];
    });
    open = writes.length > 0 ? await collection.putMany(writes) : [];
  }
  return { merge, docs };
};

/** All sets that a document of the batch is in, also where it did not change: a crash may have come in between. */
const changedSets = ({ merge, docs }: Applied): ChangedSets[] =>
  (merge.counts ?? []).map(({ kind, field, where }) => ({
    kind,
    collection: merge.collection,
    field,
    where,
    values: new Set(
      [...docs.values()].flatMap((doc) => {
        const value = (doc as Readonly<Record<string, unknown>>)[field];
        return typeof value === 'string' ? [value] : [];
      }),
    ),
  }));

/** The events that are applied only once one of these counts is written, by position. */
const owedBy = (
  events: readonly RecordedEvent[],
  applied: readonly Applied[],
  late: ReadonlyMap<string, Promise<void>>,
): Map<number, Promise<void>> => {
  const owed = events.map((recorded): Hints => {
    const waitsFor = applied.flatMap(({ merge, docs }) =>
      (merge.counts ?? []).flatMap(({ kind, field }) =>
        merge.touches(recorded).flatMap((id) => {
          const value = (docs.get(id) as Readonly<Record<string, unknown>> | undefined)?.[field];
          return (typeof value === 'string' && late.get(countId(kind, value))) || [];
        }),
      ),
    );
    return joinHints(waitsFor.map((count) => ({ ...noHints, owed: new Map([[recorded.position, count]]) })));
  });
  return new Map(joinHints(owed).owed);
};

const topicsOf = ({ merge, docs }: Applied): LiveTopic[] =>
  [...docs].flatMap(([id, doc]) => [...(merge.topics?.(doc, id) ?? [])]);
