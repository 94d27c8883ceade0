import type { ItemDoc, PostDoc, RelationDoc, UserDoc } from '@rookery/read-models';

/**
 * All visibility rules, as pure functions of facts. Pages, single reads, embeds, entities and live delivery
 * use them, so that they cannot differ. Denied objects are answered like absent ones.
 */

/** Undefined: there is no such document. */
export interface PostFacts {
  readonly post: PostDoc | undefined;
  readonly author: UserDoc | undefined;
}

export interface ItemFacts extends PostFacts {
  readonly item: ItemDoc | undefined;
  readonly actor: UserDoc | undefined;
}

export type KnownUser = UserDoc & { readonly handle: string; readonly joinedAt: string };

export interface VisiblePost {
  readonly post: PostDoc & { readonly author: string; readonly createdAt: string; readonly body: string };
  readonly author: KnownUser;
}

export interface VisibleItem extends VisiblePost {
  readonly item: ItemDoc & { readonly actor: string; readonly at: string };
  readonly actor: KnownUser;
}

/** A user is one once the sign-up is known: a profile update may come before it. */
export const mayKnowUser = (user: UserDoc | undefined): user is KnownUser =>
  user !== undefined && user.handle !== null && user.joinedAt !== null;

/** A post is there from its publication to its deletion, as far as its author may be known. */
export const maySeePost = (facts: PostFacts): facts is VisiblePost =>
  facts.post !== undefined &&
  facts.post.author !== null &&
  facts.post.createdAt !== null &&
  facts.post.body !== null &&
  !facts.post.deleted &&
  mayKnowUser(facts.author);

/**
 * A deleted post says what it answered, so that a thread keeps its shape; no other post does that the viewer cannot
 * see: what is hidden must look like what never was there.
 */
export const mayFollowUp = ({ post, author }: PostFacts): boolean =>
  post?.deleted === true && mayKnowUser(author);

/** A feed item needs all three: the act still holds, its actor may be known, and its post may be seen. */
export const maySeeItem = (facts: ItemFacts): facts is VisibleItem =>
  facts.item?.active === true &&
  facts.item.actor !== null &&
  facts.item.at !== null &&
  mayKnowUser(facts.actor) &&
  maySeePost(facts);

/** The friends feed shows an actor as long as the viewer follows; its entries may be older than an unfollow. */
export const belongsInFriendsFeed = (actor: string, followed: ReadonlySet<string>): boolean =>
  followed.has(actor);

/** A follower is listed as long as the relation holds and the user at its other end may be known. */
export const maySeeFollow = (follow: RelationDoc, user: UserDoc | undefined): user is KnownUser =>
  follow.active && mayKnowUser(user);

/** The status of a write is visible to its actor alone. */
export const maySeeActivity = (actor: string, viewer: string | null): boolean => actor === viewer;
