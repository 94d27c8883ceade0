import type { FeedEntry } from '@rookery/feeds';
import type { FollowDoc, RelationDoc } from '@rookery/read-models';
import {
  type EntryFacts,
  type FollowFacts,
  type FriendsEntryFacts,
  type MutedFacts,
  mayCountUse,
  mayFollowUp,
  maySeeBlocked,
  maySeeEntry,
  maySeeFollow,
  maySeeFound,
  maySeeFoundUser,
  maySeeFriendsEntry,
  maySeeHiddenReply,
  maySeeListEntry,
  maySeeMention,
  maySeeMuted,
  maySeePlace,
  maySeePost,
  maySeeQuote,
  maySeeQuoted,
  maySeeReaction,
  maySeeReply,
  maySeeRequest,
  maySeeSuggested,
  maySeeUser,
  type PostFacts,
  type QuotedFacts,
  type QuoteFacts,
  type ReactionFacts,
  type ReplyFacts,
  type SuggestedFacts,
  type TextMuteFacts,
  type ThreadReplyFacts,
  type UserFacts,
  type VisibleItem,
  type VisiblePost,
  type VisibleUser,
} from '@rookery/read-models/visibility';
import {
  type Hydrated,
  hydrateEntry,
  hydrateFriendsEntry,
  hydrateListEntry,
  hydrateMuted,
  hydratePost,
  hydrateQuote,
  hydrateQuoted,
  hydrateReply,
  hydrateThreadReply,
  hydrateUser,
  type QuotedCandidate,
} from './hydrate.ts';
import type { Loaders } from './loaders.ts';
import type { FeedItemModel, PostModel, TombstoneModel, UserModel } from './models.ts';
import type { View } from './pipeline.ts';
import { presentItem, presentPost, presentUser } from './present.ts';

/* One view for each kind of object that is shown. */

/** A user who is asked for, by id. */
export const userView = (
  loaders: Loaders,
): View<string, Hydrated<UserFacts>, Hydrated<UserFacts & VisibleUser>, UserModel> => ({
  hydrate: (id) => hydrateUser(loaders, id),
  isVisible: maySeeUser,
  present: presentUser,
});

/** A post, by id. */
export const postView = (
  loaders: Loaders,
): View<string, Hydrated<PostFacts>, Hydrated<PostFacts & VisiblePost>, PostModel> => ({
  hydrate: (id) => hydratePost(loaders, id),
  isVisible: maySeePost,
  present: presentPost,
});

/** A post in the list of replies to another, by id. */
export const replyView = (
  loaders: Loaders,
): View<string, Hydrated<ReplyFacts>, Hydrated<ReplyFacts & VisiblePost>, PostModel> => ({
  hydrate: (id) => hydrateReply(loaders, id),
  isVisible: maySeeReply,
  present: presentPost,
});

/** A post in the list of replies that the author of their thread has hidden, by id. */
export const hiddenReplyView = (
  loaders: Loaders,
): View<string, Hydrated<ReplyFacts>, Hydrated<ReplyFacts & VisiblePost>, PostModel> => ({
  hydrate: (id) => hydrateReply(loaders, id),
  isVisible: maySeeHiddenReply,
  present: presentPost,
});

/** The post that another quotes. */
export const quotedView = (
  loaders: Loaders,
): View<QuotedCandidate, Hydrated<QuotedFacts>, Hydrated<QuotedFacts & VisiblePost>, PostModel> => ({
  hydrate: (candidate) => hydrateQuoted(loaders, candidate),
  isVisible: maySeeQuoted,
  present: presentPost,
});

/** A post in the list of those that quote another, by id. */
export const quoteView = (
  loaders: Loaders,
): View<string, Hydrated<QuoteFacts>, Hydrated<QuoteFacts & VisiblePost>, PostModel> => ({
  hydrate: (id) => hydrateQuote(loaders, id),
  isVisible: maySeeQuote,
  present: presentPost,
});

/** A post that is found by what it says, by id. */
export const foundPostView = (
  loaders: Loaders,
): View<string, Hydrated<ReplyFacts>, Hydrated<ReplyFacts & VisiblePost>, PostModel> => ({
  hydrate: (id) => hydrateReply(loaders, id),
  isVisible: maySeeFound,
  present: presentPost,
});

/** A post that counts as a use of its hashtags, by id. */
export const hashtagUseView = (
  loaders: Loaders,
): View<string, Hydrated<ReplyFacts>, Hydrated<ReplyFacts & VisiblePost>, PostModel> => ({
  hydrate: (id) => hydrateReply(loaders, id),
  isVisible: mayCountUse,
  present: presentPost,
});

/** A user whom a post mentions, by id. */
export const mentionView = (
  loaders: Loaders,
): View<string, Hydrated<UserFacts>, Hydrated<UserFacts & VisibleUser>, UserModel> => ({
  hydrate: (id) => hydrateUser(loaders, id),
  isVisible: maySeeMention,
  present: presentUser,
});

/** A user whom a search finds, by id. */
export const foundUserView = (
  loaders: Loaders,
): View<string, Hydrated<UserFacts>, Hydrated<UserFacts & VisibleUser>, UserModel> => ({
  hydrate: (id) => hydrateUser(loaders, id),
  isVisible: maySeeFoundUser,
  present: presentUser,
});

