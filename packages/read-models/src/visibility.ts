import { belongsToViewersFeed } from './friends-feed-rules.ts';
import type { BarredHashtagDoc, FollowDoc, NotificationSource, PostDoc, UserDoc } from './index.ts';
import { toSearchable } from './text/muted-words.ts';
import {
  type EntryFacts,
  type FollowFacts,
  type FriendsEntryFacts,
  type ItemFacts,
  type KnownUser,
  type MutedFacts,
  type MuteFacts,
  type PostFacts,
  type ReactionFacts,
  type ReplyFacts,
  type ReplyPolicyFacts,
  type TextMuteFacts,
  type ThreadReplyFacts,
  type UserFacts,
  unrelated,
  type ViewerRelation,
  type VisibleItem,
  type VisiblePost,
  type VisibleUser,
} from './visibility-facts.ts';

/**
 * All visibility rules, as pure functions of facts. Pages, single reads, embeds, entities, live delivery and commands
 * use them, so that they cannot differ. Denied objects are answered like absent ones.
 */

export { belongsInFriendsFeed, mayBeReplyToOthers, showsPart } from './friends-feed-rules.ts';
export type * from './visibility-facts.ts';
export { maxMutedWords, unrelated } from './visibility-facts.ts';

/** While an account is suspended, it is absent with everything that it has done. */
const isSuspended = (user: UserDoc | undefined): boolean => user?.suspended === true;

/** A user is one once the sign-up is known: a profile update may come before it. */
export const mayKnowUser = (user: UserDoc | undefined): user is KnownUser =>
  user !== undefined && user.handle !== null && user.joinedAt !== null && !isSuspended(user);

/** A block hides each of the two from the other, whoever has set it. */
const mayMeet = ({ blocks, isBlocked }: ViewerRelation): boolean => !blocks && !isBlocked;

/**
 * Asked for by id or handle, a user is also shown to a viewer who blocks them, since the viewer must be able to see and to
 * end the block.
 */
export const maySeeUser = <F extends UserFacts>(facts: F): facts is F & VisibleUser =>
  mayKnowUser(facts.user) && !facts.relation.isBlocked;

/** Lists and counts of a user whom the viewer blocks show nothing. */
export const maySeeActivityOf = mayMeet;

/** Returns whether only followers belong to the audience of what an account does publicly. */
const isProtected = (user: UserDoc | undefined): boolean => user?.protected === true;

/** A follow of a protected account holds once it is approved, or was made before the account was protected. */
const isFollower = ({ follow }: ViewerRelation, user: UserDoc | undefined): boolean =>
  follow?.active === true && !(follow.unchecked === true && isProtected(user));

/** Posts and shares of a protected account are for its followers. */
export const maySeeActsOf = ({ viewer, id, user, relation }: UserFacts): boolean =>
  mayMeet(relation) &&
  (user === undefined || viewer === id || !isProtected(user) || isFollower(relation, user));

/** Returns whether the audience of the post depends on who follows its author. */
export const isForFollowers = (post: PostDoc | undefined, author: UserDoc | undefined): boolean =>
  post?.visibility === 'FOLLOWERS' || (post?.visibility === undefined && isProtected(author));

/** Everybody whom the author has ever mentioned in a post. */
const isAddressee = ({ addressees }: PostDoc, author: string, user: string): boolean =>
  addressees?.[author]?.includes(user) === true;

/**
 * The audience of a post: the author, everybody whom the author has ever mentioned in it, and those whom its visibility and
 * the protection of the account leave.
 */
const isInAudience = ({ viewer, post, author, authorRelation }: AuthoredFacts): boolean => {
  if (viewer === post.author) return true;
  if (viewer !== null && isAddressee(post, post.author, viewer)) return true;
  if (isForFollowers(post, author)) return isFollower(authorRelation, author);
  return post.visibility === undefined;
};

type AuthoredFacts = PostFacts & { readonly post: PostDoc & { readonly author: string } };

const isAuthored = <F extends PostFacts>(facts: F): facts is F & AuthoredFacts =>
  facts.post !== undefined && facts.post.author !== null;

/** Returns whether a block, its audience or a suspension hides a post, deleted or not. */
export const isHidden = (facts: PostFacts): boolean =>
  isAuthored(facts) && (isSuspended(facts.author) || !(mayMeet(facts.authorRelation) && isInAudience(facts)));

