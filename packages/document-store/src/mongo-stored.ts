import type { Document, Collection as MongoCollection } from 'mongodb';
import { demandPlainName } from './errors.ts';
import type { AppliedWrite, PendingChanges } from './pending-counts.ts';
import { fromStored, fromStoredText, toStored, toStoredText } from './text.ts';
import type { CountChange, Stored } from './types.ts';

/** Pending changes of a write, by what they do. */
interface KeptChanges {
  readonly token: string;
  /** Counts to which the document adds one, from which it takes one, and that it only creates. */
  readonly entered: readonly string[];
  readonly left: readonly string[];
  readonly named: readonly string[];
}

/** Stored form: the fields of the document, and those that begin with an underscore. */
export interface Kept {
  readonly _id: string;
  readonly _revision: number;
  /** Changes of counts that the last write has caused, until they are applied. */
  readonly _pending?: KeptChanges;
  /** Only in counts, as is `_heldUntil`: see StoredCount. */
  readonly _applied?: readonly AppliedWrite[];
  readonly _heldUntil?: number;
  readonly [field: string]: unknown;
}

/**
 * Projection of a read that needs no notes of the counts. A hot count lists a write for each change of the last batch: up to
 * 130 KB that nobody but the next writer needs.
 */
export const withoutNotes = { _applied: 0, _heldUntil: 0 } as const;

/** Returns the projection of these fields alone, with the one that the documents are sorted by. */
export const projectionOf = (fields: readonly string[], orderBy: string): Document =>
  Object.fromEntries(
    ['_revision', '_pending', ...[orderBy, ...fields].map(demandPlainName)].map((field) => [field, 1]),
  );

/** Returns a document with these fields alone. */
export const withFields = (kept: Kept, fields: readonly string[]): Kept => ({
  ...{ _id: kept._id, _revision: kept._revision, ...(kept._pending ? { _pending: kept._pending } : {}) },
  ...Object.fromEntries(fields.map((field) => [field, kept[field] ?? null])),
});

export type Call = <R>(action: (collection: MongoCollection<Kept>) => Promise<R>) => Promise<R>;

export const toFields = (doc: unknown): Document => JSON.parse(toStored(doc)) as Document;

/**
 * Returns the compare-and-set of a whole document. If the revision has changed, the filter matches nothing and
 * the upsert violates the unique id: a duplicate key is a lost write, and one command reports all of them.
 */
export const toReplacement = (id: string, revision: number, fields: Document) => ({
  replaceOne: {
    filter: { _id: toStoredText(id), _revision: revision },
    replacement: { ...fields, _revision: revision + 1 },
    upsert: true,
  },
});

/** A document with pending changes has a revision that no write can match, so that none replaces them. */
export const toStoredDoc = <T>({
  _id,
  _revision,
  _pending,
  _applied,
  _heldUntil,
  ...doc
}: Kept): Stored<T> => {
  const json = JSON.stringify(doc);
  return {
    id: fromStoredText(_id),
    revision: _pending ? -_revision : _revision,
    // Only documents with escaped text must be converted.
    doc: (json.includes('\\u001b') ? fromStored(json) : doc) as T,
    ...(_pending ? { hasPendingCounts: true } : {}),
  };
};

/** Returns the pending changes of a document, if it has any. */
export const toPending = ({ _id, _pending }: Kept): PendingChanges[] => {
  if (!_pending) return [];
  const { token, entered, left, named } = _pending;
  const changesOf = (ids: readonly string[], by: CountChange['by']): CountChange[] =>
    ids.map((id) => ({ id: fromStoredText(id), by }));
  const changes = [...changesOf(entered, 1), ...changesOf(left, -1), ...changesOf(named, 0)];
  return [{ document: fromStoredText(_id), token, changes }];
};

/** Returns the field of a document that notes its pending changes. */
export const toPendingField = ({ token, changes }: Pick<PendingChanges, 'token' | 'changes'>) => {
  const idsOf = (by: CountChange['by']): string[] =>
    changes.flatMap((change) => (change.by === by ? [toStoredText(change.id)] : []));
  const _pending: KeptChanges = { token, entered: idsOf(1), left: idsOf(-1), named: idsOf(0) };
  return { _pending };
};