const presentPlace = (facts: Hydrated<PostFacts>): PostModel | TombstoneModel =>
  maySeePost(facts)
    ? presentPost(facts)
    : { id: facts.id, inReplyTo: mayFollowUp(facts) ? (facts.post?.inReplyTo ?? null) : null };

/** The post of a thread, or the tombstone that keeps its position in the thread. */
export const threadView = (
  loaders: Loaders,
): View<string, Hydrated<PostFacts>, Hydrated<PostFacts>, PostModel | TombstoneModel> => ({
  hydrate: (id) => hydratePost(loaders, id),
  // Each object of a thread is shown, as a tombstone at least.
  isVisible: (_facts): _facts is Hydrated<PostFacts> => true,
  present: presentPlace,
});

/** A reply in a thread, or the tombstone of a deleted one that was answered, by id. */
export const threadReplyView = (
  loaders: Loaders,
): View<string, Hydrated<ThreadReplyFacts>, Hydrated<ThreadReplyFacts>, PostModel | TombstoneModel> => ({
  hydrate: (id) => hydrateThreadReply(loaders, id),
  isVisible: (facts): facts is Hydrated<ThreadReplyFacts> => maySeePlace(facts),
  present: presentPlace,
});

/** An item of a user's own list, by its entry. */
export const itemView = (
  loaders: Loaders,
): View<FeedEntry, Hydrated<EntryFacts>, Hydrated<EntryFacts & VisibleItem>, FeedItemModel> => ({
  hydrate: (entry) => hydrateEntry(loaders, entry),
  isVisible: maySeeEntry,
  present: presentItem,
});

/** An item of the friends feed of a viewer, by its entry. */
export const friendsItemView = (
  loaders: Loaders,
  viewer: string,
): View<
  FeedEntry,
  Hydrated<FriendsEntryFacts>,
  Hydrated<FriendsEntryFacts & VisibleItem>,
  FeedItemModel
> => ({
  hydrate: (entry) => hydrateFriendsEntry(loaders, viewer, entry),
  isVisible: maySeeFriendsEntry,
  present: presentItem,
});

/** An item of the feed of a list of accounts, by its entry. */
export const listItemView = (
  loaders: Loaders,
): View<
  FeedEntry,
  Hydrated<EntryFacts & TextMuteFacts>,
  Hydrated<EntryFacts & TextMuteFacts & VisibleItem>,
  FeedItemModel
> => ({
  hydrate: (entry) => hydrateListEntry(loaders, entry),
  isVisible: maySeeListEntry,
  present: presentItem,
});

/**
 * A user who is suggested to the viewer, by id.
 * @param loadFollow returns the viewer's follow of a user
 */
export const suggestedView = (
  loaders: Loaders,
  loadFollow: (id: string) => Promise<FollowDoc | undefined>,
): View<string, Hydrated<SuggestedFacts>, Hydrated<SuggestedFacts & VisibleUser>, UserModel> => ({
  hydrate: async (id) => {
    const [facts, follow] = await Promise.all([hydrateMuted(loaders, id), loadFollow(id)]);
    return { ...facts, follow };
  },
  isVisible: maySeeSuggested,
  present: presentUser,
});

/** Entry of a list of followers or followings. */
export interface FollowEntry {
  readonly position: number;
  readonly follow: RelationDoc;
  /** Id of the user at the other end. */
  readonly user: string;
}

/** The user at the other end of a follow, by its entry. */
export const followView = (
  loaders: Loaders,
): View<FollowEntry, Hydrated<FollowFacts>, Hydrated<FollowFacts & VisibleUser>, UserModel> => ({
  hydrate: async ({ follow, user }) => ({ ...(await hydrateUser(loaders, user)), follow }),
  isVisible: maySeeFollow,
  present: presentUser,
});

/** Entry of a list of users who like or share a post. */
export interface ReactionEntry {
  readonly position: number;
  readonly reaction: RelationDoc;
}

/** A user who likes or shares a post, by the entry of the post's list. */
export const reactionView = (
  loaders: Loaders,
): View<ReactionEntry, Hydrated<ReactionFacts>, Hydrated<ReactionFacts & VisibleUser>, UserModel> => ({
  hydrate: async ({ reaction }) => ({ ...(await hydrateUser(loaders, reaction.actor)), reaction }),
  isVisible: maySeeReaction,
  present: presentUser,
});

/** A user in the list of those whom the viewer blocks, by id. */
export const blockedView = (
  loaders: Loaders,
): View<string, Hydrated<UserFacts>, Hydrated<UserFacts & VisibleUser>, UserModel> => ({
  hydrate: (id) => hydrateUser(loaders, id),
  isVisible: maySeeBlocked,
  present: presentUser,
});

/** A user who asks to follow the viewer, by id. */
export const requestView = (
  loaders: Loaders,
): View<string, Hydrated<UserFacts>, Hydrated<UserFacts & VisibleUser>, UserModel> => ({
  hydrate: (id) => hydrateUser(loaders, id),
  isVisible: maySeeRequest,
  present: presentUser,
});

/** A user in the list of those whom the viewer mutes, by id. */
export const mutedView = (
  loaders: Loaders,
): View<string, Hydrated<MutedFacts>, Hydrated<MutedFacts & VisibleUser>, UserModel> => ({
  hydrate: (id) => hydrateMuted(loaders, id),
  isVisible: maySeeMuted,
  present: presentUser,
});