/** A post that a moderator has hidden is deleted for everybody but its author. */
export const isGone = ({ viewer, post }: Pick<PostFacts, 'viewer' | 'post'>): boolean =>
  post !== undefined && (post.deleted || (post.moderated === true && post.author !== viewer));

/**
 * The author of the first post decides for the whole thread, also after its deletion. A block changes nothing here: otherwise the
 * answer would tell who has set it.
 */
export const mayReply = ({ viewer, first, firstAuthor, ...facts }: ReplyPolicyFacts): boolean => {
  if (viewer === null) return false;
  if (first === undefined || first.author === null || viewer === first.author) return true;
  const policy = first.replyPolicy;
  switch (policy) {
    case 'FOLLOWERS':
      return isFollower({ ...unrelated, follow: facts.follow }, firstAuthor);
    case 'FOLLOWED':
      return facts.followed?.active === true;
    case 'MENTIONED':
      return isAddressee(first, first.author, viewer);
    case 'NOBODY':
      return false;
    default:
      return policy === undefined;
  }
};

/** Everybody but the author needs consent, and quotes only posts that everybody may see: a quote shows it to others. */
export const mayQuote = ({ viewer, post, author, authorRelation }: PostFacts): boolean => {
  if (viewer === null || post === undefined) return false;
  if (viewer === post.author) return true;
  if (!isForEverybody(post, author)) return false;
  return (
    post.quotePolicy === undefined || (post.quotePolicy === 'FOLLOWERS' && isFollower(authorRelation, author))
  );
};

/** Only what everybody may see can be shared: a share shows it to the followers of another. */
export const isForEverybody = (post: PostDoc, author: UserDoc | undefined): boolean =>
  post.visibility === undefined && post.moderated !== true && !isProtected(author);

/** State of the viewer's follow of a user. */
export const followStateOf = (
  user: UserDoc | undefined,
  follow: FollowDoc | undefined,
): 'NONE' | 'PENDING' | 'FOLLOWING' => {
  if (follow?.active === true)
    return follow.unchecked === true && isProtected(user) ? 'PENDING' : 'FOLLOWING';
  return follow?.pending === true ? 'PENDING' : 'NONE';
};

/**
 * A mute keeps away what comes to the viewer unasked: items of the friends feed, live or not, and replies. Reads by
 * id, and the feed of the muted user, stay as they are.
 */
export const isMuted = ({ mutes, now }: MuteFacts): boolean =>
  mutes.some((mute) => mute?.active === true && (mute.until === undefined || Date.parse(mute.until) > now));

/** Returns whether a text has any word that the viewer mutes. Nobody mutes their own words. */
const hasMutedWord = ({ viewer, post, words, now }: PostFacts & TextMuteFacts): boolean => {
  const inForce = words.filter(({ ends }) => ends > now);
  if (inForce.length === 0 || !post?.body || post.author === viewer) return false;
  const text = toSearchable(post.body);
  return inForce.some(({ pattern }) => text.includes(pattern));
};

/** A post comes to the viewer unasked unless its author, its thread or a word of it is muted. */
const isMutedPost = (facts: PostFacts & TextMuteFacts): boolean => isMuted(facts) || hasMutedWord(facts);

/** A mute is listed while it holds. */
export const maySeeMuted = <F extends MutedFacts>(facts: F): facts is F & VisibleUser =>
  mayKnowUser(facts.user) && isMuted(facts);

/** Those whom the viewer blocks stay in the viewer's own list of them, whatever they do. */
export const maySeeBlocked = <F extends UserFacts>(facts: F): facts is F & VisibleUser =>
  mayKnowUser(facts.user);

/** A post is there from its publication to its deletion, for its audience, as far as its author may be known. */
export const maySeePost = <F extends PostFacts>(facts: F): facts is F & VisiblePost =>
  isAuthored(facts) &&
  facts.post.createdAt !== null &&
  facts.post.body !== null &&
  !isGone(facts) &&
  mayKnowUser(facts.author) &&
  !isHidden(facts);

/** A post that comes to the viewer unasked, by its text or as a reply, has nothing that the viewer mutes. */
export const maySeeFound = <F extends ReplyFacts>(facts: F): facts is F & VisiblePost =>
  maySeePost(facts) && !isMutedPost(facts);

