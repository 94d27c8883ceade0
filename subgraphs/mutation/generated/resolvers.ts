// Generated from the SDL by `npm run schema:generate`. Do not edit.
import type { GraphQLResolveInfo, GraphQLScalarType, GraphQLScalarTypeConfig } from 'graphql';
import type { UserRef, PostRef, ListRef } from '../src/models.ts';
import type { MutationContext } from '../src/context.ts';
export type Maybe<T> = T | null | undefined;
export type InputMaybe<T> = T | null | undefined;
export type Omit<T, K extends keyof T> = Pick<T, Exclude<keyof T, K>>;
export type RequireFields<T, K extends keyof T> = Omit<T, K> & { [P in K]-?: NonNullable<T[P]> };
/** All built-in and custom scalars, mapped to their actual values */
export type Scalars = {
  ID: { input: string; output: string; }
  String: { input: string; output: string; }
  Boolean: { input: boolean; output: boolean; }
  Int: { input: number; output: number; }
  Float: { input: number; output: number; }
  /** ISO 8601 instant in UTC with milliseconds. */
  DateTime: { input: string; output: string; }
  _FieldSet: { input: string; output: string; }
};

export type Mutation = {
  /** Creates an account and begins its first session. */
  signUp?: Maybe<SessionPayload>;
  /** Begins a session. A wrong handle and a wrong password are answered alike. */
  logIn?: Maybe<SessionPayload>;
  /** Uses up a refresh token: gives a new access token and the next refresh token. Send no Authorization header with it, because an expired access token is refused. */
  refreshSession?: Maybe<SessionPayload>;
  /** Ends the session that asks: its tokens are refused everywhere within 2 s. Always true. */
  logOut?: Maybe<Scalars['Boolean']['output']>;
  /** Ends all sessions of the account, within 2 s, and begins a new one. */
  changePassword?: Maybe<SessionPayload>;
  /**
   * Changes the viewer's handle. Nobody else can take the one before for a while (HANDLE_RESERVATION), and the viewer can take it back.
   * Repeating it changes nothing.
   */
  changeHandle?: Maybe<UserPayload>;
  /**
   * Registers the browser of this session for Web Push (RFC 8030), with what its PushSubscription says. It ends with the session, and
   * with `unregisterPush`. Repeating it replaces the keys.
   */
  registerPush?: Maybe<PushRegistration>;
  /** Ends the registration of a browser. Repeating it changes nothing. */
  unregisterPush?: Maybe<PushRegistration>;
  /** Changes the name, the bio, or whether the account is protected; absent fields stay unchanged. */
  updateProfile?: Maybe<UserPayload>;
  /** Publishes a post, or a reply with `inReplyTo`. */
  publishPost?: Maybe<PostPayload>;
  /** Replaces the body of one of the viewer's own posts. */
  editPost?: Maybe<PostPayload>;
  /** Deletes one of the viewer's own posts. Its text is removed from all read models. */
  deletePost?: Maybe<PostPayload>;
  /**
   * Changes who may reply in the thread that one of the viewer's own posts begins, and who may quote the post; absent fields stay
   * unchanged. Replies and quotes that are there already stay.
   */
  setPostPolicy?: Maybe<PostPayload>;
  /**
   * Hides a reply in a thread that the viewer has begun: it leaves `replies`, `thread` and `replyCount` for all but its author and the
   * viewer, and stays in `hiddenReplies`. Repeating it changes nothing.
   */
  hideReply?: Maybe<PostPayload>;
  /** Shows a hidden reply again. Repeating it changes nothing. */
  unhideReply?: Maybe<PostPayload>;
  /** Takes back for good that a post quotes one of the viewer's posts: it then shows without the quoted post. */
  revokeQuote?: Maybe<PostPayload>;
  /** Likes a post. Repeating it changes nothing. */
  likePost?: Maybe<PostPayload>;
  /** Takes a like back. Repeating it changes nothing. */
  unlikePost?: Maybe<PostPayload>;
  /** Shares a post with the viewer's followers. Repeating it changes nothing. */
  sharePost?: Maybe<PostPayload>;
  /** Takes a share back. Repeating it changes nothing. */
  unsharePost?: Maybe<PostPayload>;
  /** Adds a post to the viewer's bookmarks, which nobody else can see. Repeating it changes nothing. */
  bookmarkPost?: Maybe<PostPayload>;
  /** Removes a post from the viewer's bookmarks. Repeating it changes nothing. */
  unbookmarkPost?: Maybe<PostPayload>;
  /** Shows one of the viewer's own posts on their profile. Repeating it changes nothing. */
  pinPost?: Maybe<PostPayload>;
  /** Takes a pin back. Repeating it changes nothing. */
  unpinPost?: Maybe<PostPayload>;
  /**
   * Follows a user, whose items appear in the friends feed. Repeating it changes nothing. If the account is protected, it asks to
   * follow: `user.viewerFollowState` is then `PENDING` until the user approves it.
   */
  followUser?: Maybe<UserPayload>;
  /** Stops following a user, whose items leave the friends feed, or takes a request to follow back. */
  unfollowUser?: Maybe<UserPayload>;
  /** Approves a user's request to follow the viewer. Without a request it changes nothing. */
  approveFollow?: Maybe<UserPayload>;
  /** Rejects a user's request to follow the viewer, or removes a follower. The user can ask again. */
  rejectFollow?: Maybe<UserPayload>;
  /** Blocks a user: neither of the two sees the other any more, and follows between them end. Repeating it changes nothing. */
  blockUser?: Maybe<UserPayload>;
  /** Takes a block back. Follows that it ended do not come back. */
  unblockUser?: Maybe<UserPayload>;
  /**
   * Mutes a user, whose posts no longer come to the viewer by the friends feed, shares and replies. Nobody else can see it.
   * Repeating it replaces `until`.
   */
  muteUser?: Maybe<UserPayload>;
  /** Takes a mute back. Repeating it changes nothing. */
  unmuteUser?: Maybe<UserPayload>;
  /**
   * Mutes the thread of a post: none of its posts comes to the viewer by the friends feed, and nothing in it notifies the viewer. Nobody
   * else can see it. Repeating it replaces `until`.
   */
  muteThread?: Maybe<PostPayload>;
  /** Takes the mute of a thread back. Repeating it changes nothing. */
  unmuteThread?: Maybe<PostPayload>;
  /**
   * Mutes a word, phrase or hashtag: no post of others that has it comes to the viewer by the friends feed, notifications, hashtags and
   * replies. Nobody else can see it. Repeating it replaces `until`. At most 100 words can be muted.
   */
  muteWord?: Maybe<MutedWordPayload>;
  /** Takes the mute of a word back. Repeating it changes nothing. */
  unmuteWord?: Maybe<MutedWordPayload>;
  /** Marks the viewer's notifications as read up to a cursor. The marker never moves back. */
  markNotificationsRead?: Maybe<MarkReadPayload>;
  /** Marks the viewer's friends feed as read up to a cursor. The marker never moves back. */
  markFeedRead?: Maybe<MarkReadPayload>;
  /** Creates a list of accounts, which nobody else can see. The newest 50 lists are kept in use. */
  createList?: Maybe<ListPayload>;
  /** Gives a list another name. */
  renameList?: Maybe<ListPayload>;
  /** Deletes a list for good. */
  deleteList?: Maybe<ListPayload>;
  /** Adds a user to a list, which they are not told. The list uses its newest 200 members. Repeating it changes nothing. */
  addToList?: Maybe<ListPayload>;
  /** Removes a user from a list. Repeating it changes nothing. */
  removeFromList?: Maybe<ListPayload>;
  /** Leaves what a user shares out of the viewer's friends feed. Nobody else can see it. Repeating it changes nothing. */
  hideShares?: Maybe<UserPayload>;
  /** Shows what a user shares in the viewer's friends feed again. Repeating it changes nothing. */
  showShares?: Maybe<UserPayload>;
  /** Decides whether the viewer's friends feed has a part. */
  setFriendsFeed?: Maybe<SetFriendsFeedPayload>;
  /** Reports a post to the moderators, who alone, with the viewer, ever see it. Repeating it replaces the report. */
  reportPost?: Maybe<ModerationPayload>;
  /** Reports a user to the moderators, who alone, with the viewer, ever see it. Repeating it replaces the report. */
  reportUser?: Maybe<ModerationPayload>;
  /** Answers all reports about a post or user. The newest 50 reporters are notified of the outcome. For moderators. */
  resolveReports?: Maybe<ModerationPayload>;
  /** Hides a post from everybody but its author, as if it was deleted. For moderators. Repeating it changes nothing. */
  hidePost?: Maybe<ModerationPayload>;
  /** Shows a post again that a moderator has hidden. For moderators. */
  unhidePost?: Maybe<ModerationPayload>;
  /**
   * Suspends an account: its sessions end within 2 s, no new one begins, and everybody finds it absent, with everything that it has done.
   * For moderators. Repeating it changes nothing.
   */
  suspendUser?: Maybe<ModerationPayload>;
  /** Ends the suspension of an account, which is there again as it was. For moderators. */
  unsuspendUser?: Maybe<ModerationPayload>;
  /** Keeps a hashtag out of `trendingHashtags` for everybody; its posts stay. For moderators. Repeating it changes nothing. */
  barHashtag?: Maybe<ModerationPayload>;
  /** Lets a hashtag trend again that a moderator has barred. For moderators. */
  allowHashtag?: Maybe<ModerationPayload>;
  /** Decides whose acts the viewer is notified of. `SIGN_IN` is told in any case, and cannot be chosen (BAD_USER_INPUT). */
  setNotifications?: Maybe<SetNotificationsPayload>;
};


