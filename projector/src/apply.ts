import type { Collection, Documents } from '@rookery/document-store';
import type { LiveTopic } from '@rookery/feeds';
import { byDocument, fold, type Merge, type Projection } from '@rookery/read-models/reducers';
import { crashPoint } from '@rookery/runtime';
import type { RecordedEvent } from '@rookery/schema/events';
import { countChanges } from './count-changes.ts';
import type { FanOut } from './fan-out.ts';
import { type Hints, joinHints } from './hints.ts';

/** Applies a batch of events durably to one projection and returns who must be notified. Idempotent. */
export type Apply = (events: readonly RecordedEvent[]) => Promise<Hints>;

export interface ApplyOptions {
  /** Documents to write: the live ones or a separate set. */
  readonly documents: Documents;
  /** Writes items and follows to the feeds in Redis. Absent if there are no feeds to write, as in a rebuild. */
  readonly fanOut?: FanOut;
}

/** Documents of one collection after a batch. */
export interface Applied {
  readonly merge: Merge;
  readonly docs: ReadonlyMap<string, unknown>;
}

/**
 * Creates the function that applies events to one projection. Everything depends on its order: it first
 * writes its own documents with their counts, and only then what is derived from several documents, the feeds.
 */
export const createApply = (projection: Projection, { documents, fanOut }: ApplyOptions): Apply => {
  return async (events) => {
    const applied = await Promise.all(
      projection.merges.map((merge) => applyTo(documents, merge, byDocument(merge, events))),
    );
    crashPoint('mid-batch');
    const own: Hints = {
      topics: new Set(applied.flatMap(topicsOf)),
      isIdle: applied.every(({ docs }) => docs.size === 0),
    };
    if (!fanOut || !projection.feedsReaders) return own;
    return joinHints([own, await fanOut(applied)]);
  };
};

/**
 * Reads the documents, folds the events into them, and writes the changed ones with the changes of their
 * counts. Repeats for documents that another worker changed in between.
 *
 * A document that has the id of an event is created by it, and usually nothing has changed it before: it is written
 * without being read, and read only if this write loses.
 */
export const applyTo = (
  documents: Documents,
  merge: Merge,
  grouped: ReadonlyMap<string, readonly RecordedEvent[]>,
): Promise<Applied> =>
  foldInto(documents, merge, grouped, {
    counts: merge.counts,
    unread: new Set([...grouped].flatMap(([id, events]) => (createsDocument(id, events) ? [id] : []))),
  });

const createsDocument = (id: string, events: readonly RecordedEvent[]): boolean =>
  events.some(({ event }) => event.id === id);

/** Does the same without counts, for documents that are counted as a whole afterwards. */
export const applyUncounted = (
  documents: Documents,
  merge: Merge,
  grouped: ReadonlyMap<string, readonly RecordedEvent[]>,
): Promise<Applied> => foldInto(documents, merge, grouped, { counts: [], unread: new Set() });

interface FoldOptions {
  readonly counts: Merge['counts'];
  /** Ids of documents that are taken for new at first. */
  readonly unread: ReadonlySet<string>;
}

const foldInto = async (
  documents: Documents,
  merge: Merge,
  grouped: ReadonlyMap<string, readonly RecordedEvent[]>,
  { counts, unread }: FoldOptions,
): Promise<Applied> => {
  const collection: Collection<unknown> = documents.collection(merge.collection);
  const docs = new Map<string, unknown>();
  let open = [...grouped.keys()];
  for (let toRead = open.filter((id) => !unread.has(id)); open.length > 0; toRead = open) {
    const stored = await collection.getMany(toRead);
    const writes = open.flatMap((id) => {
      const before = stored.get(id);
      const doc = fold(merge.merge, before?.doc, grouped.get(id) ?? [], id);
      docs.set(id, doc);
      // A crash may have left changes of counts to this worker, which any write applies.
      if (doc === before?.doc && !before?.hasPendingCounts) return [];
      const revision = before?.revision ?? 0;
      return counts.length === 0
        ? [{ id, revision, doc }]
        : [{ id, revision, doc, counts: countChanges(counts, before?.doc, doc) }];
    });
    open = writes.length > 0 ? await collection.putMany(writes) : [];
  }
  return { merge, docs };
};

const topicsOf = ({ merge, docs }: Applied): LiveTopic[] =>
  [...docs].flatMap(([id, doc]) => [...(merge.topics?.(doc, id) ?? [])]);