/** A hashtag is used by posts for everybody. Those that a viewer would not find do not count for them, so that no number tells of them. */
export const mayCountUse = <F extends ReplyFacts>(facts: F): facts is F & VisiblePost =>
  maySeeFound(facts) && isForEverybody(facts.post, facts.author);

/** A hashtag trends unless a moderator has said last that it must not. */
export const mayTrend = (bar: BarredHashtagDoc | undefined): boolean => bar?.barred !== true;

/** Returns whether the author of the thread has hidden a reply. It stays a post like any other, and leaves the thread. */
export const isHiddenReply = (post: PostDoc | undefined): boolean => post?.hidden === true;

/**
 * Returns whether the author of the thread does not let the author of a reply answer, which nobody could ask when the reply was
 * accepted. It is the same as a hidden reply, until the author of the thread shows it.
 */
export const isRefusedReply = ({ post, policy }: Pick<ReplyFacts, 'post' | 'policy'>): boolean =>
  post?.unchecked === true &&
  policy !== undefined &&
  !mayReply(policy) &&
  post.hidings?.[policy.first?.author ?? '']?.hidden !== false;

/** A hidden reply stays in its place for the two who are concerned. */
const mayStayInThread = ({ viewer, post, policy }: ReplyFacts): boolean => {
  const isRefused = isRefusedReply({ post, policy });
  if (!isHiddenReply(post) && !isRefused) return true;
  if (viewer === null) return false;
  const isByViewer =
    post?.hidings?.[viewer]?.hidden === true || (isRefused && policy?.first?.author === viewer);
  return post?.author === viewer || isByViewer;
};

export const maySeeReply = <F extends ReplyFacts>(facts: F): facts is F & VisiblePost =>
  maySeeFound(facts) && mayStayInThread(facts);

/** The list of hidden replies is for whoever wants to see them. */
export const maySeeHiddenReply = <F extends ReplyFacts>(facts: F): facts is F & VisiblePost =>
  maySeeFound(facts) && isHiddenReply(facts.post);

/** Nobody is notified of a hidden reply: neither whom it answers, nor whom it mentions. */
export const mayNotifyOf = <F extends ReplyFacts>(facts: F): facts is F & VisiblePost =>
  maySeeReply(facts) && !isHiddenReply(facts.post) && !isRefusedReply(facts);

/** Facts of a post that another quotes. */
export interface QuotedFacts extends PostFacts {
  /** Relation of the author of the quoting post to the author of the quoted one. */
  readonly quoting: ViewerRelation;
}

/** A post shows another that it quotes to those who may see both, unless one of the two authors blocks the other. */
export const maySeeQuoted = <F extends QuotedFacts>(facts: F): facts is F & VisiblePost =>
  maySeePost(facts) && mayMeet(facts.quoting);

/** Facts of a post in the list of those that quote another. */
export interface QuoteFacts extends ReplyFacts {
  readonly quoting: ViewerRelation;
}

export const maySeeQuote = <F extends QuoteFacts>(facts: F): facts is F & VisiblePost =>
  maySeeFound(facts) && mayMeet(facts.quoting);

/**
 * A deleted post says what it answered, so that a thread keeps its shape; no other post does that the viewer cannot
 * see: what is hidden must look like what never was there.
 */
export const mayFollowUp = (facts: PostFacts): boolean =>
  isAuthored(facts) && isGone(facts) && mayKnowUser(facts.author) && !isHidden(facts);

const actorFacts = ({ viewer, item, actor, actorRelation }: ItemFacts): UserFacts => ({
  ...{ viewer, id: item?.actor ?? '', user: actor, relation: actorRelation },
});

/** A thread shows a deleted reply as a tombstone if it was answered: otherwise it would hold the place of nothing. */
export const maySeePlace = (facts: ThreadReplyFacts): boolean =>
  maySeeReply(facts) || (mayFollowUp(facts) && facts.replyCount > 0 && mayStayInThread(facts));

/**
 * A feed item needs all: the act still holds, its actor may be known, what the actor does may be seen, and so may its post. The actor
 * of a post is its author.
 */
export const maySeeItem = <F extends ItemFacts>(facts: F): facts is F & VisibleItem =>
  facts.item?.active === true &&
  facts.item.actor !== null &&
  facts.item.at !== null &&
  mayKnowUser(facts.actor) &&
  (facts.item.verb === 'POST' || maySeeActsOf(actorFacts(facts))) &&
  maySeePost(facts);

