import { type CountKind, countId } from '@rookery/read-models';
import { posts, users } from '../../../../tests/support/events/recorded-events.ts';
import type { Model } from '../../../../tests/support/model/social.ts';
import {
  feedInModel,
  friendsFeedInModel,
  notificationsInModel,
  threadInModel,
} from '../../../../tests/support/model/views.ts';
import { itemsOfFollowed } from '../followed-items.ts';
import type { FeedItemModel } from '../models.ts';
import { notificationEntries } from '../notifications/entries.ts';
import { notificationView } from '../notifications/view.ts';
import { showAll } from '../pipeline.ts';
import { friendsItemView, itemView, threadReplyView } from '../views.ts';
import { contextOf, type Documents, withCounts } from './documents.ts';

const limit = 100;
const newest = { direction: 'desc', after: Number.MAX_SAFE_INTEGER, limit } as const;

const thoseShown = <T>(nodes: readonly (T | undefined)[]): T[] => nodes.filter((node) => node !== undefined);
const entryOf = ({ verb, post }: FeedItemModel): string => `${verb} ${post.id}`;

const feedOf = async (documents: Documents, viewer: string | null, user: string): Promise<string[]> => {
  const { reader, loaders } = contextOf(documents, viewer);
  const where = { actor: user, active: true };
  const items = await reader.collection('items').page({ where, orderBy: 'position', ...newest });
  const entries = items.map(({ id, doc }) => ({ itemId: id, position: doc.position ?? 0 }));
  return thoseShown(await showAll(itemView(loaders), entries)).map(entryOf);
};

const friendsFeedOf = async (documents: Documents, viewer: string): Promise<string[]> => {
  const context = contextOf(documents, viewer);
  const window = { viewer, field: 'position', direction: 'desc', from: newest.after, limit } as const;
  const entries = await itemsOfFollowed(context, window);
  const items = thoseShown(await showAll(friendsItemView(context.loaders, viewer), entries));
  return items.map((item) => `${item.actor.id}: ${entryOf(item)}`);
};

const threadOf = async (documents: Documents, viewer: string | null, post: string): Promise<string[]> => {
  const { reader, loaders } = contextOf(documents, viewer);
  const where = { inReplyTo: post, deleted: [false, true] };
  const replies = await reader
    .collection('posts')
    .page({ where, orderBy: 'position', direction: 'asc', after: 0, limit });
  const ids = replies.map(({ id }) => id);
  const shown = thoseShown(await showAll(threadReplyView(loaders), ids));
  return shown.map((place) => ('body' in place ? place.id : `tombstone ${place.id}`));
};

const notificationsOf = async (
  documents: Documents,
  viewer: string,
  list: 'MAIN' | 'OTHERS',
): Promise<string[]> => {
  const context = contextOf(documents, viewer);
  const entries = await notificationEntries(context, viewer, Number.MAX_SAFE_INTEGER).page({
    ...{ order: 'desc', from: undefined, limit },
  });
  const groups = thoseShown(await showAll(notificationView(context.loaders, viewer, list), entries));
  return groups.map(
    ({ kind, id, actors, actorCount }) =>
      `${kind} ${id.slice(kind.length + 1)}: ${actors.map((actor) => actor.id)} of ${actorCount}`,
  );
};

/** What people are shown, by name: by the documents, and by the model. */
type Shown = Readonly<Record<string, unknown>>;

/** Everything that a person, or nobody (null), is shown of what they share with all others. */
const seenByDocuments = async (documents: Documents, viewer: string | null): Promise<Shown> => {
  const shown: Record<string, unknown> = {};
  for (const user of users) shown[`feed of ${user}`] = await feedOf(documents, viewer, user);
  for (const post of posts) shown[`thread of ${post}`] = await threadOf(documents, viewer, post);
  if (viewer === null) return shown;
  shown.friends = await friendsFeedOf(documents, viewer);
  for (const list of ['MAIN', 'OTHERS'] as const)
    shown[`notifications ${list}`] = await notificationsOf(documents, viewer, list);
  return shown;
};

const seenByModel = (facts: Model, viewer: string | null): Shown => ({
  ...Object.fromEntries(users.map((user) => [`feed of ${user}`, feedInModel(facts, viewer, user)])),
  ...Object.fromEntries(posts.map((post) => [`thread of ${post}`, threadInModel(facts, viewer, post)])),
  ...(viewer === null
    ? {}
    : {
        friends: friendsFeedInModel(facts, viewer),
        'notifications MAIN': notificationsInModel(facts, viewer, 'MAIN'),
        'notifications OTHERS': notificationsInModel(facts, viewer, 'OTHERS'),
      }),
});

const countsOf = (documents: Documents, facts: Model) =>
  Object.entries(facts.sizes).flatMap(([kind, sizeOf]) =>
    [...users, ...posts].map((id) => {
      const count = documents.get('counts')?.get(countId(kind as CountKind, id)) as { n: number } | undefined;
      return { what: `${kind} of ${id}`, found: count?.n ?? 0, expected: sizeOf(id) };
    }),
  );

/** Returns everything that documents show otherwise than the model does: feeds, threads, notifications and counts, for everybody. */
export const differences = async (projected: Documents, facts: Model): Promise<object[]> => {
  const documents = withCounts(projected);
  const found: object[] = countsOf(documents, facts).filter((count) => count.found !== count.expected);
  for (const viewer of [...users, null]) {
    const [seen, expected] = [await seenByDocuments(documents, viewer), seenByModel(facts, viewer)];
    for (const what of Object.keys(expected))
      if (JSON.stringify(seen[what]) !== JSON.stringify(expected[what]))
        found.push({ viewer, what, found: seen[what], expected: expected[what] });
  }
  return found;
};