export type MutationSignUpArgs = {
  input: SignUpInput;
};


export type MutationLogInArgs = {
  input: LogInInput;
};


export type MutationRefreshSessionArgs = {
  input: RefreshSessionInput;
};


export type MutationChangePasswordArgs = {
  input: ChangePasswordInput;
};


export type MutationChangeHandleArgs = {
  input: ChangeHandleInput;
};


export type MutationRegisterPushArgs = {
  input: RegisterPushInput;
};


export type MutationUnregisterPushArgs = {
  input: UnregisterPushInput;
};


export type MutationUpdateProfileArgs = {
  input: UpdateProfileInput;
};


export type MutationPublishPostArgs = {
  input: PublishPostInput;
};


export type MutationEditPostArgs = {
  input: EditPostInput;
};


export type MutationDeletePostArgs = {
  input: PostInput;
};


export type MutationSetPostPolicyArgs = {
  input: SetPostPolicyInput;
};


export type MutationHideReplyArgs = {
  input: PostInput;
};


export type MutationUnhideReplyArgs = {
  input: PostInput;
};


export type MutationRevokeQuoteArgs = {
  input: PostInput;
};


export type MutationLikePostArgs = {
  input: PostInput;
};


export type MutationUnlikePostArgs = {
  input: PostInput;
};


export type MutationSharePostArgs = {
  input: PostInput;
};


export type MutationUnsharePostArgs = {
  input: PostInput;
};


export type MutationBookmarkPostArgs = {
  input: PostInput;
};


export type MutationUnbookmarkPostArgs = {
  input: PostInput;
};


export type MutationPinPostArgs = {
  input: PostInput;
};


export type MutationUnpinPostArgs = {
  input: PostInput;
};


export type MutationFollowUserArgs = {
  input: UserInput;
};


export type MutationUnfollowUserArgs = {
  input: UserInput;
};


export type MutationApproveFollowArgs = {
  input: UserInput;
};


export type MutationRejectFollowArgs = {
  input: UserInput;
};


export type MutationBlockUserArgs = {
  input: UserInput;
};


export type MutationUnblockUserArgs = {
  input: UserInput;
};


export type MutationMuteUserArgs = {
  input: UserInput;
  until?: InputMaybe<Scalars['DateTime']['input']>;
};


export type MutationUnmuteUserArgs = {
  input: UserInput;
};


export type MutationMuteThreadArgs = {
  input: PostInput;
  until?: InputMaybe<Scalars['DateTime']['input']>;
};


export type MutationUnmuteThreadArgs = {
  input: PostInput;
};


export type MutationMuteWordArgs = {
  input: MutedWordInput;
  until?: InputMaybe<Scalars['DateTime']['input']>;
};


export type MutationUnmuteWordArgs = {
  input: MutedWordInput;
};


export type MutationMarkNotificationsReadArgs = {
  input: MarkReadInput;
};


export type MutationMarkFeedReadArgs = {
  input: MarkReadInput;
};


export type MutationCreateListArgs = {
  input: CreateListInput;
};


export type MutationRenameListArgs = {
  input: RenameListInput;
};


export type MutationDeleteListArgs = {
  input: ListInput;
};


export type MutationAddToListArgs = {
  input: ListMemberInput;
};


export type MutationRemoveFromListArgs = {
  input: ListMemberInput;
};


export type MutationHideSharesArgs = {
  input: UserInput;
};


export type MutationShowSharesArgs = {
  input: UserInput;
};


export type MutationSetFriendsFeedArgs = {
  input: SetFriendsFeedInput;
};


export type MutationReportPostArgs = {
  input: ReportPostInput;
};


export type MutationReportUserArgs = {
  input: ReportUserInput;
};


export type MutationResolveReportsArgs = {
  input: ResolveReportsInput;
};


export type MutationHidePostArgs = {
  input: ModeratePostInput;
};


export type MutationUnhidePostArgs = {
  input: ModeratePostInput;
};


export type MutationSuspendUserArgs = {
  input: ModerateUserInput;
};


export type MutationUnsuspendUserArgs = {
  input: ModerateUserInput;
};


export type MutationBarHashtagArgs = {
  input: ModerateHashtagInput;
};


export type MutationAllowHashtagArgs = {
  input: ModerateHashtagInput;
};


export type MutationSetNotificationsArgs = {
  input: SetNotificationsInput;
};

export type User = {
  id: Scalars['ID']['output'];
  /** 3 to 30 of a-z, 0-9 and _; unique. */
  handle: Scalars['String']['output'];
  joinedAt: Scalars['DateTime']['output'];
};

export type Post = {
  id: Scalars['ID']['output'];
};

export type List = {
  id: Scalars['ID']['output'];
};

export type FeedEdge = {
  itemId: Scalars['ID']['output'];
};

export type PostEdge = {
  replyId: Scalars['ID']['output'];
};

export type UserEdge = {
  followId: Scalars['ID']['output'];
};

export type ReadMarker = {
  markerId: Scalars['ID']['output'];
};

/** Status of an accepted write, visible to its actor only. */
export type Activity = {
  id: Scalars['ID']['output'];
  verb: Verb;
  /** Null if the read side cannot answer right after the write. */
  actor?: Maybe<User>;
  status: ActivityStatus;
  acceptedAt: Scalars['DateTime']['output'];
  /** Position in the event store; null until recorded. */
  position?: Maybe<Scalars['String']['output']>;
  /** Reason of the refusal if status is REJECTED. */
  reason?: Maybe<Scalars['String']['output']>;
};