/** A list shows an item at its current position only; the list may still have an earlier one. */
export const maySeeEntry = <F extends EntryFacts>(facts: F): facts is F & VisibleItem =>
  facts.item?.position === facts.foundAt && maySeeItem(facts);

/** The feed of a list shows its members, whether the viewer follows them or not. */
export const maySeeListEntry = <F extends EntryFacts & TextMuteFacts>(facts: F): facts is F & VisibleItem =>
  maySeeEntry(facts) && !isMutedPost(facts);

export const maySeeFriendsEntry = <F extends FriendsEntryFacts>(facts: F): facts is F & VisibleItem =>
  maySeeEntry(facts) && belongsToViewersFeed(facts) && !isMutedPost(facts);

/** A follower is listed as long as the relation holds and the user at its other end may be known. */
export const maySeeFollow = <F extends FollowFacts>(facts: F): facts is F & VisibleUser =>
  facts.follow.active && mayKnowUser(facts.user) && mayMeet(facts.relation);

/** A user is listed among those who like or share a post as long as the like or share holds. */
export const maySeeReaction = <F extends ReactionFacts>(facts: F): facts is F & VisibleUser =>
  facts.reaction.active && mayKnowUser(facts.user) && mayMeet(facts.relation);

/** A mention shows its user unless a block hides them. */
export const maySeeMention = <F extends UserFacts>(facts: F): facts is F & VisibleUser =>
  mayKnowUser(facts.user) && mayMeet(facts.relation);

/** A search finds nobody whom a block hides, but people whom the viewer mutes: they do not come unasked. */
export const maySeeFoundUser = <F extends UserFacts>(facts: F): facts is F & VisibleUser =>
  mayKnowUser(facts.user) && mayMeet(facts.relation);

/** Facts of somebody whom the viewer may want to follow. */
export interface SuggestedFacts extends MutedFacts {
  /** The viewer's follow of them, or request to follow. */
  readonly follow: FollowDoc | undefined;
}

/** Suggested is whom the viewer neither follows, nor has asked to follow, nor mutes. */
export const maySeeSuggested = <F extends SuggestedFacts>(facts: F): facts is F & VisibleUser =>
  mayKnowUser(facts.user) &&
  mayMeet(facts.relation) &&
  facts.viewer !== facts.id &&
  followStateOf(facts.user, facts.follow) === 'NONE' &&
  !isMuted(facts);

/** Somebody whom the viewer follows and does not mute suggests others by following them. */
export const mayRecommend = <F extends SuggestedFacts>(facts: F): facts is F & VisibleUser =>
  mayKnowUser(facts.user) &&
  mayMeet(facts.relation) &&
  followStateOf(facts.user, facts.follow) === 'FOLLOWING' &&
  !isMuted(facts);

/** Facts of somebody who has done something that concerns the viewer. */
export interface NotifierFacts extends MutedFacts {
  /** True while what they have done is in force. */
  readonly holds: boolean;
  /** True if the viewer follows them. */
  readonly isFollowed: boolean;
}

/** A notification comes to the viewer unasked, so it names nobody whom the viewer mutes. */
export const maySeeNotifier = <F extends NotifierFacts>(facts: F): facts is F & VisibleUser =>
  facts.holds && mayKnowUser(facts.user) && mayMeet(facts.relation) && !isMuted(facts);

/** The list OTHERS has people whom the viewer does not follow, and MAIN those whom the setting admits. */
export const isNotifiedOf = (
  { isFollowed }: Pick<NotifierFacts, 'isFollowed'>,
  list: 'MAIN' | 'OTHERS',
  from: NotificationSource,
): boolean => {
  if (from === 'NOBODY') return false;
  return list === 'OTHERS' ? !isFollowed : isFollowed || from === 'EVERYONE';
};

/** People are told in MAIN of who signs in to their account, whatever they have chosen. */
export const isNotifiedOfOwn = (list: 'MAIN' | 'OTHERS'): boolean => list === 'MAIN';

/** A request to follow is listed while it waits, to the one who is asked. */
export const maySeeRequest = <F extends UserFacts>(facts: F): facts is F & VisibleUser =>
  mayKnowUser(facts.user) && mayMeet(facts.relation);

/** The status of a write is visible to its actor alone. */
export const maySeeActivity = (actor: string, viewer: string | null): boolean => actor === viewer;
