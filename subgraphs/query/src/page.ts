import type { PageRoom } from './answer-size/weigh.ts';
import type { PageRequest } from './page-request.ts';
import { showAll, type View } from './pipeline.ts';

/**
 * Number of times that a read fetches more candidates because the rules removed some. Beyond it the page is
 * short but correct: it has a next page, and its cursor is after all candidates that were checked.
 */
const maxRounds = 5;

/** Candidates of the first round beyond the page and its next item, for each item of the page, if the rules deny one now and then. */
export const fewSpare = 0.1;

/** Returns how many candidates a later round reads: those that are missing, and as many again as the rules may deny. */
const laterLimit = (size: number, missing: number): number => Math.min(size + 1, 2 * missing + 3);

/** Candidates of a later round of a sparse list. */
const sparseLimit = 120;

/** Rounds in which a sparse list is looked through for anything on one side of a position. */
const sparsePeekRounds = 2;

/** Candidates looked at in one round to find out whether a list has anything on one side of a position. */
const peekSize = 9;

/** Anything that has a position in a list: a whole number above 0. */
export interface Placed {
  readonly position: number;
}

export interface Row<T> extends Placed {
  readonly node: T;
}

/** By position: lists of acts are newest first, replies oldest first. */
export type Order = 'asc' | 'desc';

/** Use of candidates that are read: they are shown, or compared with those that are, which comes last. */
export type Purpose = 'show' | 'compare';

/** A list: its candidates in order, and the view by which each is shown. */
export interface PageSource<C extends Placed, F, V extends F, T> {
  readonly order: Order;
  /**
   * Returns the next candidates after a position, in the given order, which may be the reverse of the list's; fewer than
   * `limit` only if there are no more.
   */
  candidates(from: number | undefined, order: Order, limit: number, purpose: Purpose): Promise<readonly C[]>;
  readonly view: View<C, F, V, T>;
  /**
   * Returns what the list shows of candidates that follow each other in the given order, if that depends on their neighbors.
   * Absent: what the view shows of each.
   */
  show?(candidates: readonly C[], order: Order): Promise<(T | undefined)[]>;
  /**
   * Candidates that a page reads beyond those that it shows, for each of them, if the rules deny some, as a share of a deleted post:
   * a second round takes as long as the first. Absent: none.
   */
  readonly spare?: number;
  /** True if there may be any number of candidates between two that are shown, as if all words of a search must be found. */
  readonly isSparse?: true;
}

export interface Page<T> {
  /** In the order of the list. */
  readonly rows: readonly Row<T>[];
  /** Position from which the list continues in the direction of the page; undefined: the start of this page. */
  readonly end: number | undefined;
  readonly direction: PageRequest['direction'];
  /** True if there is more in the direction of the page. */
  readonly hasMore: boolean;
  /** Each reads only if the answer depends on more than the page has seen. */
  hasPrevious(): Promise<boolean>;
  hasNext(): Promise<boolean>;
}

interface Scan {
  readonly from: number | undefined;
  /** The scan ends before this position. */
  readonly until?: number | undefined;
  readonly order: Order;
  readonly size: number;
  readonly rounds?: number;
}

interface Scanned<T> {
  /** In the order of the scan. */
  readonly rows: readonly Row<T>[];
  readonly hasMore: boolean;
  readonly end: number | undefined;
}

const opposite = (order: Order): Order => (order === 'asc' ? 'desc' : 'asc');

const showRun = async <C extends Placed, F, V extends F, T>(
  source: PageSource<C, F, V, T>,
  candidates: readonly C[],
  order: Order,
): Promise<(T | undefined)[]> => source.show?.(candidates, order) ?? showAll(source.view, candidates);

/** Reads candidates → hydrate → rules → present, again if the rules leave too few. */
export const scan = async <C extends Placed, F, V extends F, T>(
  source: PageSource<C, F, V, T>,
  { from, until, order, size, rounds = maxRounds }: Scan,
): Promise<Scanned<T>> => {
  // One more than asked for tells whether there is more.
  const wanted = size + 1;
  const isWithin = ({ position }: Placed): boolean =>
    until === undefined || (order === 'asc' ? position < until : position > until);
  const rows: Row<T>[] = [];
  let at = from;
  let limit = wanted + Math.ceil((source.spare ?? 0) * size);
  for (let round = 0; round < rounds; round++) {
    const found = await source.candidates(at, order, limit, 'show');
    const within = found.filter(isWithin);
    const nodes = await showRun(source, within, order);
    for (const [i, { position }] of within.entries()) {
      const node = nodes[i];
      if (node !== undefined) rows.push({ position, node });
    }
    if (rows.length > size) {
      const shown = rows.slice(0, size);
      return { rows: shown, hasMore: true, end: shown.at(-1)?.position };
    }
    if (within.length < limit) return { rows, hasMore: false, end: rows.at(-1)?.position ?? from };
    at = within.at(-1)?.position ?? at;
    limit = source.isSparse ? sparseLimit : laterLimit(size, wanted - rows.length);
  }
  return { rows, hasMore: true, end: at };
};

/** Returns whether the list shows anything at a position or after it, in the given order. */
const showsAnything = async <C extends Placed, F, V extends F, T>(
  source: PageSource<C, F, V, T>,
  position: number,
  order: Order,
): Promise<boolean> => {
  const from = order === 'asc' ? Math.max(position - 1, 0) : position + 1;
  const rounds = source.isSparse ? sparsePeekRounds : maxRounds;
  const { rows, hasMore } = await scan(source, { from, order, size: peekSize, rounds });
  return rows.length > 0 || hasMore;
};

/** Reads one page, and ends it early if the answer has no room for all of it. */
export const readPage = async <C extends Placed, F, V extends F, T>(
  source: PageSource<C, F, V, T>,
  { direction, size, after, before }: PageRequest,
  room: PageRoom<T>,
): Promise<Page<T>> => {
  const isForward = direction === 'forward';
  const [from, until] = isForward ? [after, before] : [before, after];
  const order = isForward ? source.order : opposite(source.order);
  const scanned = await scan(source, { from, until, order, size });
  const count = await room.take(scanned.rows.map(({ node }) => node));
  const isWhole = count === scanned.rows.length;
  const rows = isWhole ? scanned.rows : scanned.rows.slice(0, count);
  const end = isWhole ? scanned.end : (rows.at(-1)?.position ?? from);
  const hasMore = scanned.hasMore || !isWhole;
  const isShown = async (position: number | undefined, order: Order): Promise<boolean> =>
    position !== undefined && showsAnything(source, position, order);
  return {
    rows: isForward ? rows : rows.toReversed(),
    end,
    direction,
    hasMore,
    hasPrevious: async () => (!isForward && hasMore) || isShown(after, opposite(source.order)),
    hasNext: async () => (isForward && hasMore) || isShown(before, source.order),
  };
};
