import type { Collection, Documents } from '@rookery/document-store';
import type { LiveTopic } from '@rookery/feeds';
import { countId } from '@rookery/read-models';
import { byDocument, fold, type Merge, type Projection } from '@rookery/read-models/reducers';
import { crashPoint } from '@rookery/runtime';
import type { RecordedEvent } from '@rookery/schema/events';
import type { FanOut } from './fan-out.ts';
import { type Hints, joinHints, noHints } from './hints.ts';
import { type ChangedSets, type RecountOptions, recount } from './recount.ts';

/** Applies a batch of events durably to one projection and returns who must be notified. Idempotent. */
export type Apply = (events: readonly RecordedEvent[]) => Promise<Hints>;

export interface ApplyOptions {
  /** Documents to write: the live ones or a separate set. */
  readonly documents: Documents;
  /** Writes items and follows to the feeds in Redis. Absent if there are no feeds to write, as in a rebuild. */
  readonly fanOut?: FanOut;
  /** Handles sets that take long to count. */
  readonly counts?: RecountOptions;
}

/** Documents of one collection after a batch. */
export interface Applied {
  readonly merge: Merge;
  readonly docs: ReadonlyMap<string, unknown>;
}

/**
 * Creates the function that applies events to one projection. Everything depends on its order: it first
 * writes its own documents, and only then what is derived from several documents, the counts and feeds.
 */
export const createApply = (projection: Projection, { documents, fanOut, counts }: ApplyOptions): Apply => {
  return async (events) => {
    const applied = await Promise.all(
      projection.merges.map((merge) => applyTo(documents, merge, byDocument(merge, events))),
    );
    crashPoint('mid-batch');
    const late = await recount(documents, applied.flatMap(changedSets), counts);
    const own: Hints = {
      topics: new Set(applied.flatMap(topicsOf)),
      ...(late.size > 0 ? { pending: pendingBy(events, applied, late) } : {}),
    };
    if (!fanOut || !projection.feedsReaders) return own;
    return joinHints([own, await fanOut(applied)]);
  };
};

/**
 * Reads the documents, folds the events into them, and writes the changed ones. Repeats for documents that
 * another worker changed in between.
 */
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

/**
 * Returns all sets that contain a document of the batch, even an unchanged one: a crash may have prevented
 * its count.
 */
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

/** Returns the events that count as applied only after one of these counts is written, by position. */
const pendingBy = (
  events: readonly RecordedEvent[],
  applied: readonly Applied[],
  late: ReadonlyMap<string, Promise<void>>,
): Map<number, Promise<void>> => {
  const pending = events.map((recorded): Hints => {
    const waitsFor = applied.flatMap(({ merge, docs }) =>
      (merge.counts ?? []).flatMap(({ kind, field }) =>
        merge.affectedIds(recorded).flatMap((id) => {
          const value = (docs.get(id) as Readonly<Record<string, unknown>> | undefined)?.[field];
          return (typeof value === 'string' && late.get(countId(kind, value))) || [];
        }),
      ),
    );
    return joinHints(
      waitsFor.map((count) => ({ ...noHints, pending: new Map([[recorded.position, count]]) })),
    );
  });
  return new Map(joinHints(pending).pending);
};

const topicsOf = ({ merge, docs }: Applied): LiveTopic[] =>
  [...docs].flatMap(([id, doc]) => [...(merge.topics?.(doc, id) ?? [])]);
