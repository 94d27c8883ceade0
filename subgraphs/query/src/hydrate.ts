import type { PostDoc, UserDoc } from '@rookery/read-models';
import { isId } from '@rookery/runtime';
import type { Loaders } from './loaders.ts';
import type { FeedItemModel, PostModel, TombstoneModel, UserModel } from './models.ts';
import {
  type KnownUser,
  mayFollowUp,
  mayKnowUser,
  maySeeItem,
  maySeePost,
  type VisiblePost,
} from './visibility.ts';

/*
 * An id in, a model out: loads in batches, asks the rules, and presents what they let through.
 * Undefined stands for absent and denied alike; text that is no id names nothing.
 */

export const presentUser = (id: string, { handle, name, bio, joinedAt }: KnownUser): UserModel => ({
  id,
  handle,
  // A sign-up has a name; this is for the type.
  name: name ?? handle,
  bio,
  joinedAt,
});

const presentPost = (id: string, { post, author }: VisiblePost): PostModel => ({
  id,
  author: presentUser(post.author, author),
  body: post.body,
  createdAt: post.createdAt,
  editedAt: post.editedAt,
  inReplyTo: post.inReplyTo,
});

const loadUser = async (loaders: Loaders, id: string | null | undefined): Promise<UserDoc | undefined> =>
  id !== null && id !== undefined && isId(id) ? loaders.users.load(id) : undefined;

const loadPost = async (
  loaders: Loaders,
  id: string,
): Promise<{ post: PostDoc | undefined; author: UserDoc | undefined }> => {
  const post = isId(id) ? await loaders.posts.load(id) : undefined;
  return { post, author: await loadUser(loaders, post?.author) };
};

export const hydrateUser = async (loaders: Loaders, id: string): Promise<UserModel | undefined> => {
  const user = await loadUser(loaders, id);
  return mayKnowUser(user) ? presentUser(id, user) : undefined;
};

export const hydratePost = async (loaders: Loaders, id: string): Promise<PostModel | undefined> => {
  const facts = await loadPost(loaders, id);
  return maySeePost(facts) ? presentPost(id, facts) : undefined;
};

/** Returns the post, or the tombstone that keeps its place in a thread. */
export const hydratePlace = async (loaders: Loaders, id: string): Promise<PostModel | TombstoneModel> => {
  const facts = await loadPost(loaders, id);
  if (maySeePost(facts)) return presentPost(id, facts);
  return { id, inReplyTo: mayFollowUp(facts) ? (facts.post?.inReplyTo ?? null) : null };
};

/** @param position where the item was found: if it stands elsewhere by now, it is shown there and not here */
export const hydrateFeedItem = async (
  loaders: Loaders,
  id: string,
  position: number,
): Promise<FeedItemModel | undefined> => {
  const item = await loaders.items.load(id);
  if (item?.position !== position) return undefined;
  const [actor, post] = await Promise.all([loadUser(loaders, item.actor), loadPost(loaders, item.post)]);
  const facts = { item, actor, ...post };
  if (!maySeeItem(facts)) return undefined;
  return {
    id,
    verb: facts.item.verb,
    actor: presentUser(facts.item.actor, facts.actor),
    post: presentPost(facts.item.post, facts),
    at: facts.item.at,
  };
};
