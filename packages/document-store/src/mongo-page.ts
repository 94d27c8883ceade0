import { type CollectionName, idPrefixOf } from '@rookery/read-models';
import type { Document, Filter, FindOptions } from 'mongodb';
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

/**
 * Returns the filter of a read, with the range of the ids if they begin with the value of a field: by it a router sends the
 * read to one shard.
 */
export const toTargetedFilter = (name: CollectionName, where: Where): Filter<Kept> => {
  const filter = toFilter(where);
  const value = where[idPrefixOf.get(name) ?? ''];
  if (typeof value !== 'string') return filter;
  const prefix = toStoredText(value);
  // The character after a colon.
  return { ...filter, _id: { $gte: `${prefix}:`, $lt: `${prefix};` } };
};

export interface PageReads {
  filterOf(where: Where): Filter<Kept>;
  /** Returns whether the collection has an index of these fields and this order. */
  hasIndex(equal: readonly string[], order: string): boolean;
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

/**
 * Positions in which a page among many values looks at all documents first, for each value. They lie together, so that this takes
 * less time than a scan for each value.
 */
const positionsAtFirst = 8;

/** Splits the longest list of values evenly, so that no part has more combinations than one query may have. */
const split = (where: Where): Where[] => {
  const lists = Object.entries(where).flatMap(([field, value]) =>
    Array.isArray(value) ? [[field, [...new Set(value as readonly Scalar[])]] as const] : [],
  );
  const [longest, ...others] = lists.toSorted(([, a], [, b]) => b.length - a.length);
  if (!longest) return [where];
  const [field, values] = longest;
  const rest = others.reduce((product, [, list]) => product * list.length, 1);
  const maxSize = Math.max(1, Math.floor(maxScans / Math.max(1, rest)));
  const parts = Math.ceil(values.length / maxSize);
  const size = Math.ceil(values.length / parts);
  return Array.from({ length: parts }, (_, i) => ({
    ...where,
    [field]: values.slice(i * size, (i + 1) * size),
  }));
};

/** A part of a page, and the position from which it continues. */
interface Part {
  readonly where: Where;
  /** Exclusive. */
  readonly from: number;
}

/** The first documents of all that were found so far, in order. */
class Best {
  readonly keyOf: (kept: Kept) => number;
  readonly #sign: 1 | -1;
  readonly #limit: number;
  #all: Kept[] = [];

  constructor(field: string, sign: 1 | -1, limit: number) {
    this.keyOf = (kept) => Number(kept[field]);
    this.#sign = sign;
    this.#limit = limit;
  }

  get all(): Kept[] {
    return this.#all;
  }

  /** Key of the last one: the page has no document after it. Undefined if the page is not full yet. */
  get edge(): number | undefined {
    const last = this.#all.length < this.#limit ? undefined : this.#all.at(-1);
    return last && this.keyOf(last);
  }

  add(found: readonly Kept[]): void {
    const { keyOf } = this;
    this.#all = [...this.#all, ...found]
      .sort((a, b) => this.#sign * (keyOf(a) - keyOf(b)))
      .slice(0, this.#limit);
  }

  isBeforeEdge(key: number): boolean {
    const { edge } = this;
    return edge === undefined || this.#sign * key < this.#sign * edge;
  }
}

/**
 * Returns how much to read of each part at first: its share if the documents are distributed evenly, and a little more. A part
 * with more than its share is read on, twice as much each time, so that all parts together return little more than the page.
 */
const firstSize = (limit: number, parts: number): number => {
  const share = limit / parts;
  return Math.min(limit, Math.ceil(share + Math.sqrt(share)));
};

/** Reads a page: always bounded, so that a document whose field is no number is in no page. */
/** @param projection has the field of the order */
export const readPage = async (
  { filterOf, hasIndex, find, valuesOf }: PageReads,
  projection: Document,
  { where, among, orderBy, direction, after, until: end, limit }: PageRequest,
): Promise<Kept[]> => {
  const field = demandPlainName(orderBy);
  const sign = direction === 'asc' ? 1 : -1;
  const [next, previous] = direction === 'asc' ? ['$gt', '$lt'] : ['$lt', '$gt'];
  const values = among && (await valuesOf(among));
  const all = among ? { ...where, [among.field]: values ?? [] } : where;
  const wanted = split(all);
  const best = new Best(field, sign, limit);

  const nearest = (edge: number | undefined): number | undefined =>
    edge === undefined || (end !== undefined && sign * end < sign * edge) ? end : edge;
  const readPart = (part: Part, edge: number | undefined, size: number): Promise<Kept[]> => {
    const until = nearest(edge);
    return find(
      {
        ...filterOf(part.where),
        [field]: { [next]: part.from, ...(until === undefined ? {} : { [previous]: until }) },
      },
      {
        sort: { [field]: sign } as const,
        projection,
        limit: size,
        batchSize: size,
        maxTimeMS: timeoutsMs.call,
      },
    );
  };

  /** Reads at most `size` documents of each part. Returns the parts that have more, from their new positions. */
  const readParts = async (parts: readonly Part[], size: number): Promise<Part[]> => {
    const { edge } = best;
    const found = await Promise.all(parts.map((part) => readPart(part, edge, size)));
    best.add(found.flat());
    return parts.flatMap((part, i) => {
      const last = (found[i]?.length ?? 0) < size ? undefined : found[i]?.at(-1);
      return last ? [{ ...part, from: best.keyOf(last) }] : [];
    });
  };

  let from = after ?? -sign * Number.MAX_VALUE;
  // Among the nearest documents of all are often enough of those by many.
  if (wanted.length > 1 && values && after !== undefined && hasIndex(Object.keys(where), orderBy)) {
    const until = after + sign * positionsAtFirst * values.length;
    best.add(await readPart({ where: all, from }, until, limit));
    // The bounds of both reads are exclusive, and positions are whole numbers.
    from = until - sign / 2;
  }
  let parts = best.edge === undefined ? wanted.map((part): Part => ({ where: part, from })) : [];
  for (let size = firstSize(limit, parts.length); parts.length > 0; size = Math.min(limit, 2 * size)) {
    const unfinished: Part[] = [];
    for (let i = 0; i < parts.length; i += atOnce)
      unfinished.push(...(await readParts(parts.slice(i, i + atOnce), size)));
    parts = unfinished.filter(({ from }) => best.isBeforeEdge(from));
  }
  return best.all;
};
