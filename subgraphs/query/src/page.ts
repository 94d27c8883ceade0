import { badInput } from '@rookery/service';
import type { PageRoom } from './answer-size/weigh.ts';
import type { CursorKind, Cursors } from './cursor.ts';

/** Longest page that may be asked for. */
const maxFirst = 100;

/**
 * How many times a read goes back for more because the rules took candidates away. Beyond it the page is short,
 * yet honest: there is a next page, and its cursor stands behind everything that was looked at.
 */
const maxRounds = 5;

/** The page size asked for. @throws RookeryError BAD_USER_INPUT unless it is from 1 to 100 */
export const pageSize = (first: number | null | undefined): number => {
  if (typeof first !== 'number' || !Number.isInteger(first) || first < 1 || first > maxFirst)
    throw badInput('first', `From 1 to ${maxFirst}.`);
  return first;
};

/** Anything that has a place in a list. */
export interface Placed {
  readonly position: number;
}

export interface Row<T> extends Placed {
  readonly node: T;
}

export interface Slice<T> {
  readonly rows: readonly Row<T>[];
  readonly hasNextPage: boolean;
  /** Position at which the next page starts; undefined if nothing was found and the page began at the beginning of the list. */
  readonly end: number | undefined;
}

export interface PageSource<C extends Placed, T> {
  readonly first: number;
  /** Position behind which the page starts, in the order of the list. */
  readonly after: number | undefined;
  /** The next candidates behind a position, in the order of the list; fewer than `limit` only where there are no more. */
  candidates(after: number | undefined, limit: number): Promise<readonly C[]>;
  /** Hydrates them and asks the rules: for each candidate what is shown of it, or undefined where nothing may be. */
  present(candidates: readonly C[]): Promise<readonly (T | undefined)[]>;
  /** Room that the answer has left for this page. */
  readonly room: PageRoom<T>;
}

/** Reads one page, and ends it early if the answer has no room for all of it. */
export const readPage = async <C extends Placed, T>(source: PageSource<C, T>): Promise<Slice<T>> => {
  const slice = await readSlice(source);
  const count = await source.room.take(slice.rows.map(({ node }) => node));
  if (count === slice.rows.length) return slice;
  const rows = slice.rows.slice(0, count);
  return { rows, hasNextPage: true, end: rows.at(-1)?.position ?? source.after };
};

/** One page: candidates → hydrate → rules → present, again where the rules left too few. */
const readSlice = async <C extends Placed, T>(source: PageSource<C, T>): Promise<Slice<T>> => {
  const { first } = source;
  // One more than asked for tells whether there is a next page.
  const limit = first + 1;
  const rows: Row<T>[] = [];
  let at = source.after;
  for (let round = 0; round < maxRounds; round++) {
    const found = await source.candidates(at, limit);
    const nodes = found.length > 0 ? await source.present(found) : [];
    for (const [i, { position }] of found.entries()) {
      const node = nodes[i];
      if (node !== undefined) rows.push({ position, node });
    }
    if (rows.length > first) {
      const shown = rows.slice(0, first);
      return { rows: shown, hasNextPage: true, end: shown.at(-1)?.position };
    }
    at = found.at(-1)?.position ?? at;
    if (found.length < limit) return { rows, hasNextPage: false, end: rows.at(-1)?.position ?? source.after };
  }
  return { rows, hasNextPage: true, end: at };
};

export interface Connection<T> {
  readonly edges: { cursor: string; node: T }[];
  readonly pageInfo: { hasNextPage: boolean; startCursor: string | null; endCursor: string | null };
}

/**
 * A slice as the API shows it, its positions as cursors of this list. The cursors of an empty page are where it was
 * asked to start, or `nothingUpTo`: whoever goes on from there gets everything that the page could not hold yet.
 * @param nothingUpTo a position read before the slice: an empty list holds nothing up to it
 */
export const toConnection = <T>(
  cursors: Cursors,
  kind: CursorKind,
  owner: string,
  { rows, hasNextPage, end }: Slice<T>,
  nothingUpTo = 0,
): Connection<T> => {
  const edges = rows.map(({ position, node }) => ({ cursor: cursors.write(kind, owner, position), node }));
  // A page that the answer had no room for is not empty: it is to be asked for again as it was.
  const last = end ?? (hasNextPage ? undefined : nothingUpTo);
  const endCursor = last === undefined ? null : cursors.write(kind, owner, last);
  return { edges, pageInfo: { hasNextPage, startCursor: edges[0]?.cursor ?? endCursor, endCursor } };
};
