import type { Filter, Collection as MongoCollection } from 'mongodb';
import { DocumentsUnavailableError, demandPlainName } from './errors.ts';
import { toCount, toCountReplacement } from './mongo-counts.ts';
import { lostBy } from './mongo-errors.ts';
import type { Kept } from './mongo-stored.ts';
import { maxHoldMs, type StoredCount } from './pending-counts.ts';
import { toStoredText } from './text.ts';

/** Sets of one kind, the documents of which some are members, and the counts. */
export interface Sets {
  readonly kind: string;
  /** A document that has a value in this field keeps it: so its pending changes concern the set that it names. */
  readonly field: string;
  /** Condition of the members. */
  readonly where: Filter<Kept>;
  readonly documents: MongoCollection<Kept>;
  readonly counts: MongoCollection<Kept>;
}

/** Number of documents, and of counts, that are gone through at a time: what one step reads does not grow with the collection. */
const rowsAtOnce = 10_000;
/** By default, a cursor returns 101 documents at a time. */
const inOneBatch = { batchSize: rowsAtOnce + 1 } as const;
/** Number of counts that are written in one command. */
const countsAtOnce = 1_000;
/** Number of attempts to find sets quiet, before their counts are held. */
const quietPasses = 3;
/** Number of attempts to count one set whose count is held. */
const maxAttempts = 10;

/**
 * Counts all sets of one kind and corrects their counts, while other processes may write.
 * @throws DocumentsUnavailableError if a set changes although its count is held
 */
export const correctCounts = async (sets: Sets): Promise<void> => {
  for await (const range of rangesOf(sets)) {
    let open = await correctQuietOnes(sets, range);
    for (let passes = 1; passes < quietPasses && open.length > 0; passes++)
      open = await correctQuietOnes(sets, { values: open.map((id) => setOf(sets, id)) });
    for (const id of open) await correctHeld(sets, id);
  }
};

/** Values of the field, in their stored form: all after one up to another one, both unlimited if undefined, or these. */
type Scope =
  | { readonly after: string | undefined; readonly upTo: string | undefined }
  | { readonly values: readonly string[] };

const idOf = ({ kind }: Sets, value: string): string => `${kind}:${value}`;
const setOf = ({ kind }: Sets, id: string): string => id.slice(kind.length + 1);

/** Yields ranges that contain all values together, in order. Each has a limited number of documents besides those of its last value. */
async function* rangesOf(sets: Sets): AsyncGenerator<Scope> {
  const { documents, counts } = sets;
  const field = demandPlainName(sets.field);
  for (let after: string | undefined; ; ) {
    const rest = { after, upTo: undefined };
    const [ofDocuments, ofCounts] = await Promise.all([
      lastOfNext(documents, field, valuesIn(rest)),
      lastOfNext(counts, '_id', idsIn(sets, rest)),
    ]);
    const ends = [ofDocuments, ofCounts === undefined ? undefined : setOf(sets, ofCounts)];
    const upTo = ends.filter((end) => end !== undefined).sort(inStoredOrder)[0];
    yield { after, upTo };
    if (upTo === undefined) return;
    after = upTo;
  }
}

/** MongoDB compares the bytes of strings. */
const inStoredOrder = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

/** Returns the value of a field in the last one of the next documents; undefined if fewer are left. */
const lastOfNext = async (
  collection: MongoCollection<Kept>,
  field: string,
  condition: Filter<Kept>['_id'],
): Promise<string | undefined> => {
  const [last] = await collection
    .find({ [field]: condition } as Filter<Kept>)
    .sort({ [field]: 1 })
    .skip(rowsAtOnce - 1)
    .limit(1)
    .project<Readonly<Record<string, string>>>({ [field]: 1 })
    .toArray();
  return last?.[field];
};

const valuesIn = (scope: Scope) => {
  if ('values' in scope) return { $in: [...scope.values] };
  const { after, upTo } = scope;
  return {
    ...(after === undefined ? { $gte: '' } : { $gt: after }),
    ...(upTo === undefined ? {} : { $lte: upTo }),
  };
};

const idsIn = (sets: Sets, scope: Scope) => {
  if ('values' in scope) return { $in: scope.values.map((value) => idOf(sets, value)) };
  const { after, upTo } = scope;
  return {
    ...(after === undefined ? { $gte: idOf(sets, '') } : { $gt: idOf(sets, after) }),
    ...(upTo === undefined ? { $lt: `${sets.kind};` } : { $lte: idOf(sets, upTo) }),
  };
};

