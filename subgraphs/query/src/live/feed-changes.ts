import type { FeedEntry } from '@rookery/feeds';
import { belongsInFriendsFeed, mayFollowUp, maySeePost } from '@rookery/read-models/visibility';
import type { QueryContext } from '../context.ts';
import { friendsItems } from '../friends-items.ts';
import { hydratePost, loadFollow } from '../hydrate.ts';
import { show } from '../pipeline.ts';
import { feedProjections, type Progress } from '../progress.ts';
import type { EntryContent } from '../repeats-reader.ts';
import { foundPostView } from '../views.ts';
import {
  type Fact,
  isMutedFor,
  readApprovals,
  readBlocks,
  readChoices,
  readMutes,
  readProtections,
  readSuspensions,
  type Told,
} from './feed-facts.ts';
import {
  noteQuotes,
  type Quote,
  quotedAuthors,
  quotesOf,
  readQuoteBlocks,
  readQuoted,
} from './quoted-posts.ts';
import { concernsOthers, type RecentItem, recentItems, sharesPost } from './uncovered.ts';

/** Events read in one go. */
const batchSize = 20;
/** Newest items of a feed whose posts are looked after if somebody else wrote them. */
const windowSize = 100;
/** Events that are told one by one to somebody who comes back; more than that is a RELOAD. */
const maxToldOneByOne = 200;

export interface ChangeBatch {
  readonly rows: { readonly position: number; readonly event: Told }[];
  /** Everything up to here has been looked at. */
  readonly scanned: number;
  /** More may follow at once. */
  readonly full: boolean;
  /** Set if something is there that the projections have not all reached. */
  readonly behind: Progress | undefined;
  /** Authors whom the viewer follows and whose items were broadcast lately. */
  readonly broadcasters: readonly string[];
  /** Posts that the new items share; those that a block hides too, since its end shows them. */
  readonly shared: readonly string[];
  /** Quotes of the posts of the new items. */
  readonly quotes: Awaited<ReturnType<typeof quotesOf>>;
  /** Others who have written the posts that earlier items share and quote. */
  readonly authors: ReadonlySet<string>;
}

/** Facts of one kind; `whole` unless there may be more. */
interface Facts {
  readonly facts: readonly Fact[];
  readonly whole: boolean;
}

/** Posts whose changes items of the feed show although they have items of their own elsewhere. */
export interface Watched {
  /** Posts that items share. */
  readonly shared: Set<string>;
  readonly quotes: Map<string, Quote>;
}

/** Returns the posts that the newest items of a feed share and quote, as seen from a position. */
export const readWatched = async (context: QueryContext, viewer: string, from: number): Promise<Watched> => {
  const progress = await context.progress();
  const { entries } = await context.replica().candidates.before(context, {
    viewer,
    progress,
    from: from + 1,
    limit: windowSize,
  });
  const { shared, quotes } = await watchedBy(context, entries.toReversed());
  return { shared: new Set(shared), quotes: new Map(quotes) };
};

const watchedBy = async (
  context: QueryContext,
  entries: readonly FeedEntry[],
): Promise<Pick<ChangeBatch, 'shared' | 'quotes'>> => {
  const found = await Promise.all(entries.map(({ itemId }) => context.loaders.items.load(itemId)));
  const items = found.filter((item) => item !== undefined);
  const quotes = await quotesOf(
    context,
    items.map(({ post }) => post),
  );
  return { shared: items.flatMap(({ verb, post }) => (verb === 'SHARE' ? [post] : [])), quotes };
};

/**
 * Notes posts to look after; the oldest go if there are too many.
 * @returns whether there is one more
 */
export const noteWatched = (
  { shared, quotes }: Watched,
  { shared: posts, quotes: more }: Pick<ChangeBatch, 'shared' | 'quotes'>,
): boolean => {
  const hasNewQuotes = noteQuotes(quotes, more, windowSize);
  const isNew = hasNewQuotes || posts.some((post) => !shared.has(post));
  for (const post of posts) {
    shared.delete(post);
    shared.add(post);
  }
  for (const oldest of shared) if (shared.size > windowSize) shared.delete(oldest);
  return isNew;
};

