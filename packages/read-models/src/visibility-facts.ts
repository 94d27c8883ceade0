import type { FriendsFeedFacts } from './friends-feed-rules.ts';
import type { FollowDoc, ItemDoc, MuteDoc, PostDoc, RelationDoc, UserDoc } from './index.ts';

/** Facts by which the rules of visibility decide, and the users, posts and items that they let through. */

/** Relation of the viewer to another user. */
export interface ViewerRelation {
  readonly blocks: boolean;
  readonly isBlocked: boolean;
  /** The viewer's follow of the user. Needed only if `isForFollowers` says so. */
  readonly follow?: FollowDoc | undefined;
}

/** Relation of those who have none: of a viewer to themselves, and of somebody who is not signed in. */
export const unrelated: ViewerRelation = { blocks: false, isBlocked: false };

/** Mutes by the viewer of those who are concerned. */
export interface MuteFacts {
  readonly mutes: readonly (MuteDoc | undefined)[];
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Muted words of a viewer: commands refuse more, and reads look for no more. */
export const maxMutedWords = 100;

/** A word that the viewer mutes. */
export interface MutedWord {
  /** See toPattern. */
  readonly pattern: string;
  /** Milliseconds since the epoch. */
  readonly ends: number;
}

/** Mutes by the viewer of people, of the thread, and of words. */
export interface TextMuteFacts extends MuteFacts {
  readonly words: readonly MutedWord[];
}

/** Whose view is decided. */
interface ViewerFacts {
  /** Id of the signed-in user; null if nobody is signed in. */
  readonly viewer: string | null;
}

/** Undefined: there is no such document. */
export interface UserFacts extends ViewerFacts {
  readonly id: string;
  readonly user: UserDoc | undefined;
  readonly relation: ViewerRelation;
}

export interface FollowFacts extends UserFacts {
  readonly follow: RelationDoc;
}

/** Facts of a user who likes or shares a post. */
export interface ReactionFacts extends UserFacts {
  readonly reaction: RelationDoc;
}

export interface PostFacts extends ViewerFacts {
  readonly post: PostDoc | undefined;
  readonly author: UserDoc | undefined;
  readonly authorRelation: ViewerRelation;
}

export interface ItemFacts extends PostFacts {
  readonly item: ItemDoc | undefined;
  readonly actor: UserDoc | undefined;
  readonly actorRelation: ViewerRelation;
}

/** Facts by which the first post of a thread decides who may reply in it. */
export interface ReplyPolicyFacts extends ViewerFacts {
  /** Undefined: nobody knows it, so nobody has restricted it. */
  readonly first: PostDoc | undefined;
  readonly firstAuthor: UserDoc | undefined;
  /** The viewer's follow of the author of the first post. */
  readonly follow: FollowDoc | undefined;
  /** The follow of the viewer by that author. */
  readonly followed: FollowDoc | undefined;
}

export interface ReplyFacts extends PostFacts, TextMuteFacts {
  /** Facts by which its thread decides about the author of a reply. Needed only if the post is `unchecked`. */
  readonly policy?: ReplyPolicyFacts | undefined;
}

/** Facts of a reply that a thread shows, as a tombstone at least. */
export interface ThreadReplyFacts extends ReplyFacts {
  readonly replyCount: number;
}

export type MutedFacts = UserFacts & MuteFacts;

/** Facts of an item that a list has at a position. */
export interface EntryFacts extends ItemFacts {
  readonly foundAt: number;
}

/** Facts of an entry of a friends feed. */
export interface FriendsEntryFacts extends EntryFacts, TextMuteFacts, FriendsFeedFacts {}

export type KnownUser = UserDoc & { readonly handle: string; readonly joinedAt: string };

export interface VisibleUser {
  readonly user: KnownUser;
}

export interface VisiblePost {
  readonly post: PostDoc & { readonly author: string; readonly createdAt: string; readonly body: string };
  readonly author: KnownUser;
}

export interface VisibleItem extends VisiblePost {
  readonly item: ItemDoc & { readonly actor: string; readonly at: string };
  readonly actor: KnownUser;
}
