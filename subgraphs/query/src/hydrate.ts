import type { FeedEntry } from '@rookery/feeds';
import { type RelationDoc, relationId } from '@rookery/read-models';
import { isId } from '@rookery/runtime';
import type { Loaders } from './loaders.ts';
import type { EntryFacts, FriendsEntryFacts, PostFacts, UserFacts } from './visibility.ts';

/* Loads the facts of candidates, in batches. Text that is not an id names nothing. */

/** Facts of the object with this id. */
export type Hydrated<Facts> = Facts & { readonly id: string };

export const hydrateUser = async (loaders: Loaders, id: string): Promise<Hydrated<UserFacts>> => ({
  id,
  user: isId(id) ? await loaders.users.load(id) : undefined,
});

export const hydratePost = async (loaders: Loaders, id: string): Promise<Hydrated<PostFacts>> => {
  const post = isId(id) ? await loaders.posts.load(id) : undefined;
  const { user: author } = await hydrateUser(loaders, post?.author ?? '');
  return { id, post, author };
};

export const hydrateEntry = async (
  loaders: Loaders,
  { itemId, position }: FeedEntry,
): Promise<Hydrated<EntryFacts>> => {
  const item = await loaders.items.load(itemId);
  // The rule denies an entry whose item has moved, whatever else it shows: nothing more is loaded for it.
  const current = item?.position === position ? item : undefined;
  const [{ user: actor }, post] = await Promise.all([
    hydrateUser(loaders, current?.actor ?? ''),
    hydratePost(loaders, current?.post ?? ''),
  ]);
  return { ...post, id: itemId, foundAt: position, item, actor };
};

/** Returns the relation of a viewer to the actor of an item, by its id: however many others the viewer follows. */
export const loadFollow = async (
  loaders: Loaders,
  viewer: string,
  actor: string | null | undefined,
): Promise<RelationDoc | undefined> => (actor ? loaders.follows.load(relationId(viewer, actor)) : undefined);

export const hydrateFriendsEntry = async (
  loaders: Loaders,
  viewer: string,
  entry: FeedEntry,
): Promise<Hydrated<FriendsEntryFacts>> => {
  const item = await loaders.items.load(entry.itemId);
  const [facts, follow] = await Promise.all([
    hydrateEntry(loaders, entry),
    loadFollow(loaders, viewer, item?.actor),
  ]);
  return { ...facts, follow };
};