export type Verb =
  | 'ALLOW_HASHTAG'
  | 'BAR_HASHTAG'
  | 'CREATE_LIST'
  | 'DELETE_LIST'
  | 'ADD_TO_LIST'
  | 'REMOVE_FROM_LIST'
  | 'RENAME_LIST'
  | 'BOOKMARK'
  | 'UNBOOKMARK'
  | 'DELETE'
  | 'EDIT'
  | 'HIDE'
  | 'UNHIDE'
  | 'LIKE'
  | 'UNLIKE'
  | 'PIN'
  | 'UNPIN'
  | 'SET_POLICY'
  | 'POST'
  | 'REVOKE_QUOTE'
  | 'HIDE_REPLY'
  | 'UNHIDE_REPLY'
  | 'SHARE'
  | 'UNSHARE'
  | 'MUTE_THREAD'
  | 'UNMUTE_THREAD'
  | 'REPORT'
  | 'RESOLVE_REPORTS'
  | 'BLOCK'
  | 'UNBLOCK'
  | 'APPROVE_FOLLOW'
  | 'REJECT_FOLLOW'
  | 'REQUEST_FOLLOW'
  | 'FOLLOW'
  | 'UNFOLLOW'
  | 'SET_FRIENDS_FEED'
  | 'CHANGE_HANDLE'
  | 'MARK_READ'
  | 'MUTE'
  | 'UNMUTE'
  | 'SET_NOTIFICATIONS'
  | 'UPDATE_PROFILE'
  | 'HIDE_SHARES'
  | 'SHOW_SHARES'
  | 'SIGN_IN'
  | 'SIGN_UP'
  | 'SUSPEND'
  | 'UNSUSPEND'
  | 'MUTE_WORD'
  | 'UNMUTE_WORD';

/** Audience of a post, besides its author and everybody whom it mentions. */
export type PostVisibility =
  /** Everybody, or the followers if the account of the author is protected. */
  | 'PUBLIC'
  /** Followers of the author. */
  | 'FOLLOWERS'
  /** Nobody else. */
  | 'MENTIONED';

/** People who may reply in a thread. The author of its first post always may. */
export type ReplyPolicy =
  | 'EVERYONE'
  /** Followers of the author. */
  | 'FOLLOWERS'
  /** People whom the author follows. */
  | 'FOLLOWED'
  /** People whom the first post mentions. */
  | 'MENTIONED'
  | 'NOBODY';

/** People who may quote a post. Its author always may, and nobody else may quote a post that is not for everybody. */
export type QuotePolicy =
  | 'EVERYONE'
  /** Followers of the author. */
  | 'FOLLOWERS'
  | 'NOBODY';

export type ActivityStatus =
  | 'QUEUED'
  | 'RECORDED'
  | 'PROJECTED'
  | 'REJECTED';

/** token goes into the Authorization header as Bearer, or into connection_init as { "authorization": "Bearer …" }. */
export type SessionPayload = {
  token: Scalars['String']['output'];
  expiresAt: Scalars['DateTime']['output'];
  /** For refreshSession, once: a second use ends the session. Nothing else takes it. */
  refreshToken: Scalars['String']['output'];
  /** End of the session unless it is refreshed before. */
  refreshExpiresAt: Scalars['DateTime']['output'];
  /** These fields come from the account itself, so that a session never waits for a projection. Null if more is asked for and the read side cannot answer. */
  user?: Maybe<User>;
  activity?: Maybe<Activity>;
};

export type PostPayload = {
  activity: Activity;
  /** Null if it is deleted, hidden, or cannot be read yet; extensions.stale is true in the last case. */
  post?: Maybe<Post>;
  /**
   * The item that publishing or sharing adds to the actor's own feed, for caches that add it by themselves. Pages of the
   * actor's feed and friends feed can go on from its cursor. Null for other commands, and whenever `post` is.
   */
  feedEdge?: Maybe<FeedEdge>;
  /** The reply that publishing adds to `replies` of the post that it answers. Null for other commands, and whenever `post` is. */
  replyEdge?: Maybe<PostEdge>;
  /** The post that deletePost deletes. Null for other commands. */
  deletedPostId?: Maybe<Scalars['ID']['output']>;
  /** The item that deletePost or unsharePost removes from feeds, as caches call it: `FeedItem:` and its id. Null for other commands. */
  removedItemKey?: Maybe<Scalars['ID']['output']>;
};

export type UserPayload = {
  activity: Activity;
  /** Null if it is hidden or cannot be read yet; extensions.stale is true in the last case. */
  user?: Maybe<User>;
  /** The user whom followUser adds to `following` of the viewer. Null for other commands, and whenever `user` is. */
  followingEdge?: Maybe<UserEdge>;
  /** The viewer, whom followUser adds to `followers` of the user. Null for other commands, and whenever `user` is. */
  followerEdge?: Maybe<UserEdge>;
  /** The user whom unfollowUser removes from `following` of the viewer. Null for other commands. */
  unfollowedUserId?: Maybe<Scalars['ID']['output']>;
};

export type MutedWordPayload = {
  activity: Activity;
  /** The word in the form in which it is muted: folded, and without invisible characters. */
  word: Scalars['String']['output'];
};

export type MarkReadPayload = {
  activity: Activity;
  /** Null if it cannot be read yet; extensions.stale is true then. */
  marker?: Maybe<ReadMarker>;
};

export type PushRegistration = {
  endpoint: Scalars['String']['output'];
};

export type ListPayload = {
  activity: Activity;
  /** Null for deleteList, or if it cannot be read yet; extensions.stale is true then. */
  list?: Maybe<List>;
  /** The list that deleteList deletes. Null for other commands. */
  deletedListId?: Maybe<Scalars['ID']['output']>;
};

export type SetFriendsFeedPayload = {
  activity: Activity;
  setting: FriendsFeedSetting;
};

export type FriendsFeedSetting = {
  part: FriendsFeedPart;
  isShown: Scalars['Boolean']['output'];
};

export type FriendsFeedPart =
  | 'OWN_ITEMS'
  | 'REPLIES_TO_OTHERS';

export type ModerationPayload = {
  activity: Activity;
};

export type SetNotificationsPayload = {
  activity: Activity;
  setting: NotificationSetting;
};

export type NotificationSetting = {
  kind: NotificationKind;
  from: NotificationSource;
};

export type NotificationKind =
  | 'FOLLOW'
  | 'FOLLOW_REQUEST'
  | 'LIKE'
  | 'SHARE'
  | 'REPLY'
  | 'QUOTE'
  | 'MENTION'
  | 'EDIT'
  | 'SIGN_IN'
  | 'REPORT_RESOLVED';

export type NotificationSource =
  | 'EVERYONE'
  | 'FOLLOWED'
  | 'NOBODY';

export type SignUpInput = {
  handle: Scalars['String']['input'];
  name: Scalars['String']['input'];
  password: Scalars['String']['input'];
};

export type LogInInput = {
  handle: Scalars['String']['input'];
  password: Scalars['String']['input'];
};

export type RefreshSessionInput = {
  refreshToken: Scalars['String']['input'];
};

export type ChangePasswordInput = {
  currentPassword: Scalars['String']['input'];
  newPassword: Scalars['String']['input'];
};

export type ChangeHandleInput = {
  handle: Scalars['String']['input'];
};

export type RegisterPushInput = {
  /** Address that the push service gave to the browser; https, of a push service that the server knows (PUSH_SERVICES). */
  endpoint: Scalars['String']['input'];
  keys: PushKeysInput;
};

/** Keys for which messages are encrypted (RFC 8291), in base64url. */
export type PushKeysInput = {
  p256dh: Scalars['String']['input'];
  auth: Scalars['String']['input'];
};

export type UnregisterPushInput = {
  endpoint: Scalars['String']['input'];
};

export type UpdateProfileInput = {
  name?: InputMaybe<Scalars['String']['input']>;
  bio?: InputMaybe<Scalars['String']['input']>;
  /** True: only followers see the viewer's posts, and the viewer approves who follows. */
  protected?: InputMaybe<Scalars['Boolean']['input']>;
  idempotencyKey?: InputMaybe<Scalars['String']['input']>;
};