/** Tells nothing of a post to people outside its audience, not even its end. A text with a muted word leaves the feed. */
const tellPost = async ({ loaders }: QueryContext, id: string): Promise<Told | undefined> => {
  const post = await show(foundPostView(loaders), id);
  if (post) return { kind: 'CHANGED', post };
  const facts = await hydratePost(loaders, id);
  return maySeePost(facts) || mayFollowUp(facts) ? { kind: 'REMOVED', postId: id } : undefined;
};

const tellShared = async (
  context: QueryContext,
  id: string,
  author: string | null,
): Promise<Told | undefined> => ((await isMutedFor(context, author, id)) ? undefined : tellPost(context, id));

/** A share of a post that another item shows already changes that item. */
const tellPlace = (place: EntryContent | undefined): Told | undefined => {
  if (!place) return undefined;
  const { item, repeats } = place;
  return repeats ? { kind: 'CHANGED', post: repeats.post, item: repeats } : { kind: 'ADDED', item };
};

const tellChanged = async (
  context: QueryContext,
  viewer: string,
  { itemId, position }: FeedEntry,
  recent: () => Promise<readonly RecentItem[]>,
): Promise<Told | undefined> => {
  const { loaders } = context;
  const item = await loaders.items.load(itemId);
  if (item?.changed !== position) return undefined;
  if (item.actor !== viewer && !belongsInFriendsFeed(await loadFollow(loaders, viewer, item.actor)))
    return undefined;
  if (await isMutedFor(context, item.actor, item.post)) return undefined;
  if (item.verb === 'POST') return tellPost(context, item.post);
  // A share that was repeated after its end is not reported as an addition if its post was deleted since.
  const hasEnded = !item.active || (item.position !== null && item.position > position);
  if (!hasEnded || (await isMutedFor(context, (await loaders.posts.load(item.post))?.author)))
    return undefined;
  const post = await hydratePost(loaders, item.post);
  if (!maySeePost(post)) return mayFollowUp(post) ? { kind: 'REMOVED', itemId } : undefined;
  return sharesPost(await recent(), item.post, itemId) ? { kind: 'RELOAD' } : { kind: 'REMOVED', itemId };
};

const tellLeft = async (
  context: QueryContext,
  actorId: string,
  recent: () => Promise<readonly RecentItem[]>,
): Promise<Told> =>
  (await concernsOthers(context, await recent(), actorId))
    ? { kind: 'RELOAD' }
    : { kind: 'REMOVED', actorId };

/** Reads what has happened behind a position: a fixed number of statements, each of a bounded page. */
const readFacts = async (
  context: QueryContext,
  viewer: string,
  progress: Progress,
  from: number,
  limit: number,
  { shared, quotes }: Watched,
): Promise<{
  readonly kinds: readonly Facts[];
  readonly entries: readonly FeedEntry[];
  readonly broadcasters: readonly string[];
  readonly authors: ReadonlySet<string>;
}> => {
  const window = { viewer, progress, from, limit, isAtEnd: limit === batchSize };
  const { candidates } = context.replica();
  const [{ entries, broadcasters }, changed, left, muted, chosen, approved, suspended, posts] =
    await Promise.all([
      candidates.after(context, window),
      candidates.changes(context, window),
      context.reader.collection('follows').page({
        where: { actor: viewer, active: false },
        orderBy: 'ended',
        direction: 'asc',
        after: from,
        limit,
      }),
      readMutes(context, viewer, from, limit),
      readChoices(context, viewer, from, limit),
      readApprovals(context, viewer, from, limit),
      readSuspensions(context, viewer, from, limit, (user) => authors.has(user)),
      Promise.all([...shared].map(async (id) => ({ id, item: await context.loaders.items.load(id) }))),
    ]);
  const bounded = (facts: readonly Fact[]): Facts => ({ facts, whole: facts.length < limit });
  const written = posts.flatMap(({ item }) => item?.actor ?? []);
  const authors: ReadonlySet<string> = new Set(
    [...written, ...quotedAuthors(quotes)].filter((author) => author !== viewer),
  );
  const [protections, blocks, quoted, quoteBlocks] = await Promise.all([
    readProtections(context, viewer, from, authors),
    readBlocks(context, viewer, from, authors),
    readQuoted(context, viewer, from, quotes, shared),
    readQuoteBlocks(context, viewer, from, quotes),
  ]);
  const recent = recentItems(context, viewer, progress, windowSize);
  let places: Promise<readonly (EntryContent | undefined)[]> | undefined;
  const placeOf = async (i: number): Promise<EntryContent | undefined> => {
    // All together, when the first is told.
    places ??= friendsItems(context, viewer, progress).placesOf(entries, 'asc');
    return (await places)[i];
  };
  const kinds: Facts[] = [
    ...muted.map(bounded),
    bounded(chosen),
    bounded(approved),
    bounded(suspended),
    { whole: true, facts: protections },
    // First, because a block that also ends a follow is one event, as is an edit of a post that is quoted and shared.
    { whole: true, facts: blocks },
    { whole: true, facts: quoteBlocks },
    { whole: true, facts: quoted },
    {
      whole: true,
      facts: posts.flatMap(({ id, item }) =>
        item?.changed !== undefined && item.changed > from
          ? [{ position: item.changed, tell: () => tellShared(context, id, item.actor) }]
          : [],
      ),
    },
    bounded(
      changed.map((entry) => ({
        position: entry.position,
        tell: () => tellChanged(context, viewer, entry, recent),
      })),
    ),
    bounded(
      left.flatMap(({ doc: { object, ended } }) =>
        ended === undefined ? [] : [{ position: ended, tell: () => tellLeft(context, object, recent) }],
      ),
    ),
    bounded(entries.map(({ position }, i) => ({ position, tell: async () => tellPlace(await placeOf(i)) }))),
  ];
  return { kinds, entries, broadcasters, authors };
};

