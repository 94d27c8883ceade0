import { threadOf } from '@rookery/read-models';
import {
  isHiddenReply,
  type KnownUser,
  type VisibleItem,
  type VisiblePost,
  type VisibleUser,
} from '@rookery/read-models/visibility';
import type { Hydrated } from './hydrate.ts';
import type { FeedItemModel, PostModel, UserModel } from './models.ts';

/* Presents visible facts as the models of resolvers. */

const toUser = (
  id: string,
  { handle, name, bio, joinedAt, protected: isProtected = false }: KnownUser,
): UserModel => ({
  id,
  handle,
  // Every sign-up has a name; the type does not say so.
  name: name ?? handle,
  bio,
  joinedAt,
  protected: isProtected,
});

export const presentUser = ({ id, user }: Hydrated<VisibleUser>): UserModel => toUser(id, user);

export const presentPost = ({ id, post, author }: Hydrated<VisiblePost>): PostModel => ({
  id,
  author: toUser(post.author, author),
  body: post.body,
  createdAt: post.createdAt,
  editedAt: post.editedAt,
  visibility: post.visibility ?? 'PUBLIC',
  hiddenByModerator: post.moderated === true,
  inReplyTo: post.inReplyTo,
  thread: threadOf(id, post),
  isHiddenReply: isHiddenReply(post),
  quotes: post.quotes ?? null,
  quotePolicy: post.quotePolicy ?? 'EVERYONE',
  mentions: post.mentions ?? [],
});

export const presentItem = ({ id, item, actor, post, author }: Hydrated<VisibleItem>): FeedItemModel => ({
  id,
  verb: item.verb,
  actor: toUser(item.actor, actor),
  post: presentPost({ id: item.post, post, author }),
  at: item.at,
});