export type PublishPostInput = {
  body: Scalars['String']['input'];
  inReplyTo?: InputMaybe<Scalars['ID']['input']>;
  /** Audience of the post; `PUBLIC` if absent. */
  visibility?: InputMaybe<PostVisibility>;
  /** People who may reply in the thread that the post begins; `EVERYONE` if absent. Not for replies: the first post of a thread decides. */
  replyPolicy?: InputMaybe<ReplyPolicy>;
  /** Post that the new one quotes. */
  quotedPostId?: InputMaybe<Scalars['ID']['input']>;
  /** People who may quote the post; `EVERYONE` if absent. */
  quotePolicy?: InputMaybe<QuotePolicy>;
  idempotencyKey?: InputMaybe<Scalars['String']['input']>;
};

export type SetPostPolicyInput = {
  postId: Scalars['ID']['input'];
  /** Not for replies: the first post of a thread decides. */
  replyPolicy?: InputMaybe<ReplyPolicy>;
  quotePolicy?: InputMaybe<QuotePolicy>;
  idempotencyKey?: InputMaybe<Scalars['String']['input']>;
};

export type EditPostInput = {
  postId: Scalars['ID']['input'];
  body: Scalars['String']['input'];
  idempotencyKey?: InputMaybe<Scalars['String']['input']>;
};

export type PostInput = {
  postId: Scalars['ID']['input'];
  idempotencyKey?: InputMaybe<Scalars['String']['input']>;
};

export type UserInput = {
  userId: Scalars['ID']['input'];
  idempotencyKey?: InputMaybe<Scalars['String']['input']>;
};

export type ReportCategory =
  | 'SPAM'
  | 'HARASSMENT'
  | 'HATE'
  | 'VIOLENCE'
  | 'SEXUAL'
  | 'SELF_HARM'
  | 'ILLEGAL'
  | 'OTHER';

export type ReportOutcome =
  /** The moderators have hidden the post, suspended the account, or done something else about it. */
  | 'ACTION_TAKEN'
  | 'NO_VIOLATION';

export type ReportPostInput = {
  postId: Scalars['ID']['input'];
  category: ReportCategory;
  /** Up to 1,000 characters. */
  text?: InputMaybe<Scalars['String']['input']>;
  idempotencyKey?: InputMaybe<Scalars['String']['input']>;
};

export type ReportUserInput = {
  userId: Scalars['ID']['input'];
  category: ReportCategory;
  /** Up to 1,000 characters. */
  text?: InputMaybe<Scalars['String']['input']>;
  idempotencyKey?: InputMaybe<Scalars['String']['input']>;
};

export type ResolveReportsInput = {
  /** Id of the post or user. */
  about: Scalars['ID']['input'];
  outcome: ReportOutcome;
  /** Moderators alone can read it: up to 1,000 characters. */
  reason: Scalars['String']['input'];
  idempotencyKey?: InputMaybe<Scalars['String']['input']>;
};

export type ModeratePostInput = {
  postId: Scalars['ID']['input'];
  /** Moderators alone can read it: up to 1,000 characters. */
  reason: Scalars['String']['input'];
  idempotencyKey?: InputMaybe<Scalars['String']['input']>;
};

export type ModerateUserInput = {
  userId: Scalars['ID']['input'];
  /** Moderators alone can read it: up to 1,000 characters. */
  reason: Scalars['String']['input'];
  idempotencyKey?: InputMaybe<Scalars['String']['input']>;
};

export type ModerateHashtagInput = {
  /** With or without its sign, in any spelling. */
  name: Scalars['String']['input'];
  /** Moderators alone can read it: up to 1,000 characters. */
  reason: Scalars['String']['input'];
  idempotencyKey?: InputMaybe<Scalars['String']['input']>;
};

export type MutedWordInput = {
  /** 1 to 100 characters. Letter case and compatibility forms do not matter. */
  word: Scalars['String']['input'];
  idempotencyKey?: InputMaybe<Scalars['String']['input']>;
};

export type MarkReadInput = {
  /** Cursor of the newest item that the viewer has read. */
  cursor: Scalars['String']['input'];
  idempotencyKey?: InputMaybe<Scalars['String']['input']>;
};

export type CreateListInput = {
  /** 1 to 80 characters. */
  name: Scalars['String']['input'];
  idempotencyKey?: InputMaybe<Scalars['String']['input']>;
};

export type RenameListInput = {
  listId: Scalars['ID']['input'];
  name: Scalars['String']['input'];
  idempotencyKey?: InputMaybe<Scalars['String']['input']>;
};

export type ListInput = {
  listId: Scalars['ID']['input'];
  idempotencyKey?: InputMaybe<Scalars['String']['input']>;
};

export type ListMemberInput = {
  listId: Scalars['ID']['input'];
  userId: Scalars['ID']['input'];
  idempotencyKey?: InputMaybe<Scalars['String']['input']>;
};

export type SetFriendsFeedInput = {
  part: FriendsFeedPart;
  isShown: Scalars['Boolean']['input'];
  idempotencyKey?: InputMaybe<Scalars['String']['input']>;
};

export type SetNotificationsInput = {
  kind: NotificationKind;
  from: NotificationSource;
  idempotencyKey?: InputMaybe<Scalars['String']['input']>;
};



export type ResolverTypeWrapper<T> = Promise<T> | T;

export type ReferenceResolver<TResult, TReference, TContext> = (
      reference: TReference,
      context: TContext,
      info: GraphQLResolveInfo
    ) => Promise<TResult> | TResult;

      type ScalarCheck<T, S> = S extends true ? T : NullableCheck<T, S>;
      type NullableCheck<T, S> = Maybe<T> extends T ? Maybe<ListCheck<NonNullable<T>, S>> : ListCheck<T, S>;
      type ListCheck<T, S> = T extends (infer U)[] ? NullableCheck<U, S>[] : GraphQLRecursivePick<T, S>;
      export type GraphQLRecursivePick<T, S> = { [K in keyof T & keyof S]: ScalarCheck<T[K], S[K]> };
    

export type ResolverWithResolve<TResult, TParent, TContext, TArgs> = {
  resolve: ResolverFn<TResult, TParent, TContext, TArgs>;
};
export type Resolver<TResult, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> = ResolverFn<TResult, TParent, TContext, TArgs> | ResolverWithResolve<TResult, TParent, TContext, TArgs>;

export type ResolverFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => Promise<TResult> | TResult;

export type SubscriptionSubscribeFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => AsyncIterable<TResult> | Promise<AsyncIterable<TResult>>;

export type SubscriptionResolveFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => TResult | Promise<TResult>;

export interface SubscriptionSubscriberObject<TResult, TKey extends string, TParent, TContext, TArgs> {
  subscribe: SubscriptionSubscribeFn<{ [key in TKey]: TResult }, TParent, TContext, TArgs>;
  resolve?: SubscriptionResolveFn<TResult, { [key in TKey]: TResult }, TContext, TArgs>;
}

export interface SubscriptionResolverObject<TResult, TParent, TContext, TArgs> {
  subscribe: SubscriptionSubscribeFn<any, TParent, TContext, TArgs>;
  resolve: SubscriptionResolveFn<TResult, any, TContext, TArgs>;
}

export type SubscriptionObject<TResult, TKey extends string, TParent, TContext, TArgs> =
  | SubscriptionSubscriberObject<TResult, TKey, TParent, TContext, TArgs>
  | SubscriptionResolverObject<TResult, TParent, TContext, TArgs>;

export type SubscriptionResolver<TResult, TKey extends string, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> =
  | ((...args: any[]) => SubscriptionObject<TResult, TKey, TParent, TContext, TArgs>)
  | SubscriptionObject<TResult, TKey, TParent, TContext, TArgs>;

