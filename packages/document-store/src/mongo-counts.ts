import type { Filter } from 'mongodb';
import { lostBy } from './mongo-errors.ts';
import { type Call, type Kept, toFields, toPending, toPendingField, toReplacement } from './mongo-stored.ts';
import type { CountStore, StoredCount } from './pending-counts.ts';
import { fromStoredText, toStoredText } from './text.ts';
import { timeoutsMs } from './timeouts.ts';

/**
 * Only what a majority has: what an old primary still answers, or a new one may undo, must neither be added to
 * a count nor keep a change out of it.
 */
const committed = { readConcern: { level: 'majority' }, maxTimeMS: timeoutsMs.call } as const;

export const toCount = ({ _id, _revision, n, _applied = [], _heldUntil }: Kept): StoredCount => ({
  id: fromStoredText(_id),
  revision: _revision,
  n: typeof n === 'number' ? n : 0,
  applied: _applied.map(({ document, token }) => ({ document: fromStoredText(document), token })),
  ...(typeof _heldUntil === 'number' ? { heldUntil: _heldUntil } : {}),
});

export const toCountReplacement = ({ id, revision, n, applied, heldUntil }: StoredCount) =>
  toReplacement(id, revision, {
    n,
    _applied: applied.map(({ document, token }) => ({ document: toStoredText(document), token })),
    ...(heldUntil === undefined ? {} : { _heldUntil: heldUntil }),
  });

/** Replaces documents, and returns the ids that lost. */
const replace = async (
  call: Call,
  operations: readonly ReturnType<typeof toReplacement>[],
  writes: readonly { readonly id: string }[],
): Promise<string[]> => {
  try {
    await call((c) => c.bulkWrite([...operations], { ordered: false, maxTimeMS: timeoutsMs.call }));
    return [];
  } catch (error) {
    return lostBy(error, writes);
  }
};

/** Opens the operations of the protocol on the documents of one collection and their counts. */
export const openCountStore = <T>(call: Call, callCounts: Call): CountStore<T> => ({
  put: (writes) => {
    const operations = writes.map(({ id, revision, doc, pending }) =>
      toReplacement(id, revision, { ...toFields(doc), ...(pending ? toPendingField(pending) : {}) }),
    );
    return replace(call, operations, writes);
  },
  async pending(documents) {
    const filter: Filter<Kept> = { _id: { $in: documents.map(toStoredText) }, _pending: { $exists: true } };
    const options = { ...committed, projection: { _pending: 1 }, batchSize: documents.length + 1 };
    return (await call((c) => c.find<Kept>(filter, options).toArray())).flatMap(toPending);
  },
  async counts(ids) {
    const options = { ...committed, batchSize: ids.length + 1 };
    const found = await callCounts((c) => c.find({ _id: { $in: ids.map(toStoredText) } }, options).toArray());
    return new Map(found.map(toCount).map((count) => [count.id, count]));
  },
  putCounts: (counts) => replace(callCounts, counts.map(toCountReplacement), counts),
  async removePending(writes) {
    const operations = writes.map(({ document, token }) => ({
      updateOne: {
        filter: { _id: toStoredText(document), '_pending.token': token },
        update: { $unset: { _pending: true } } as const,
      },
    }));
    await call((c) => c.bulkWrite(operations, { ordered: false, maxTimeMS: timeoutsMs.call }));
  },
});