/** Tells the first of several facts at one position of which the viewer hears. */
const tellFirst = async (facts: readonly Fact[]): Promise<Told | undefined> => {
  for (const fact of facts) {
    const told = await fact.tell();
    if (told) return told;
  }
  return undefined;
};

/** Returns the next events after a position, up to the progress of the projections, in order. */
export const readChanges = async (
  context: QueryContext,
  viewer: string,
  from: number,
  watched: Watched,
): Promise<ChangeBatch> => {
  const progress = await context.latestProgress();
  const upTo = progress.upTo(feedProjections);
  const { kinds, entries, broadcasters, authors } = await readFacts(
    context,
    viewer,
    progress,
    from,
    batchSize,
    watched,
  );
  const ends = kinds.flatMap(({ facts, whole }) => (whole ? [] : [facts.at(-1)?.position ?? from]));
  const byPosition = Map.groupBy(
    kinds.flatMap(({ facts }) => facts),
    ({ position }) => position,
  );
  const all = [...byPosition]
    .map(([position, facts]) => ({ position, tell: () => tellFirst(facts) }))
    .sort((a, b) => a.position - b.position);
  const horizon = Math.max(from, Math.min(upTo, ...ends));
  const within = all.filter(({ position }) => position <= horizon);
  const due = within.slice(0, batchSize);
  const scanned = due.length < within.length ? (due.at(-1)?.position ?? from) : horizon;
  const told = await Promise.all(due.map(async (fact) => ({ ...fact, event: await fact.tell() })));
  return {
    rows: told.flatMap(({ position, event }) => (event ? [{ position, event }] : [])),
    scanned,
    full: scanned < upTo,
    behind: all.some(({ position }) => position > upTo) ? progress : undefined,
    broadcasters,
    authors,
    ...(await watchedBy(
      context,
      entries.filter(({ position }) => position <= scanned),
    )),
  };
};

const nothing: Watched = { shared: new Set(), quotes: new Map() };

/** Returns the position to go on from after a RELOAD; undefined if everything behind the position can be told one by one. */
export const reloadAt = async (
  context: QueryContext,
  viewer: string,
  from: number,
): Promise<number | undefined> => {
  const progress = await context.progress();
  const upTo = progress.upTo(feedProjections);
  if (upTo - from <= maxToldOneByOne) return undefined;
  const { kinds } = await readFacts(context, viewer, progress, from, maxToldOneByOne + 1, nothing);
  return kinds.some(({ whole }) => !whole) ? upTo : undefined;
};