export type TypeResolveFn<TTypes, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>> = (
  parent: TParent,
  context: TContext,
  info: GraphQLResolveInfo
) => Maybe<TTypes> | Promise<Maybe<TTypes>>;

export type IsTypeOfResolverFn<T = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>> = (obj: T, context: TContext, info: GraphQLResolveInfo) => boolean | Promise<boolean>;

export type NextResolverFn<T> = () => Promise<T>;

export type DirectiveResolverFn<TResult = Record<PropertyKey, never>, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> = (
  next: NextResolverFn<TResult>,
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => TResult | Promise<TResult>;

/** Mapping of federation types */
export type FederationTypes = {
  User: User;
  Post: Post;
  List: List;
  FeedEdge: FeedEdge;
  PostEdge: PostEdge;
  UserEdge: UserEdge;
  ReadMarker: ReadMarker;
};

/** Mapping of federation reference types */
export type FederationReferenceTypes = {
  User:
    ( { __typename: 'User' }
    & GraphQLRecursivePick<FederationTypes['User'], {"id":true}> );
  Post:
    ( { __typename: 'Post' }
    & GraphQLRecursivePick<FederationTypes['Post'], {"id":true}> );
  List:
    ( { __typename: 'List' }
    & GraphQLRecursivePick<FederationTypes['List'], {"id":true}> );
  FeedEdge:
    ( { __typename: 'FeedEdge' }
    & GraphQLRecursivePick<FederationTypes['FeedEdge'], {"itemId":true}> );
  PostEdge:
    ( { __typename: 'PostEdge' }
    & GraphQLRecursivePick<FederationTypes['PostEdge'], {"replyId":true}> );
  UserEdge:
    ( { __typename: 'UserEdge' }
    & GraphQLRecursivePick<FederationTypes['UserEdge'], {"followId":true}> );
  ReadMarker:
    ( { __typename: 'ReadMarker' }
    & GraphQLRecursivePick<FederationTypes['ReadMarker'], {"markerId":true}> );
};



/** Mapping between all available schema types and the resolvers types */
export type ResolversTypes = {
  DateTime: ResolverTypeWrapper<Scalars['DateTime']['output']>;
  Mutation: ResolverTypeWrapper<Record<PropertyKey, never>>;
  Boolean: ResolverTypeWrapper<Scalars['Boolean']['output']>;
  User: ResolverTypeWrapper<UserRef>;
  ID: ResolverTypeWrapper<Scalars['ID']['output']>;
  Post: ResolverTypeWrapper<PostRef>;
  List: ResolverTypeWrapper<ListRef>;
  FeedEdge: ResolverTypeWrapper<FeedEdge>;
  PostEdge: ResolverTypeWrapper<PostEdge>;
  UserEdge: ResolverTypeWrapper<UserEdge>;
  ReadMarker: ResolverTypeWrapper<ReadMarker>;
  Activity: ResolverTypeWrapper<Omit<Activity, 'actor'> & { actor?: Maybe<ResolversTypes['User']> }>;
  Verb: Verb;
  PostVisibility: PostVisibility;
  ReplyPolicy: ReplyPolicy;
  QuotePolicy: QuotePolicy;
  ActivityStatus: ActivityStatus;
  SessionPayload: ResolverTypeWrapper<Omit<SessionPayload, 'user' | 'activity'> & { user?: Maybe<ResolversTypes['User']>, activity?: Maybe<ResolversTypes['Activity']> }>;
  PostPayload: ResolverTypeWrapper<Omit<PostPayload, 'activity' | 'post'> & { activity: ResolversTypes['Activity'], post?: Maybe<ResolversTypes['Post']> }>;
  UserPayload: ResolverTypeWrapper<Omit<UserPayload, 'activity' | 'user'> & { activity: ResolversTypes['Activity'], user?: Maybe<ResolversTypes['User']> }>;
  MutedWordPayload: ResolverTypeWrapper<Omit<MutedWordPayload, 'activity'> & { activity: ResolversTypes['Activity'] }>;
  MarkReadPayload: ResolverTypeWrapper<Omit<MarkReadPayload, 'activity'> & { activity: ResolversTypes['Activity'] }>;
  PushRegistration: ResolverTypeWrapper<PushRegistration>;
  ListPayload: ResolverTypeWrapper<Omit<ListPayload, 'activity' | 'list'> & { activity: ResolversTypes['Activity'], list?: Maybe<ResolversTypes['List']> }>;
  SetFriendsFeedPayload: ResolverTypeWrapper<Omit<SetFriendsFeedPayload, 'activity'> & { activity: ResolversTypes['Activity'] }>;
  FriendsFeedSetting: ResolverTypeWrapper<FriendsFeedSetting>;
  FriendsFeedPart: FriendsFeedPart;
  ModerationPayload: ResolverTypeWrapper<Omit<ModerationPayload, 'activity'> & { activity: ResolversTypes['Activity'] }>;
  SetNotificationsPayload: ResolverTypeWrapper<Omit<SetNotificationsPayload, 'activity'> & { activity: ResolversTypes['Activity'] }>;
  NotificationSetting: ResolverTypeWrapper<NotificationSetting>;
  NotificationKind: NotificationKind;
  NotificationSource: NotificationSource;
  SignUpInput: SignUpInput;
  LogInInput: LogInInput;
  RefreshSessionInput: RefreshSessionInput;
  ChangePasswordInput: ChangePasswordInput;
  ChangeHandleInput: ChangeHandleInput;
  RegisterPushInput: RegisterPushInput;
  PushKeysInput: PushKeysInput;
  UnregisterPushInput: UnregisterPushInput;
  UpdateProfileInput: UpdateProfileInput;
  PublishPostInput: PublishPostInput;
  SetPostPolicyInput: SetPostPolicyInput;
  EditPostInput: EditPostInput;
  PostInput: PostInput;
  UserInput: UserInput;
  ReportCategory: ReportCategory;
  ReportOutcome: ReportOutcome;
  ReportPostInput: ReportPostInput;
  ReportUserInput: ReportUserInput;
  ResolveReportsInput: ResolveReportsInput;
  ModeratePostInput: ModeratePostInput;
  ModerateUserInput: ModerateUserInput;
  ModerateHashtagInput: ModerateHashtagInput;
  MutedWordInput: MutedWordInput;
  MarkReadInput: MarkReadInput;
  CreateListInput: CreateListInput;
  RenameListInput: RenameListInput;
  ListInput: ListInput;
  ListMemberInput: ListMemberInput;
  SetFriendsFeedInput: SetFriendsFeedInput;
  SetNotificationsInput: SetNotificationsInput;
  Int: ResolverTypeWrapper<Scalars['Int']['output']>;
  String: ResolverTypeWrapper<Scalars['String']['output']>;
};

/** Mapping between all available schema types and the resolvers parents */
export type ResolversParentTypes = {
  DateTime: Scalars['DateTime']['output'];
  Mutation: Record<PropertyKey, never>;
  Boolean: Scalars['Boolean']['output'];
  User: UserRef;
  ID: Scalars['ID']['output'];
  Post: PostRef;
  List: ListRef;
  FeedEdge: FeedEdge | FederationReferenceTypes['FeedEdge'];
  PostEdge: PostEdge | FederationReferenceTypes['PostEdge'];
  UserEdge: UserEdge | FederationReferenceTypes['UserEdge'];
  ReadMarker: ReadMarker | FederationReferenceTypes['ReadMarker'];
  Activity: Omit<Activity, 'actor'> & { actor?: Maybe<ResolversParentTypes['User']> };
  SessionPayload: Omit<SessionPayload, 'user' | 'activity'> & { user?: Maybe<ResolversParentTypes['User']>, activity?: Maybe<ResolversParentTypes['Activity']> };
  PostPayload: Omit<PostPayload, 'activity' | 'post'> & { activity: ResolversParentTypes['Activity'], post?: Maybe<ResolversParentTypes['Post']> };
  UserPayload: Omit<UserPayload, 'activity' | 'user'> & { activity: ResolversParentTypes['Activity'], user?: Maybe<ResolversParentTypes['User']> };
  MutedWordPayload: Omit<MutedWordPayload, 'activity'> & { activity: ResolversParentTypes['Activity'] };
  MarkReadPayload: Omit<MarkReadPayload, 'activity'> & { activity: ResolversParentTypes['Activity'] };
  PushRegistration: PushRegistration;
  ListPayload: Omit<ListPayload, 'activity' | 'list'> & { activity: ResolversParentTypes['Activity'], list?: Maybe<ResolversParentTypes['List']> };
  SetFriendsFeedPayload: Omit<SetFriendsFeedPayload, 'activity'> & { activity: ResolversParentTypes['Activity'] };
  FriendsFeedSetting: FriendsFeedSetting;
  ModerationPayload: Omit<ModerationPayload, 'activity'> & { activity: ResolversParentTypes['Activity'] };
  SetNotificationsPayload: Omit<SetNotificationsPayload, 'activity'> & { activity: ResolversParentTypes['Activity'] };
  NotificationSetting: NotificationSetting;
  SignUpInput: SignUpInput;
  LogInInput: LogInInput;
  RefreshSessionInput: RefreshSessionInput;
  ChangePasswordInput: ChangePasswordInput;
  ChangeHandleInput: ChangeHandleInput;
  RegisterPushInput: RegisterPushInput;
  PushKeysInput: PushKeysInput;
  UnregisterPushInput: UnregisterPushInput;
  UpdateProfileInput: UpdateProfileInput;
  PublishPostInput: PublishPostInput;
  SetPostPolicyInput: SetPostPolicyInput;
  EditPostInput: EditPostInput;
  PostInput: PostInput;
  UserInput: UserInput;
  ReportPostInput: ReportPostInput;
  ReportUserInput: ReportUserInput;
  ResolveReportsInput: ResolveReportsInput;
  ModeratePostInput: ModeratePostInput;
  ModerateUserInput: ModerateUserInput;
  ModerateHashtagInput: ModerateHashtagInput;
  MutedWordInput: MutedWordInput;
  MarkReadInput: MarkReadInput;
  CreateListInput: CreateListInput;
  RenameListInput: RenameListInput;
  ListInput: ListInput;
  ListMemberInput: ListMemberInput;
  SetFriendsFeedInput: SetFriendsFeedInput;
  SetNotificationsInput: SetNotificationsInput;
  Int: Scalars['Int']['output'];
  String: Scalars['String']['output'];
};

export type RateLimitDirectiveArgs = {
  limit: Scalars['Int']['input'];
  window: Scalars['Int']['input'];
  key?: Scalars['String']['input'];
};

export type RateLimitDirectiveResolver<Result, Parent, ContextType = MutationContext, Args = RateLimitDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type ReadBackDirectiveArgs = { };

export type ReadBackDirectiveResolver<Result, Parent, ContextType = MutationContext, Args = ReadBackDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export interface DateTimeScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['DateTime'], any> {
  name: 'DateTime';
}

export type MutationResolvers<ContextType = MutationContext, ParentType extends ResolversParentTypes['Mutation'] = ResolversParentTypes['Mutation']> = {
  signUp?: Resolver<Maybe<ResolversTypes['SessionPayload']>, ParentType, ContextType, RequireFields<MutationSignUpArgs, 'input'>>;
  logIn?: Resolver<Maybe<ResolversTypes['SessionPayload']>, ParentType, ContextType, RequireFields<MutationLogInArgs, 'input'>>;
  refreshSession?: Resolver<Maybe<ResolversTypes['SessionPayload']>, ParentType, ContextType, RequireFields<MutationRefreshSessionArgs, 'input'>>;
  logOut?: Resolver<Maybe<ResolversTypes['Boolean']>, ParentType, ContextType>;
  changePassword?: Resolver<Maybe<ResolversTypes['SessionPayload']>, ParentType, ContextType, RequireFields<MutationChangePasswordArgs, 'input'>>;
  changeHandle?: Resolver<Maybe<ResolversTypes['UserPayload']>, ParentType, ContextType, RequireFields<MutationChangeHandleArgs, 'input'>>;
  registerPush?: Resolver<Maybe<ResolversTypes['PushRegistration']>, ParentType, ContextType, RequireFields<MutationRegisterPushArgs, 'input'>>;
  unregisterPush?: Resolver<Maybe<ResolversTypes['PushRegistration']>, ParentType, ContextType, RequireFields<MutationUnregisterPushArgs, 'input'>>;
  updateProfile?: Resolver<Maybe<ResolversTypes['UserPayload']>, ParentType, ContextType, RequireFields<MutationUpdateProfileArgs, 'input'>>;
  publishPost?: Resolver<Maybe<ResolversTypes['PostPayload']>, ParentType, ContextType, RequireFields<MutationPublishPostArgs, 'input'>>;
  editPost?: Resolver<Maybe<ResolversTypes['PostPayload']>, ParentType, ContextType, RequireFields<MutationEditPostArgs, 'input'>>;
  deletePost?: Resolver<Maybe<ResolversTypes['PostPayload']>, ParentType, ContextType, RequireFields<MutationDeletePostArgs, 'input'>>;
  setPostPolicy?: Resolver<Maybe<ResolversTypes['PostPayload']>, ParentType, ContextType, RequireFields<MutationSetPostPolicyArgs, 'input'>>;
  hideReply?: Resolver<Maybe<ResolversTypes['PostPayload']>, ParentType, ContextType, RequireFields<MutationHideReplyArgs, 'input'>>;
  unhideReply?: Resolver<Maybe<ResolversTypes['PostPayload']>, ParentType, ContextType, RequireFields<MutationUnhideReplyArgs, 'input'>>;
  revokeQuote?: Resolver<Maybe<ResolversTypes['PostPayload']>, ParentType, ContextType, RequireFields<MutationRevokeQuoteArgs, 'input'>>;
  likePost?: Resolver<Maybe<ResolversTypes['PostPayload']>, ParentType, ContextType, RequireFields<MutationLikePostArgs, 'input'>>;
  unlikePost?: Resolver<Maybe<ResolversTypes['PostPayload']>, ParentType, ContextType, RequireFields<MutationUnlikePostArgs, 'input'>>;
  sharePost?: Resolver<Maybe<ResolversTypes['PostPayload']>, ParentType, ContextType, RequireFields<MutationSharePostArgs, 'input'>>;
  unsharePost?: Resolver<Maybe<ResolversTypes['PostPayload']>, ParentType, ContextType, RequireFields<MutationUnsharePostArgs, 'input'>>;
  bookmarkPost?: Resolver<Maybe<ResolversTypes['PostPayload']>, ParentType, ContextType, RequireFields<MutationBookmarkPostArgs, 'input'>>;
  unbookmarkPost?: Resolver<Maybe<ResolversTypes['PostPayload']>, ParentType, ContextType, RequireFields<MutationUnbookmarkPostArgs, 'input'>>;
  pinPost?: Resolver<Maybe<ResolversTypes['PostPayload']>, ParentType, ContextType, RequireFields<MutationPinPostArgs, 'input'>>;
  unpinPost?: Resolver<Maybe<ResolversTypes['PostPayload']>, ParentType, ContextType, RequireFields<MutationUnpinPostArgs, 'input'>>;
  followUser?: Resolver<Maybe<ResolversTypes['UserPayload']>, ParentType, ContextType, RequireFields<MutationFollowUserArgs, 'input'>>;
  unfollowUser?: Resolver<Maybe<ResolversTypes['UserPayload']>, ParentType, ContextType, RequireFields<MutationUnfollowUserArgs, 'input'>>;
  approveFollow?: Resolver<Maybe<ResolversTypes['UserPayload']>, ParentType, ContextType, RequireFields<MutationApproveFollowArgs, 'input'>>;
  rejectFollow?: Resolver<Maybe<ResolversTypes['UserPayload']>, ParentType, ContextType, RequireFields<MutationRejectFollowArgs, 'input'>>;
  blockUser?: Resolver<Maybe<ResolversTypes['UserPayload']>, ParentType, ContextType, RequireFields<MutationBlockUserArgs, 'input'>>;
  unblockUser?: Resolver<Maybe<ResolversTypes['UserPayload']>, ParentType, ContextType, RequireFields<MutationUnblockUserArgs, 'input'>>;
  muteUser?: Resolver<Maybe<ResolversTypes['UserPayload']>, ParentType, ContextType, RequireFields<MutationMuteUserArgs, 'input'>>;
  unmuteUser?: Resolver<Maybe<ResolversTypes['UserPayload']>, ParentType, ContextType, RequireFields<MutationUnmuteUserArgs, 'input'>>;
  muteThread?: Resolver<Maybe<ResolversTypes['PostPayload']>, ParentType, ContextType, RequireFields<MutationMuteThreadArgs, 'input'>>;
  unmuteThread?: Resolver<Maybe<ResolversTypes['PostPayload']>, ParentType, ContextType, RequireFields<MutationUnmuteThreadArgs, 'input'>>;
  muteWord?: Resolver<Maybe<ResolversTypes['MutedWordPayload']>, ParentType, ContextType, RequireFields<MutationMuteWordArgs, 'input'>>;
  unmuteWord?: Resolver<Maybe<ResolversTypes['MutedWordPayload']>, ParentType, ContextType, RequireFields<MutationUnmuteWordArgs, 'input'>>;
  markNotificationsRead?: Resolver<Maybe<ResolversTypes['MarkReadPayload']>, ParentType, ContextType, RequireFields<MutationMarkNotificationsReadArgs, 'input'>>;
  markFeedRead?: Resolver<Maybe<ResolversTypes['MarkReadPayload']>, ParentType, ContextType, RequireFields<MutationMarkFeedReadArgs, 'input'>>;
  createList?: Resolver<Maybe<ResolversTypes['ListPayload']>, ParentType, ContextType, RequireFields<MutationCreateListArgs, 'input'>>;
  renameList?: Resolver<Maybe<ResolversTypes['ListPayload']>, ParentType, ContextType, RequireFields<MutationRenameListArgs, 'input'>>;
  deleteList?: Resolver<Maybe<ResolversTypes['ListPayload']>, ParentType, ContextType, RequireFields<MutationDeleteListArgs, 'input'>>;
  addToList?: Resolver<Maybe<ResolversTypes['ListPayload']>, ParentType, ContextType, RequireFields<MutationAddToListArgs, 'input'>>;
  removeFromList?: Resolver<Maybe<ResolversTypes['ListPayload']>, ParentType, ContextType, RequireFields<MutationRemoveFromListArgs, 'input'>>;
  hideShares?: Resolver<Maybe<ResolversTypes['UserPayload']>, ParentType, ContextType, RequireFields<MutationHideSharesArgs, 'input'>>;
  showShares?: Resolver<Maybe<ResolversTypes['UserPayload']>, ParentType, ContextType, RequireFields<MutationShowSharesArgs, 'input'>>;
  setFriendsFeed?: Resolver<Maybe<ResolversTypes['SetFriendsFeedPayload']>, ParentType, ContextType, RequireFields<MutationSetFriendsFeedArgs, 'input'>>;
  reportPost?: Resolver<Maybe<ResolversTypes['ModerationPayload']>, ParentType, ContextType, RequireFields<MutationReportPostArgs, 'input'>>;
  reportUser?: Resolver<Maybe<ResolversTypes['ModerationPayload']>, ParentType, ContextType, RequireFields<MutationReportUserArgs, 'input'>>;
  resolveReports?: Resolver<Maybe<ResolversTypes['ModerationPayload']>, ParentType, ContextType, RequireFields<MutationResolveReportsArgs, 'input'>>;
  hidePost?: Resolver<Maybe<ResolversTypes['ModerationPayload']>, ParentType, ContextType, RequireFields<MutationHidePostArgs, 'input'>>;
  unhidePost?: Resolver<Maybe<ResolversTypes['ModerationPayload']>, ParentType, ContextType, RequireFields<MutationUnhidePostArgs, 'input'>>;
  suspendUser?: Resolver<Maybe<ResolversTypes['ModerationPayload']>, ParentType, ContextType, RequireFields<MutationSuspendUserArgs, 'input'>>;
  unsuspendUser?: Resolver<Maybe<ResolversTypes['ModerationPayload']>, ParentType, ContextType, RequireFields<MutationUnsuspendUserArgs, 'input'>>;
  barHashtag?: Resolver<Maybe<ResolversTypes['ModerationPayload']>, ParentType, ContextType, RequireFields<MutationBarHashtagArgs, 'input'>>;
  allowHashtag?: Resolver<Maybe<ResolversTypes['ModerationPayload']>, ParentType, ContextType, RequireFields<MutationAllowHashtagArgs, 'input'>>;
  setNotifications?: Resolver<Maybe<ResolversTypes['SetNotificationsPayload']>, ParentType, ContextType, RequireFields<MutationSetNotificationsArgs, 'input'>>;
};

export type UserResolvers<ContextType = MutationContext, ParentType extends ResolversParentTypes['User'] = ResolversParentTypes['User'], FederationReferenceType extends FederationReferenceTypes['User'] = FederationReferenceTypes['User']> = {
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['User']> | FederationReferenceType, FederationReferenceType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  handle?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  joinedAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
};

export type PostResolvers<ContextType = MutationContext, ParentType extends ResolversParentTypes['Post'] = ResolversParentTypes['Post'], FederationReferenceType extends FederationReferenceTypes['Post'] = FederationReferenceTypes['Post']> = {
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['Post']> | FederationReferenceType, FederationReferenceType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
};

export type ListResolvers<ContextType = MutationContext, ParentType extends ResolversParentTypes['List'] = ResolversParentTypes['List'], FederationReferenceType extends FederationReferenceTypes['List'] = FederationReferenceTypes['List']> = {
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['List']> | FederationReferenceType, FederationReferenceType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
};

export type FeedEdgeResolvers<ContextType = MutationContext, ParentType extends ResolversParentTypes['FeedEdge'] = ResolversParentTypes['FeedEdge'], FederationReferenceType extends FederationReferenceTypes['FeedEdge'] = FederationReferenceTypes['FeedEdge']> = {
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['FeedEdge']> | FederationReferenceType, FederationReferenceType, ContextType>;
  itemId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
};

export type PostEdgeResolvers<ContextType = MutationContext, ParentType extends ResolversParentTypes['PostEdge'] = ResolversParentTypes['PostEdge'], FederationReferenceType extends FederationReferenceTypes['PostEdge'] = FederationReferenceTypes['PostEdge']> = {
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['PostEdge']> | FederationReferenceType, FederationReferenceType, ContextType>;
  replyId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
};

export type UserEdgeResolvers<ContextType = MutationContext, ParentType extends ResolversParentTypes['UserEdge'] = ResolversParentTypes['UserEdge'], FederationReferenceType extends FederationReferenceTypes['UserEdge'] = FederationReferenceTypes['UserEdge']> = {
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['UserEdge']> | FederationReferenceType, FederationReferenceType, ContextType>;
  followId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
};

export type ReadMarkerResolvers<ContextType = MutationContext, ParentType extends ResolversParentTypes['ReadMarker'] = ResolversParentTypes['ReadMarker'], FederationReferenceType extends FederationReferenceTypes['ReadMarker'] = FederationReferenceTypes['ReadMarker']> = {
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['ReadMarker']> | FederationReferenceType, FederationReferenceType, ContextType>;
  markerId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
};

export type ActivityResolvers<ContextType = MutationContext, ParentType extends ResolversParentTypes['Activity'] = ResolversParentTypes['Activity']> = {
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  verb?: Resolver<ResolversTypes['Verb'], ParentType, ContextType>;
  actor?: Resolver<Maybe<ResolversTypes['User']>, ParentType, ContextType>;
  status?: Resolver<ResolversTypes['ActivityStatus'], ParentType, ContextType>;
  acceptedAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  position?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  reason?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type SessionPayloadResolvers<ContextType = MutationContext, ParentType extends ResolversParentTypes['SessionPayload'] = ResolversParentTypes['SessionPayload']> = {
  token?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  expiresAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  refreshToken?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  refreshExpiresAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  user?: Resolver<Maybe<ResolversTypes['User']>, ParentType, ContextType>;
  activity?: Resolver<Maybe<ResolversTypes['Activity']>, ParentType, ContextType>;
};

export type PostPayloadResolvers<ContextType = MutationContext, ParentType extends ResolversParentTypes['PostPayload'] = ResolversParentTypes['PostPayload']> = {
  activity?: Resolver<ResolversTypes['Activity'], ParentType, ContextType>;
  post?: Resolver<Maybe<ResolversTypes['Post']>, ParentType, ContextType>;
  feedEdge?: Resolver<Maybe<ResolversTypes['FeedEdge']>, ParentType, ContextType>;
  replyEdge?: Resolver<Maybe<ResolversTypes['PostEdge']>, ParentType, ContextType>;
  deletedPostId?: Resolver<Maybe<ResolversTypes['ID']>, ParentType, ContextType>;
  removedItemKey?: Resolver<Maybe<ResolversTypes['ID']>, ParentType, ContextType>;
};

export type UserPayloadResolvers<ContextType = MutationContext, ParentType extends ResolversParentTypes['UserPayload'] = ResolversParentTypes['UserPayload']> = {
  activity?: Resolver<ResolversTypes['Activity'], ParentType, ContextType>;
  user?: Resolver<Maybe<ResolversTypes['User']>, ParentType, ContextType>;
  followingEdge?: Resolver<Maybe<ResolversTypes['UserEdge']>, ParentType, ContextType>;
  followerEdge?: Resolver<Maybe<ResolversTypes['UserEdge']>, ParentType, ContextType>;
  unfollowedUserId?: Resolver<Maybe<ResolversTypes['ID']>, ParentType, ContextType>;
};

export type MutedWordPayloadResolvers<ContextType = MutationContext, ParentType extends ResolversParentTypes['MutedWordPayload'] = ResolversParentTypes['MutedWordPayload']> = {
  activity?: Resolver<ResolversTypes['Activity'], ParentType, ContextType>;
  word?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type MarkReadPayloadResolvers<ContextType = MutationContext, ParentType extends ResolversParentTypes['MarkReadPayload'] = ResolversParentTypes['MarkReadPayload']> = {
  activity?: Resolver<ResolversTypes['Activity'], ParentType, ContextType>;
  marker?: Resolver<Maybe<ResolversTypes['ReadMarker']>, ParentType, ContextType>;
};

export type PushRegistrationResolvers<ContextType = MutationContext, ParentType extends ResolversParentTypes['PushRegistration'] = ResolversParentTypes['PushRegistration']> = {
  endpoint?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type ListPayloadResolvers<ContextType = MutationContext, ParentType extends ResolversParentTypes['ListPayload'] = ResolversParentTypes['ListPayload']> = {
  activity?: Resolver<ResolversTypes['Activity'], ParentType, ContextType>;
  list?: Resolver<Maybe<ResolversTypes['List']>, ParentType, ContextType>;
  deletedListId?: Resolver<Maybe<ResolversTypes['ID']>, ParentType, ContextType>;
};

export type SetFriendsFeedPayloadResolvers<ContextType = MutationContext, ParentType extends ResolversParentTypes['SetFriendsFeedPayload'] = ResolversParentTypes['SetFriendsFeedPayload']> = {
  activity?: Resolver<ResolversTypes['Activity'], ParentType, ContextType>;
  setting?: Resolver<ResolversTypes['FriendsFeedSetting'], ParentType, ContextType>;
};

export type FriendsFeedSettingResolvers<ContextType = MutationContext, ParentType extends ResolversParentTypes['FriendsFeedSetting'] = ResolversParentTypes['FriendsFeedSetting']> = {
  part?: Resolver<ResolversTypes['FriendsFeedPart'], ParentType, ContextType>;
  isShown?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
};

export type ModerationPayloadResolvers<ContextType = MutationContext, ParentType extends ResolversParentTypes['ModerationPayload'] = ResolversParentTypes['ModerationPayload']> = {
  activity?: Resolver<ResolversTypes['Activity'], ParentType, ContextType>;
};

export type SetNotificationsPayloadResolvers<ContextType = MutationContext, ParentType extends ResolversParentTypes['SetNotificationsPayload'] = ResolversParentTypes['SetNotificationsPayload']> = {
  activity?: Resolver<ResolversTypes['Activity'], ParentType, ContextType>;
  setting?: Resolver<ResolversTypes['NotificationSetting'], ParentType, ContextType>;
};

export type NotificationSettingResolvers<ContextType = MutationContext, ParentType extends ResolversParentTypes['NotificationSetting'] = ResolversParentTypes['NotificationSetting']> = {
  kind?: Resolver<ResolversTypes['NotificationKind'], ParentType, ContextType>;
  from?: Resolver<ResolversTypes['NotificationSource'], ParentType, ContextType>;
};

export type Resolvers<ContextType = MutationContext> = {
  DateTime?: GraphQLScalarType;
  Mutation?: MutationResolvers<ContextType>;
  User?: UserResolvers<ContextType>;
  Post?: PostResolvers<ContextType>;
  List?: ListResolvers<ContextType>;
  FeedEdge?: FeedEdgeResolvers<ContextType>;
  PostEdge?: PostEdgeResolvers<ContextType>;
  UserEdge?: UserEdgeResolvers<ContextType>;
  ReadMarker?: ReadMarkerResolvers<ContextType>;
  Activity?: ActivityResolvers<ContextType>;
  SessionPayload?: SessionPayloadResolvers<ContextType>;
  PostPayload?: PostPayloadResolvers<ContextType>;
  UserPayload?: UserPayloadResolvers<ContextType>;
  MutedWordPayload?: MutedWordPayloadResolvers<ContextType>;
  MarkReadPayload?: MarkReadPayloadResolvers<ContextType>;
  PushRegistration?: PushRegistrationResolvers<ContextType>;
  ListPayload?: ListPayloadResolvers<ContextType>;
  SetFriendsFeedPayload?: SetFriendsFeedPayloadResolvers<ContextType>;
  FriendsFeedSetting?: FriendsFeedSettingResolvers<ContextType>;
  ModerationPayload?: ModerationPayloadResolvers<ContextType>;
  SetNotificationsPayload?: SetNotificationsPayloadResolvers<ContextType>;
  NotificationSetting?: NotificationSettingResolvers<ContextType>;
};

export type DirectiveResolvers<ContextType = MutationContext> = {
  rateLimit?: RateLimitDirectiveResolver<any, any, ContextType>;
  readBack?: ReadBackDirectiveResolver<any, any, ContextType>;
};
