import { badInput } from '@rookery/graphql-server';
import type { CursorKind, Cursors } from './cursor.ts';

/** The arguments of every connection. */
export interface PageArgs {
  readonly first?: number | null | undefined;
  readonly after?: string | null | undefined;
  readonly last?: number | null | undefined;
  readonly before?: string | null | undefined;
}

/** The part of a list that is asked for. */
export interface PageRequest {
  /** Direction: forward from `after` in the order of the list, or backward from `before`. */
  readonly direction: 'forward' | 'backward';
  readonly size: number;
  /** Position of the item that the page follows; undefined at the start of the list. */
  readonly after: number | undefined;
  /** Position of the item that the page precedes; undefined at the end of the list. */
  readonly before: number | undefined;
}

const maxSize = 100;
/** Size of a page if neither `first` nor `last` is given. @listSize says the same to the gateway. */
const defaultSize = 20;

/**
 * Returns the size of a list that a client asks for.
 * @throws RookeryError BAD_USER_INPUT
 */
export const demandSize = (
  field: 'first' | 'last',
  value: number | null | undefined,
  max: number = maxSize,
): number => {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 1 || value > max)
    throw badInput(field, `\`${field}\` must be between 1 and ${max}.`);
  return value;
};

/**
 * Returns direction and size. Relay sends null for the arguments of the other direction, so one of the two may be null;
 * a null alone is refused, because the client asked for a size and gave none.
 * @throws RookeryError BAD_USER_INPUT
 */
const extentOf = ({ first, last }: PageArgs): Pick<PageRequest, 'direction' | 'size'> => {
  if (typeof first === 'number' && typeof last === 'number')
    throw badInput('last', 'Give either `first` or `last`, not both.');
  if (typeof last === 'number') return { direction: 'backward', size: demandSize('last', last) };
  if (first === undefined && last === undefined) return { direction: 'forward', size: defaultSize };
  if (first === undefined) return { direction: 'backward', size: demandSize('last', last) };
  return { direction: 'forward', size: demandSize('first', first) };
};

/**
 * Reads the arguments of a connection.
 * @param kinds of cursors that the list accepts
 * @param owner of the list
 * @throws RookeryError BAD_USER_INPUT with the argument as its field
 */
export const pageRequest = (
  args: PageArgs,
  cursors: Cursors,
  kinds: CursorKind | readonly CursorKind[],
  owner: string,
): PageRequest => ({
  ...extentOf(args),
  after: cursors.read(kinds, owner, args.after, 'after'),
  before: cursors.read(kinds, owner, args.before, 'before'),
});
