import type { Filter, FindOptions } from 'mongodb';
import { demandPlainName } from './errors.ts';
import type { Kept } from './mongo-stored.ts';
import { toStoredText } from './text.ts';
import { timeoutsMs } from './timeouts.ts';
import type { Among, PageRequest, Scalar, Where } from './types.ts';

const toValue = (value: Scalar): Scalar => (typeof value === 'string' ? toStoredText(value) : value);

/** $eq and $in throughout: a value is never read as an operator. */
export const toFilter = (where: Where): Filter<Kept> =>
  Object.fromEntries(
    Object.entries(where).map(([field, value]) => [
      demandPlainName(field),
      Array.isArray(value) ? { $in: value.map(toValue) } : { $eq: toValue(value as Scalar) },
    ]),
  );

export interface PageReads {
  find(filter: Filter<Kept>, options: FindOptions): Promise<Kept[]>;
  /** Returns the values that `among` allows. */
  valuesOf(among: Among): Promise<string[]>;
}

/**
 * Combinations of values that one query may have. MongoDB merges the index scans of up to 200 of them in order
 * (internalQueryMaxScansToExplode), and reads about as many keys as the page has documents; with more, it would sort all
 * documents that match.
 */
const maxScans = 200;
/** Queries of one page that run concurrently. */
const atOnce = 4;

/** Splits the longest list of values, so that no part has more combinations than one query may have. */
const split = (where: Where): Where[] => {
  const lists = Object.entries(where).flatMap(([field, value]) =>
    Array.isArray(value) ? [[field, [...new Set(value as readonly Scalar[])]] as const] : [],
  );
  const [longest, ...others] = lists.toSorted(([, a], [, b]) => b.length - a.length);
  if (!longest) return [where];
  const [field, values] = longest;
  const rest = others.reduce((product, [, list]) => product * list.length, 1);
  const size = Math.max(1, Math.floor(maxScans / Math.max(1, rest)));
  return Array.from({ length: Math.ceil(values.length / size) }, (_, i) => ({
    ...where,
    [field]: values.slice(i * size, (i + 1) * size),
  }));
};

/** Reads a page: always bounded, so that a document whose field is no number is in no page. */
export const readPage = async (
  { find, valuesOf }: PageReads,
  { where, among, orderBy, direction, after, limit }: PageRequest,
): Promise<Kept[]> => {
  const field = demandPlainName(orderBy);
  const sign = direction === 'asc' ? 1 : -1;
  const [next, previous] = direction === 'asc' ? ['$gt', '$lt'] : ['$lt', '$gt'];
  const bound = after ?? -sign * Number.MAX_VALUE;
  const options: FindOptions = {
    sort: { [field]: sign } as const,
    limit,
    batchSize: limit,
    maxTimeMS: timeoutsMs.call,
  };
  const keyOf = (kept: Kept): number => Number(kept[field]);
  const parts = split(among ? { ...where, [among.field]: await valuesOf(among) } : where);
  let best: Kept[] = [];
  for (let i = 0; i < parts.length; i += atOnce) {
    // The page has no document beyond the last of the best so far.
    const last = best.length < limit ? undefined : best.at(-1);
    const range = { [next]: bound, ...(last ? { [previous]: keyOf(last) } : {}) };
    const found = await Promise.all(
      parts.slice(i, i + atOnce).map((part) => find({ ...toFilter(part), [field]: range }, options)),
    );
    best = [...best, ...found.flat()].sort((a, b) => sign * (keyOf(a) - keyOf(b))).slice(0, limit);
  }
  return best;
};
