import { blockTopic, relationId } from '@rookery/read-models';
import {
  mayFollowUp,
  maySeeActivityOf,
  maySeePost,
  maySeeQuoted,
  type QuotedFacts,
} from '@rookery/read-models/visibility';
import type { QueryContext } from '../context.ts';
import { hydrateQuoted, loadFollow } from '../hydrate.ts';
import { show } from '../pipeline.ts';
import { foundPostView } from '../views.ts';
import type { Fact, Told } from './feed-facts.ts';

/** A quote in force: the quoted post, and the authors of both. */
export interface Quote {
  readonly quoted: string;
  readonly author: string;
  readonly quotedAuthor: string;
}

/** Posts of a feed → their quotes, those that came in last at the end. */
export type Quotes = ReadonlyMap<string, Quote>;

/** Returns the quotes of the posts of a feed. */
export const quotesOf = async (
  { loaders }: QueryContext,
  posts: readonly string[],
): Promise<readonly (readonly [quoting: string, Quote])[]> => {
  const found = await Promise.all(
    [...new Set(posts)].map(async (id) => ({ id, post: await loaders.posts.load(id) })),
  );
  return found.flatMap(({ id, post }) => {
    if (!post?.author || post.quotes === undefined || post.quotedAuthor === undefined) return [];
    const { quotes: quoted, author, quotedAuthor } = post;
    return [[id, { quoted, author, quotedAuthor }] as const];
  });
};

/**
 * Notes quotes to look after; the oldest go if there are too many.
 * @returns whether there is one more
 */
export const noteQuotes = (
  known: Map<string, Quote>,
  quotes: readonly (readonly [string, Quote])[],
  max: number,
): boolean => {
  const isNew = quotes.some(([quoting]) => !known.has(quoting));
  for (const [quoting, quote] of quotes) {
    known.delete(quoting);
    known.set(quoting, quote);
  }
  for (const oldest of known.keys()) if (known.size > max) known.delete(oldest);
  return isNew;
};

/** Returns the authors of the posts that are quoted. */
export const quotedAuthors = (quotes: Quotes): string[] =>
  [...quotes.values()].map(({ quotedAuthor }) => quotedAuthor);

/** Returns the topics of the blocks between the authors of quotes. */
export const blockTopicsOf = (quotes: Quotes): readonly `block:${string}`[] => [
  ...new Set([...quotes.values()].map(({ author, quotedAuthor }) => blockTopic(author, quotedAuthor))),
];

/** Tells nothing of a quoted post that the viewer could not see before, either. */
const mayHearOfChange = (facts: QuotedFacts): boolean =>
  maySeeQuoted(facts) || (mayFollowUp(facts) && maySeeActivityOf(facts.quoting));

/** Returns those of the quotes still in force that the viewer may hear of, by the facts of the quoted posts. */
const concernedOf = async (
  { loaders }: QueryContext,
  quotes: Quotes,
  mayHear: (facts: QuotedFacts) => boolean,
): Promise<string[]> => {
  const concerned = await Promise.all(
    [...quotes].map(async ([quoting, { quoted, author }]) => {
      const isInForce = (await loaders.posts.load(quoting))?.quotes === quoted;
      const facts = await hydrateQuoted(loaders, { id: quoted, quotedBy: author });
      return { quoting, isConcerned: isInForce && mayHear(facts) };
    }),
  );
  return concerned.flatMap(({ quoting, isConcerned }) => (isConcerned ? [quoting] : []));
};

/**
 * Tells of quotes by the posts that quote. All that happens at one position is one event, so the page must be read again if there are
 * several.
 */
const tellQuoting = async (
  { loaders }: QueryContext,
  quoting: readonly string[],
): Promise<Told | undefined> => {
  const found = await Promise.all(quoting.map((id) => show(foundPostView(loaders), id)));
  const [post, ...more] = found.filter((each) => each !== undefined);
  return more.length > 0 ? { kind: 'RELOAD' } : post && { kind: 'CHANGED', post };
};

/** Tells of a change of a quoted post. The page must be read again if the feed may have it by itself as well. */
const tellQuoted = async (
  context: QueryContext,
  viewer: string,
  quoted: string,
  quotes: Quotes,
  isShared: boolean,
): Promise<Told | undefined> => {
  const { loaders } = context;
  const told = await tellQuoting(context, await concernedOf(context, quotes, mayHearOfChange));
  if (told === undefined) return undefined;
  const author = (await loaders.posts.load(quoted))?.author;
  const isOfFeed =
    isShared || author === viewer || (await loadFollow(loaders, viewer, author))?.active === true;
  return isOfFeed ? { kind: 'RELOAD' } : told;
};

/** Returns the changes of the quoted posts behind a position. @param shared posts that items of the feed share */
export const readQuoted = async (
  context: QueryContext,
  viewer: string,
  from: number,
  quotes: Quotes,
  shared: ReadonlySet<string>,
): Promise<Fact[]> => {
  const byQuoted = Map.groupBy(quotes, ([, { quoted }]) => quoted);
  const facts = await Promise.all(
    [...byQuoted].map(async ([quoted, all]): Promise<Fact> => {
      const item = await context.loaders.items.load(quoted);
      const tell = () => tellQuoted(context, viewer, quoted, new Map(all), shared.has(quoted));
      return { position: item?.changed ?? 0, tell };
    }),
  );
  return facts.filter(({ position }) => position > from);
};

/**
 * Returns the position at which blocks have last hidden two users from each other, or have stopped to. While one of the two blocks, nobody
 * must learn whether the other does.
 */
const blocksChangedAt = async ({ loaders }: QueryContext, one: string, other: string): Promise<number> => {
  const ids = [relationId(one, other), relationId(other, one)];
  const found = await Promise.all(ids.map((id) => loaders.blocks.load(id)));
  const begun = found.flatMap((block) => (block?.active ? (block.position ?? []) : []));
  return begun.length > 0 ? Math.min(...begun) : Math.max(...found.map((block) => block?.ended ?? 0));
};

/**
 * Returns the blocks between the authors of quotes, and the ends of such blocks: these quotes go or come back for everybody. Those of the
 * viewer are left to `readBlocks`, since they concern more than quotes.
 */
export const readQuoteBlocks = async (
  context: QueryContext,
  viewer: string,
  from: number,
  quotes: Quotes,
): Promise<Fact[]> => {
  const others = [...quotes].filter(
    ([, { author, quotedAuthor }]) => ![author, quotedAuthor].includes(viewer),
  );
  const byAuthors = Map.groupBy(others, ([, { author, quotedAuthor }]) => relationId(author, quotedAuthor));
  const facts = await Promise.all(
    [...byAuthors].map(async ([authors, all]): Promise<Fact> => {
      const [author = '', quotedAuthor = ''] = authors.split(':');
      // A quoted post that is hidden from the viewer shows nothing, with the block or without.
      const tell = async () => tellQuoting(context, await concernedOf(context, new Map(all), maySeePost));
      return { position: await blocksChangedAt(context, author, quotedAuthor), tell };
    }),
  );
  return facts.filter(({ position }) => position > from);
};
