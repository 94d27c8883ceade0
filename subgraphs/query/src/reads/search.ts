import { badInput } from '@rookery/graphql-server';
import { type Search, type Shapes, searchForPeople, searchForPosts } from '@rookery/read-models';
import type { PageRoom } from '../answer-size/weigh.ts';
import { type Connection, toConnection } from '../connection.ts';
import type { QueryContext } from '../context.ts';
import { type CursorKind, defineCursorKind } from '../cursor.ts';
import type { Loaders } from '../loaders.ts';
import { type Order, readPage } from '../page.ts';
import { type PageArgs, pageRequest } from '../page-request.ts';
import type { View } from '../pipeline.ts';
import type { Reader } from '../read-store.ts';
import { foundPostView, foundUserView } from '../views.ts';

/** UTF-16 code units of a search. */
const maxLength = 200;
/** Terms of a search. */
const maxTerms = 24;
/** Terms that are tried, the longest: one of them is rarely a common one. */
const tried = 4;
/** Documents of each that are looked at. */
const triedDocuments = 12;

interface SearchArgs extends PageArgs {
  readonly query: string;
}

/** Reads a page of one collection along the index of its terms. */
type ReadTerm<Doc> = (
  term: string,
  from: number | undefined,
  order: Order,
  limit: number,
) => Promise<readonly { readonly id: string; readonly position: number; readonly doc: Doc }[]>;

/** A collection whose documents have terms. */
interface Searched<Doc, Text, Facts, Visible extends Facts, Model> {
  readonly order: Order;
  readonly parse: (query: string) => Search<Text>;
  readonly read: (reader: Reader, loaders: Loaders) => ReadTerm<Doc>;
  readonly textOf: (doc: Doc) => Text;
  readonly viewOf: (loaders: Loaders) => View<string, Facts, Visible, Model>;
}

/** @throws RookeryError BAD_USER_INPUT */
const parseQuery = <Text>(query: string, parse: (query: string) => Search<Text>): Search<Text> => {
  if (query.length > maxLength)
    throw badInput('query', `\`query\` must have at most ${maxLength} characters.`);
  const search = parse(query);
  if (search.terms.length === 0) throw badInput('query', '`query` must have a word.');
  if (search.terms.length > maxTerms)
    throw badInput('query', `\`query\` must have at most ${maxTerms} words.`);
  return search;
};

/**
 * Returns the term by which to look for all: of those that are tried, the one whose nearest documents lie farthest apart. If it is a common
 * one as well, the page looks at a bounded number of documents.
 */
const chooseTerm = async (
  terms: readonly string[],
  reach: (term: string) => Promise<number>,
): Promise<string> => {
  const candidates = terms.slice(0, tried);
  const [first = ''] = candidates;
  if (candidates.length === 1) return first;
  const reaches = await Promise.all(candidates.map(reach));
  return candidates[reaches.indexOf(Math.max(...reaches))] ?? first;
};

/** Returns the read of the documents that have all terms of a search. */
const searchList =
  <Doc extends { readonly terms?: readonly string[] }, Text, Facts, Visible extends Facts, Model>(
    cursorKind: CursorKind,
    { order, parse, read, textOf, viewOf }: Searched<Doc, Text, Facts, Visible, Model>,
  ) =>
  async (
    { loaders, reader, sources: { cursors } }: QueryContext,
    { query, ...args }: SearchArgs,
    room: PageRoom<Model>,
  ): Promise<Connection<Model>> => {
    const search = parseQuery(query, parse);
    const request = pageRequest(args, cursors, cursorKind, search.key);
    const readTerm = read(reader, loaders);
    const view = viewOf(loaders);
    const reachOf = async (term: string, from: number | undefined, direction: Order): Promise<number> => {
      const found = await readTerm(term, from, direction, triedDocuments);
      const last = found.at(-1);
      if (found.length < triedDocuments || last === undefined) return Number.MAX_VALUE - found.length;
      return Math.abs(last.position - (from ?? found[0]?.position ?? 0));
    };
    let chosen: Promise<string> | undefined;
    const page = await readPage(
      {
        order,
        isSparse: true,
        candidates: async (from, direction, limit) => {
          chosen ??= chooseTerm(search.terms, (term) => reachOf(term, from, direction));
          const found = await readTerm(await chosen, from, direction, limit);
          return found.map(({ id, position, doc }) => ({
            id,
            position,
            isMatch: search.terms.every((term) => doc.terms?.includes(term)) && search.matches(textOf(doc)),
          }));
        },
        view: {
          hydrate: async ({ id, isMatch }) => (isMatch ? view.hydrate(id) : undefined),
          isVisible: (facts): facts is Visible => facts !== undefined && view.isVisible(facts),
          present: view.present,
        },
      },
      request,
      room,
    );
    return toConnection(cursors, cursorKind, search.key, page);
  };

/** Reads the posts for everybody that have all words of a text, newest first. */
export const searchPosts = searchList(defineCursorKind('searchPosts'), {
  order: 'desc',
  parse: searchForPosts,
  read:
    (reader, loaders): ReadTerm<Shapes['posts']> =>
    async (terms, after, direction, limit) => {
      const found = await reader
        .collection('posts')
        .page({ where: { terms }, orderBy: 'position', direction, after, limit });
      for (const { id, doc } of found) loaders.posts.prime(id, doc);
      return found.flatMap(({ id, doc }) =>
        doc.position === null ? [] : [{ id, doc, position: doc.position }],
      );
    },
  textOf: ({ body }) => body ?? '',
  viewOf: foundPostView,
});

/** Reads the users with words that begin with those of a text, the longest member first. */
export const searchUsers = searchList(defineCursorKind('searchUsers'), {
  order: 'asc',
  parse: searchForPeople,
  read:
    (reader): ReadTerm<Shapes['people']> =>
    async (terms, after, direction, limit) => {
      const found = await reader
        .collection('people')
        .page({ where: { terms }, orderBy: 'joinedPosition', direction, after, limit });
      return found.flatMap(({ id, doc }) =>
        doc.joinedPosition === null ? [] : [{ id, doc, position: doc.joinedPosition }],
      );
    },
  textOf: ({ handle, name }) => ({ handle: handle ?? '', name: name ?? '' }),
  viewOf: foundUserView,
});
