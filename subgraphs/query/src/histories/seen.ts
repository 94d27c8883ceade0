import { type CountKind, countId } from '@rookery/read-models';
import { itemsOfFollowed } from '../followed-items.ts';
import type { FeedItemModel } from '../models.ts';
import { notificationEntries } from '../notifications/entries.ts';
import { notificationView } from '../notifications/view.ts';
import { itemsOfViewer } from '../own-items.ts';
import { fewSpare, scan } from '../page.ts';
import { showAll } from '../pipeline.ts';
import type { Reader } from '../read-store.ts';
import { readSuggestedUsers } from '../reads/suggested-users.ts';
import { trendingAt } from '../reads/trending-hashtags.ts';
import { withoutRepeats } from '../repeats-reader.ts';
import { friendsItemView, itemView, threadReplyView } from '../views.ts';
import { contextOf, type Documents } from './documents.ts';
import { entryOf as itemOf, listsShownTo } from './lists.ts';

const limit = 100;
const newest = { direction: 'desc', after: Number.MAX_SAFE_INTEGER, limit } as const;

const thoseShown = <T>(nodes: readonly (T | undefined)[]): T[] => nodes.filter((node) => node !== undefined);
const entryOf = ({ verb, post }: FeedItemModel): string => `${verb} ${post.id}`;

const feedOf = async (from: Reader, viewer: string | null, user: string): Promise<string[]> => {
  const { reader, loaders } = contextOf(from, viewer);
  const where = { actor: user, active: true };
  const items = await reader.collection('items').page({ where, orderBy: 'position', ...newest });
  const entries = items.map(({ id, doc }) => ({ itemId: id, position: doc.position ?? 0 }));
  return thoseShown(await showAll(itemView(loaders), entries)).map(entryOf);
};

const friendsFeedOf = async (from: Reader, viewer: string): Promise<string[]> => {
  const context = contextOf(from, viewer);
  const source = withoutRepeats(context, {
    view: friendsItemView(context.loaders, viewer),
    spare: fewSpare,
    candidates: async (from = newest.after, direction, limit) => {
      const window = { viewer, field: 'position', direction, from, limit } as const;
      const own = await itemsOfViewer(context, window);
      const found = [...(await itemsOfFollowed(context, window)), ...own.entries];
      const distinct = new Map(found.map((entry) => [entry.itemId, entry]));
      return [...distinct.values()].sort((a, b) => b.position - a.position).slice(0, limit);
    },
  });
  const { rows } = await scan(source, { from: undefined, order: 'desc', size: limit });
  return rows.map(({ node }) => itemOf(node));
};

const threadOf = async (from: Reader, viewer: string | null, post: string): Promise<string[]> => {
  const { reader, loaders } = contextOf(from, viewer);
  const where = { inReplyTo: post, deleted: [false, true] };
  const replies = await reader
    .collection('posts')
    .page({ where, orderBy: 'position', direction: 'asc', after: 0, limit });
  const ids = replies.map(({ id }) => id);
  const shown = thoseShown(await showAll(threadReplyView(loaders), ids));
  return shown.map((place) => ('body' in place ? place.id : `tombstone ${place.id}`));
};

const notificationsOf = async (from: Reader, viewer: string, list: 'MAIN' | 'OTHERS'): Promise<string[]> => {
  const context = contextOf(from, viewer);
  const entries = await notificationEntries(context, viewer, Number.MAX_SAFE_INTEGER).page({
    ...{ order: 'desc', from: undefined, limit },
  });
  const groups = thoseShown(await showAll(notificationView(context.loaders, viewer, list), entries));
  return groups.map(
    ({ kind, id, actors, actorCount }) =>
      `${kind} ${id.slice(kind.length + 1)}: ${actors.map((actor) => actor.id)} of ${actorCount}`,
  );
};

/** In the hour of all events of a history. */
const trendsNow = Date.UTC(2026, 0, 1, 0, 30);

const trendingOf = async (from: Reader, viewer: string | null): Promise<string[]> => {
  const options = { window: 'HOUR', size: 10, now: trendsNow } as const;
  const trending = await trendingAt(contextOf(from, viewer), options);
  return trending.map(({ hashtag, usage }) => `${hashtag.name}: ${usage.people}, ${usage.uses}`);
};

/** People and their mutual followers, in any order: the model knows no places. */
const suggestedTo = async (from: Reader, viewer: string): Promise<string[]> => {
  const suggested = await readSuggestedUsers(contextOf(from, viewer), {});
  return suggested.map(({ user, mutualCount }) => `${user.id} ${mutualCount}`).sort();
};

/** Views of people, by name. */
type Shown = Readonly<Record<string, unknown>>;

interface Asked {
  readonly users: readonly string[];
  readonly posts: readonly string[];
  readonly words: readonly string[];
}

/**
 * Returns the trends, feeds, threads and lists that a person, or nobody (null), is shown, and the friends feed, suggestions and
 * notifications of a person.
 */
export const seenBy = async (from: Reader, viewer: string | null, asked: Asked): Promise<Shown> => {
  const { users, posts } = asked;
  const shown: Record<string, unknown> = {
    trending: await trendingOf(from, viewer),
    ...(await listsShownTo(from, viewer, asked)),
  };
  for (const user of users) shown[`feed of ${user}`] = await feedOf(from, viewer, user);
  for (const post of posts) shown[`thread of ${post}`] = await threadOf(from, viewer, post);
  if (viewer === null) return shown;
  shown.friends = await friendsFeedOf(from, viewer);
  shown.suggested = await suggestedTo(from, viewer);
  for (const list of ['MAIN', 'OTHERS'] as const)
    shown[`notifications ${list}`] = await notificationsOf(from, viewer, list);
  return shown;
};

/** Returns the size of a set by its stored count. */
export const countIn = (documents: Documents, kind: string, id: string): number => {
  const count = documents.get('counts')?.get(countId(kind as CountKind, id)) as { n: number } | undefined;
  return count?.n ?? 0;
};
