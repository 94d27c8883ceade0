import { UsageError } from '@rookery/command-line';
import { fileNamePattern } from '../compose/subgraph-files.ts';

/** The names in a new subgraph, all made from its own: for `book-reviews` BookReview, bookReview and bookReviews. */
export interface SubgraphWords {
  /** Name of the subgraph in the supergraph. */
  readonly subgraph: string;
  /** Its type. */
  readonly type: string;
  /** One of this type. */
  readonly one: string;
  /** Several: the field that posts and users get. */
  readonly several: string;
}

/** Longest name: it is part of host names (RFC 1035, section 2.3.4). */
const maxLength = 63;

const capitalized = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);
const uncapitalized = (word: string): string => word.charAt(0).toLowerCase() + word.slice(1);

const singular = (word: string): string =>
  word
    .replace(/([^aeiou])ies$/, '$1y')
    .replace(/(x|ch|sh|ss)es$/, '$1')
    .replace(/([^sui])s$/, '$1');

const plural = (word: string): string => {
  if (/[^aeiou]y$/.test(word)) return word.replace(/y$/, 'ies');
  return /(?:s|x|z|ch|sh)$/.test(word) ? `${word}es` : `${word}s`;
};

/**
 * Returns the names for a new subgraph.
 * @param type its type; default: the singular of the name
 * @throws UsageError
 */
export const subgraphWords = (subgraph: string, type: string | undefined): SubgraphWords => {
  if (!fileNamePattern.test(subgraph) || subgraph.length > maxLength)
    throw new UsageError(
      `NAME must have at most ${maxLength} characters of a to z, 0 to 9 and -, with a letter first, and is "${subgraph}"`,
    );
  if (type !== undefined && !/^[A-Z][A-Za-z0-9]{0,62}$/.test(type))
    throw new UsageError(`--type must be a name such as BookReview, and is "${type}"`);
  const name = subgraph.split('-').map(capitalized).join('');
  const chosen = type ?? singular(name);
  const one = uncapitalized(chosen);
  const several = uncapitalized(name);
  return { subgraph, type: chosen, one, several: several === one ? plural(one) : several };
};