/**
 * Counts sets and corrects the counts of those that nothing has changed meanwhile: afterwards no document has pending changes of the
 * count, and its revision is the same as before.
 * @returns the ids of the other counts, in their stored form
 */
const correctQuietOnes = async (sets: Sets, scope: Scope): Promise<string[]> => {
  const { field, where, documents, counts } = sets;
  const own: Filter<Kept> = { _id: idsIn(sets, scope) };
  const these: Filter<Kept> = { [demandPlainName(field)]: valuesIn(scope) };
  const before = new Map((await counts.find(own, inOneBatch).toArray()).map((kept) => [kept._id, kept]));
  const sizes = await sizesOf(documents, field, { ...where, ...these });
  const named = await sizesOf(documents, field, these);
  const pending = await documents
    .find({ ...these, _pending: { $exists: true } }, inOneBatch)
    .project<Pending>({ _pending: 1 })
    .toArray();
  const changing = new Set(
    pending.flatMap(({ _pending: { entered, left, named } }) => [...entered, ...left, ...named]),
  );
  const after = new Map(
    (await counts.find(own, inOneBatch).project<Kept>({ _revision: 1 }).toArray()).map(
      ({ _id, _revision }) => [_id, _revision],
    ),
  );
  const open: string[] = [];
  const wrong: StoredCount[] = [];
  for (const id of new Set([...[...named.keys()].map((value) => idOf(sets, value)), ...before.keys()])) {
    const found = before.get(id);
    const n = sizes.get(setOf(sets, id)) ?? 0;
    if (changing.has(id) || found?._revision !== after.get(id)) open.push(id);
    else if (found?.n !== n) wrong.push({ ...toCount(found ?? { _id: id, _revision: 0 }), n });
  }
  for (let i = 0; i < wrong.length; i += countsAtOnce)
    open.push(...(await put(counts, wrong.slice(i, i + countsAtOnce))));
  return open;
};

type Pending = Required<Pick<Kept, '_pending'>>;

/**
 * Counts one set that changes all the time, while its count is held. Writers may still write documents, with
 * pending changes: these count as they did before.
 * @param id in its stored form
 */
const correctHeld = async (sets: Sets, id: string): Promise<void> => {
  const { field, where, documents, counts } = sets;
  for (let attempts = 0; attempts < maxAttempts; attempts++) {
    const found = await counts.findOne({ _id: id });
    const { heldUntil: _, ...count } = toCount(found ?? { _id: id, _revision: 0 });
    if ((await put(counts, [{ ...count, heldUntil: Date.now() + maxHoldMs }])).length > 0) continue;
    const [setField, value] = [demandPlainName(field), setOf(sets, id)];
    const unlisted: Filter<Kept> = { '_pending.token': { $nin: count.applied.map(({ token }) => token) } };
    const wasOutside: Filter<Kept> = { ...unlisted, '_pending.entered': id };
    const wasInside: Filter<Kept> = { ...unlisted, '_pending.left': id };
    const inside: Filter<Kept> = { ...where, [setField]: value, $nor: [wasOutside] };
    const n = await documents.countDocuments({ $or: [inside, wasInside] });
    const lost = await put(counts, [{ ...count, revision: count.revision + 1, n }]);
    if (lost.length === 0) return;
  }
  throw new DocumentsUnavailableError(`the count ${id} changes all the time`);
};

/** Writes counts. Returns the ids that lost, in their stored form. */
const put = async (counts: MongoCollection<Kept>, some: readonly StoredCount[]): Promise<string[]> => {
  try {
    await counts.bulkWrite(some.map(toCountReplacement), { ordered: false });
    return [];
  } catch (error) {
    return lostBy(error, some).map(toStoredText);
  }
};

/** Returns the number of matching documents for each value of a field, by its stored text. */
const sizesOf = async (
  documents: MongoCollection<Kept>,
  field: string,
  match: Filter<Kept>,
): Promise<Map<string, number>> => {
  const groups = await documents
    .aggregate<{ _id: unknown; n: number }>(
      [{ $match: match }, { $group: { _id: `$${demandPlainName(field)}`, n: { $sum: 1 } } }],
      inOneBatch,
    )
    .toArray();
  return new Map(groups.flatMap(({ _id, n }) => (typeof _id === 'string' ? [[_id, n]] : [])));
};
