import { mayFollowUp, maySeeActivityOf, maySeeQuoted } from '@rookery/read-models/visibility';
import type { QueryContext } from '../context.ts';
import { hydrateQuoted, loadFollow } from '../hydrate.ts';
import { show } from '../pipeline.ts';
import { foundPostView } from '../views.ts';
import type { Fact, Told } from './feed-facts.ts';

/** Posts of a feed → the posts that they quote, those that came in last at the end. */
export type Quotes = ReadonlyMap<string, string>;

/** Returns the quotes of the posts of a feed. */
export const quotesOf = async (
  { loaders }: QueryContext,
  posts: readonly string[],
): Promise<readonly (readonly [quoting: string, quoted: string])[]> => {
  const found = await Promise.all(
    [...new Set(posts)].map(async (id) => ({ id, post: await loaders.posts.load(id) })),
  );
  return found.flatMap(({ id, post }) => (post?.quotes === undefined ? [] : [[id, post.quotes] as const]));
};

/**
 * Notes quotes to look after; the oldest go if there are too many.
 * @returns whether there is one more
 */
export const noteQuotes = (
  known: Map<string, string>,
  quotes: readonly (readonly [string, string])[],
  max: number,
): boolean => {
  const isNew = quotes.some(([quoting]) => !known.has(quoting));
  for (const [quoting, quoted] of quotes) {
    known.delete(quoting);
    known.set(quoting, quoted);
  }
  for (const oldest of known.keys()) if (known.size > max) known.delete(oldest);
  return isNew;
};

/** Tells nothing of a quoted post that the viewer could not see before, either. */
const isConcerned = async ({ loaders }: QueryContext, quoting: string, quoted: string): Promise<boolean> => {
  const author = (await loaders.posts.load(quoting))?.author;
  if (!author) return false;
  const facts = await hydrateQuoted(loaders, { id: quoted, quotedBy: author });
  return maySeeQuoted(facts) || (mayFollowUp(facts) && maySeeActivityOf(facts.quoting));
};

/**
 * Tells of a change of a quoted post by the post that quotes it. All that happens at one position is one event, so the page must be
 * read again if there are several, or if the feed may have the quoted post as well.
 */
const tellQuoted = async (
  context: QueryContext,
  viewer: string,
  quoted: string,
  quoting: readonly string[],
  isShared: boolean,
): Promise<Told | undefined> => {
  const { loaders } = context;
  const concerned = await Promise.all(quoting.map((id) => isConcerned(context, id, quoted)));
  const shown = quoting.filter((_id, i) => concerned[i]);
  const [only, ...more] = shown;
  if (only === undefined) return undefined;
  const author = (await loaders.posts.load(quoted))?.author;
  const isOfFeed =
    isShared || author === viewer || (await loadFollow(loaders, viewer, author))?.active === true;
  if (more.length > 0 || isOfFeed) return { kind: 'RELOAD' };
  const post = await show(foundPostView(loaders), only);
  return post && { kind: 'CHANGED', post };
};

/** Returns the changes of the quoted posts behind a position. @param shared posts that items of the feed share */
export const readQuoted = async (
  context: QueryContext,
  viewer: string,
  from: number,
  quotes: Quotes,
  shared: ReadonlySet<string>,
): Promise<Fact[]> => {
  const byQuoted = Map.groupBy(quotes, ([, quoted]) => quoted);
  const facts = await Promise.all(
    [...byQuoted].map(async ([quoted, all]): Promise<Fact> => {
      const item = await context.loaders.items.load(quoted);
      const quoting = all.map(([id]) => id);
      const tell = () => tellQuoted(context, viewer, quoted, quoting, shared.has(quoted));
      return { position: item?.changed ?? 0, tell };
    }),
  );
  return facts.filter(({ position }) => position > from);
};
