// Generated from the SDL by `npm run schema:generate`. Do not edit.
import type { GraphQLResolveInfo, GraphQLScalarType, GraphQLScalarTypeConfig } from 'graphql';
import type { UserModel, PostModel, TombstoneModel, MentionModel, HashtagModel, TrendingHashtagModel, ListModel, SuggestedUserModel, FeedItemModel, FeedEdgeModel, PostEdgeModel, UserEdgeModel, RevisionModel, RevisionEdgeModel, ReportModel, ReportEdgeModel, CaseModel, CaseEdgeModel, ModerationModel, ModerationEdgeModel, ThreadEdgeModel, FeedEventModel, NotificationModel, NotificationEdgeModel, ReadMarkerModel, ActivityModel } from '../src/models.ts';
import type { PageInfoModel, FeedConnectionModel, NotificationConnectionModel } from '../src/connection.ts';
import type { QueryContext } from '../src/context.ts';
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

export type Query = {
  /** The signed-in user; null without a token. */
  me?: Maybe<User>;
  /** Looks a user up by exactly one of id or handle. Null if there is none, or if the viewer may not see it. */
  user?: Maybe<User>;
  /** Null if there is none, or if the viewer may not see it. */
  post?: Maybe<Post>;
  /** The viewer's own activity, newest first. */
  myFeed?: Maybe<FeedConnection>;
  /**
   * Posts and shares of the people whom the viewer follows, and of the viewer, newest first. Replies to people whom the viewer does not
   * follow are not in it. `setFriendsFeed` and `hideShares` change what it has. A share is left out if one of the 40 items before it shows the
   * same post: that item names the sharers.
   */
  friendsFeed?: Maybe<FeedConnection>;
  /** Posts that the viewer has bookmarked, the newest bookmark first. Visible to the viewer only. */
  bookmarks?: Maybe<PostConnection>;
  /** Users whom the viewer blocks, the newest block first. Visible to the viewer only. */
  blockedUsers?: Maybe<UserConnection>;
  /** Users whom the viewer mutes, the newest mute first. Visible to the viewer only. */
  mutedUsers?: Maybe<UserConnection>;
  /** Words that the viewer mutes, the newest first: at most 100. Visible to the viewer only. */
  mutedWords?: Maybe<Array<MutedWord>>;
  /** A hashtag by its name, with or without its sign, in any spelling. Null if the text cannot be one. */
  hashtag?: Maybe<Hashtag>;
  /**
   * Posts for everybody with all words of `query`, in any spelling, newest first: up to 24 words in 200 characters. A page may be short, or empty, and
   * have a next page: it looks at a bounded number of posts.
   */
  searchPosts?: Maybe<PostConnection>;
  /**
   * Users with words in their names and handles that begin with those of `query`, the longest member first. The bounds are those of
   * `searchPosts`.
   */
  searchUsers?: Maybe<UserConnection>;
  /** Hashtags that begin with `query`, with or without its sign: those of the newest posts that the viewer can see, at most 20. */
  searchHashtags?: Maybe<Array<Hashtag>>;
  /**
   * Hashtags of the window that ends now, in posts for everybody that the viewer can see, those that the most people use first: at most 20. A
   * hashtag that one person alone uses is not among them.
   */
  trendingHashtags?: Maybe<Array<TrendingHashtag>>;
  /** Acts of others on the viewer's posts, and follows of the viewer: a group for each kind and post, the newest act first. */
  notifications?: Maybe<NotificationConnection>;
  /** Users who ask to follow the viewer, the newest request first. Visible to the viewer only. */
  followRequests?: Maybe<UserConnection>;
  /** Users whom people follow whom the viewer follows, those with the most such followers first: at most 20. */
  suggestedUsers?: Maybe<Array<SuggestedUser>>;
  /** The newest 50 of the viewer's lists of accounts, the newest first. Visible to the viewer only. */
  lists?: Maybe<Array<List>>;
  /** One of the viewer's lists. Null if there is none, and for lists of others. */
  list?: Maybe<List>;
  /** The viewer's choice for each part of the friends feed. Visible to the viewer only. */
  friendsFeedSettings?: Maybe<Array<FriendsFeedSetting>>;
  /** The viewer's choice for each kind of notification that can be chosen. Visible to the viewer only. */
  notificationSettings?: Maybe<Array<NotificationSetting>>;
  /** Public key of this server for Web Push (VAPID, RFC 8292) as `applicationServerKey`, in base64url. Null if nothing is pushed. */
  pushKey?: Maybe<Scalars['String']['output']>;
  /** Posts and users with reports that nobody has answered, the newest report first. For moderators. */
  openReports?: Maybe<CaseConnection>;
  /** The viewer's reports and their outcomes, the newest report first. Visible to the viewer only. */
  myReports?: Maybe<ReportConnection>;
  /** Acts of moderators, the newest first; about one post or user, if its id is given, or one hashtag, if its name is. For moderators. */
  moderationLog?: Maybe<ModerationConnection>;
  /** Status of an accepted write, visible to its actor only. */
  activity?: Maybe<Activity>;
  /** Refetches an object by the id that it shows. Null if there is none, or if the viewer may not see it. */
  node?: Maybe<Node>;
};


export type QueryUserArgs = {
  id?: InputMaybe<Scalars['ID']['input']>;
  handle?: InputMaybe<Scalars['String']['input']>;
};


export type QueryPostArgs = {
  id: Scalars['ID']['input'];
};


export type QueryMyFeedArgs = {
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
};


export type QueryFriendsFeedArgs = {
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
};


export type QueryBookmarksArgs = {
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
};


export type QueryBlockedUsersArgs = {
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
};


export type QueryMutedUsersArgs = {
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
};


export type QueryHashtagArgs = {
  name: Scalars['String']['input'];
};


export type QuerySearchPostsArgs = {
  query: Scalars['String']['input'];
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
};


export type QuerySearchUsersArgs = {
  query: Scalars['String']['input'];
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
};


export type QuerySearchHashtagsArgs = {
  query: Scalars['String']['input'];
  first?: InputMaybe<Scalars['Int']['input']>;
};


export type QueryTrendingHashtagsArgs = {
  window?: TrendWindow;
  first?: InputMaybe<Scalars['Int']['input']>;
};


export type QueryNotificationsArgs = {
  list?: InputMaybe<NotificationList>;
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
};


export type QueryFollowRequestsArgs = {
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
};


export type QuerySuggestedUsersArgs = {
  first?: InputMaybe<Scalars['Int']['input']>;
};


export type QueryListArgs = {
  id: Scalars['ID']['input'];
};


export type QueryOpenReportsArgs = {
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
};


export type QueryMyReportsArgs = {
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
};


export type QueryModerationLogArgs = {
  about?: InputMaybe<Scalars['ID']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
};


export type QueryActivityArgs = {
  id: Scalars['ID']['input'];
};


export type QueryNodeArgs = {
  id: Scalars['ID']['input'];
};

export type Subscription = {
  /** New items of the viewer's friends feed. With after, first everything newer than that cursor: nothing is lost or repeated over a reconnect. */
  friendsFeed: FeedEdge;
  /** All changes of the viewer's friends feed: added, changed and removed items. `after` works as in friendsFeed. */
  friendsFeedEvents: FeedEvent;
  /** New requests to follow the viewer. `after` works as in friendsFeed, with cursors of `followRequests`. */
  followRequests: UserEdge;
  /** The post after each change of its text or counts. */
  post: Post;
  /** Groups of the viewer's notifications that are new or have grown. `after` works as in friendsFeed. */
  notifications: NotificationEdge;
  /** The viewer's read markers: first those that are set, then each that any device of the viewer moves. */
  readMarkers: ReadMarker;
};


export type SubscriptionFriendsFeedArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
};


export type SubscriptionFriendsFeedEventsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
};


export type SubscriptionFollowRequestsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
};


export type SubscriptionPostArgs = {
  id: Scalars['ID']['input'];
};


export type SubscriptionNotificationsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
};

/** An object that `node` can refetch. */
export type Node = {
  /** Unique among all objects of this interface. */
  id: Scalars['ID']['output'];
};

export type User = Node & {
  id: Scalars['ID']['output'];
  /** 3 to 30 of a-z, 0-9 and _; unique. */
  handle: Scalars['String']['output'];
  name: Scalars['String']['output'];
  bio?: Maybe<Scalars['String']['output']>;
  joinedAt: Scalars['DateTime']['output'];
  followerCount: Scalars['Int']['output'];
  followingCount: Scalars['Int']['output'];
  /** Number of posts with the visibility `PUBLIC`; 0 if the viewer may not see them. */
  postCount: Scalars['Int']['output'];
  followers: UserConnection;
  following: UserConnection;
  /** This user's own activity, newest first. */
  feed: FeedConnection;
  /** Posts that the user shows on their profile: the newest five pins, the newest first. */
  pinnedPosts: Array<Post>;
  /** True if only followers see the user's posts, and the user approves who follows. */
  protected: Scalars['Boolean']['output'];
  viewerFollows: Scalars['Boolean']['output'];
  viewerFollowState: FollowState;
  /** True if the viewer blocks the user, of whom the viewer then sees the profile alone: lists are empty and counts 0. */
  viewerBlocks: Scalars['Boolean']['output'];
  /** True while the viewer mutes the user. */
  viewerMutes: Scalars['Boolean']['output'];
  /** Time at which the viewer's mute ends by itself. Null if there is none, or if it stays until it is taken back. */
  viewerMutesUntil?: Maybe<Scalars['DateTime']['output']>;
  /** True if the viewer's friends feed leaves out what the user shares. */
  viewerHidesShares: Scalars['Boolean']['output'];
};


export type UserFollowersArgs = {
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
};


export type UserFollowingArgs = {
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
};


export type UserFeedArgs = {
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
};

export type FollowState =
  | 'NONE'
  /** The viewer has asked to follow, and the user has not answered. */
  | 'PENDING'
  | 'FOLLOWING';

export type Post = Node & {
  id: Scalars['ID']['output'];
  author: User;
  body: Scalars['String']['output'];
  createdAt: Scalars['DateTime']['output'];
  editedAt?: Maybe<Scalars['DateTime']['output']>;
  visibility: PostVisibility;
  /** The post that this one replies to, if the viewer can see it. See also `parent`. */
  inReplyTo?: Maybe<Post>;
  /** The post that this post replies to, or its tombstone. Never null for a reply, so that a thread keeps its shape. */
  parent?: Maybe<PostOrTombstone>;
  /**
   * The posts above this one, from the topmost to the one that it answers; only the nearest 20 of a longer thread. A tombstone is in the
   * place of each that the viewer cannot see, and nothing above a hidden one is shown.
   */
  ancestors: Array<PostOrTombstone>;
  /**
   * The replies with the tombstones of those that are deleted and were answered, oldest first. Each leads to its own replies, so that a client
   * can page through the tree.
   */
  thread: ThreadConnection;
  /** In the order of the conversation, oldest first. */
  replies: PostConnection;
  /** Replies that the author of the thread has hidden, oldest first. */
  hiddenReplies: PostConnection;
  /** True if the author of the thread has hidden this reply. `replies` and `thread` then show it to its author and to the author of the thread only. */
  isHiddenReply: Scalars['Boolean']['output'];
  /** People who may reply to this post, as the author of the first post of the thread has decided. */
  replyPolicy: ReplyPolicy;
  /** True if the viewer may reply to this post. */
  viewerCanReply: Scalars['Boolean']['output'];
  /** The post that this one quotes, if the viewer can see it and its author has not revoked the quote. */
  quotedPost?: Maybe<Post>;
  /** Posts that quote this one, newest first. Posts that a block or mute hides from the viewer are left out, but `quoteCount` includes them. */
  quotes: PostConnection;
  /** Number of quotes with the visibility `PUBLIC`. */
  quoteCount: Scalars['Int']['output'];
  /** People who may quote this post. */
  quotePolicy: QuotePolicy;
  /** True if the viewer may quote this post. */
  viewerCanQuote: Scalars['Boolean']['output'];
  /** True while a moderator hides the post: only its author sees it. */
  hiddenByModerator: Scalars['Boolean']['output'];
  likeCount: Scalars['Int']['output'];
  shareCount: Scalars['Int']['output'];
  /** Number of replies with the visibility `PUBLIC` that are not hidden by the author of the thread. */
  replyCount: Scalars['Int']['output'];
  viewerLikes: Scalars['Boolean']['output'];
  viewerShared: Scalars['Boolean']['output'];
  viewerBookmarked: Scalars['Boolean']['output'];
  /** True while the viewer mutes the thread of the post. */
  viewerMutesThread: Scalars['Boolean']['output'];
  /** Texts that the post has had, newest first: the newest 20 edits, and the text of the publication. */
  revisions: RevisionConnection;
  /** Users whose handles the body had when it was written, in the order of their first mention: at most 10. Users whom a block hides from the viewer are left out. */
  mentions: Array<Mention>;
  /** Hashtags of the body, in the order of their first use: at most 10. */
  hashtags: Array<Hashtag>;
  /** Users who like the post, the newest like first. Users whom a block hides from the viewer are left out, but `likeCount` includes them. */
  likers: UserConnection;
  /** Users who share the post, the newest share first. Users whom a block hides from the viewer are left out, but `shareCount` includes them. */
  sharers: UserConnection;
};


export type PostThreadArgs = {
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
};


export type PostRepliesArgs = {
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
};


export type PostHiddenRepliesArgs = {
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
};


export type PostQuotesArgs = {
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
};


export type PostRevisionsArgs = {
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
};


export type PostLikersArgs = {
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
};


export type PostSharersArgs = {
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
};

/** A user whom the body of a post mentions. The mention stays with the user if the handle changes. */
export type Mention = {
  /** The handle that the body has, in lower case. */
  handle: Scalars['String']['output'];
  user: User;
};

/** All spellings of a hashtag that differ in letter case and compatibility forms only. */
export type Hashtag = {
  /** Without its sign, in lower case. */
  name: Scalars['String']['output'];
  /** Use within a window that ends now. It counts posts as they were published: a hashtag that an edit adds is not counted. */
  usage: HashtagUsage;
  /** Posts with the hashtag, newest first. */
  posts: PostConnection;
};


/** All spellings of a hashtag that differ in letter case and compatibility forms only. */
export type HashtagUsageArgs = {
  window?: TrendWindow;
};


/** All spellings of a hashtag that differ in letter case and compatibility forms only. */
export type HashtagPostsArgs = {
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
};

/** Time that ends now. */
export type TrendWindow =
  /** The last 60 minutes. */
  | 'HOUR'
  /** The last 24 hours. */
  | 'DAY'
  /** The last 7 days. */
  | 'WEEK';

/** Use of a hashtag in posts for everybody that the viewer can see. */
export type HashtagUsage = {
  /** People who have used it. */
  people: Scalars['Int']['output'];
  /** Posts that have it, of each of these people the newest 2 at most. */
  uses: Scalars['Int']['output'];
  /** False if both are exact, which they are up to 8 people. */
  isEstimate: Scalars['Boolean']['output'];
};

/** A hashtag that several people use. */
export type TrendingHashtag = {
  hashtag: Hashtag;
  /** Use within the window that was asked for. */
  usage: HashtagUsage;
};

/** A post, or its tombstone in a thread. */
export type PostOrTombstone = Post | Tombstone;

/**
 * Holds the place of a post that the viewer cannot see: it is deleted, or hidden from the viewer, or never was there. These
 * look the same, except that a deleted one still says what it answered.
 */
export type Tombstone = {
  /** Id of the post that it replaces. */
  id: Scalars['ID']['output'];
  /** The post that a deleted post replied to, or its tombstone. Null if it was no reply, and for hidden and unknown posts. */
  parent?: Maybe<PostOrTombstone>;
  /** The same as `Post.thread`. */
  thread: ThreadConnection;
  /** Replies that the viewer can see, oldest first. */
  replies: PostConnection;
};


/**
 * Holds the place of a post that the viewer cannot see: it is deleted, or hidden from the viewer, or never was there. These
 * look the same, except that a deleted one still says what it answered.
 */
export type TombstoneThreadArgs = {
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
};


/**
 * Holds the place of a post that the viewer cannot see: it is deleted, or hidden from the viewer, or never was there. These
 * look the same, except that a deleted one still says what it answered.
 */
export type TombstoneRepliesArgs = {
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
};

/** An act: actor, verb and object in the terms of Activity Streams. */
export type FeedItem = {
  id: Scalars['ID']['output'];
  verb: FeedVerb;
  actor: User;
  post: Post;
  at: Scalars['DateTime']['output'];
  /**
   * People who have shared the post, in the order of their shares: at most 10. In the friends feed one item stands for the shares of all whom
   * the viewer follows, if their items have at most 40 others between them and the first; elsewhere for that of its actor.
   */
  sharers: Array<User>;
  /** Number of people of whom `sharers` are the first, at most 41. */
  sharerCount: Scalars['Int']['output'];
};

export type FeedVerb =
  | 'POST'
  | 'SHARE';

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

/**
 * Position of a page in its list. `first` and `after` page forward, `last` and `before` backward; without `first` and `last`
 * a page holds the first 20.
 */
export type PageInfo = {
  /** True if there are items after this page. */
  hasNextPage: Scalars['Boolean']['output'];
  /** True if there are items before this page. */
  hasPreviousPage: Scalars['Boolean']['output'];
  /** Cursor of the first edge, for `before`. An empty page has cursors too, from which a subscription misses nothing. */
  startCursor?: Maybe<Scalars['String']['output']>;
  /** Cursor of the last edge, for `after`. */
  endCursor?: Maybe<Scalars['String']['output']>;
};

export type FeedConnection = {
  edges: Array<FeedEdge>;
  pageInfo: PageInfo;
  /** Cursor up to which the viewer has read the friends feed; null if nothing is marked, and for other feeds. */
  readMarker?: Maybe<Scalars['String']['output']>;
  /** Number of items of the friends feed after the read marker, at most 100, which stands for more than 99. Null for other feeds. */
  newCount?: Maybe<Scalars['Int']['output']>;
};

export type FeedEdge = {
  itemId: Scalars['ID']['output'];
  cursor: Scalars['String']['output'];
  node: FeedItem;
};

export type FriendsFeedPart =
  /** Posts and shares of the viewer. In it unless the viewer decides otherwise. */
  | 'OWN_ITEMS'
  /** Replies to people whom the viewer does not follow. Not in it unless the viewer decides otherwise. */
  | 'REPLIES_TO_OTHERS';

export type FriendsFeedSetting = {
  part: FriendsFeedPart;
  isShown: Scalars['Boolean']['output'];
};

export type FeedEventKind =
  /** `item` is new, and comes first. It replaces an item of the same id. */
  | 'ADDED'
  /** `post` has changed; all items of this post show it. With `item`, more people share the post: it replaces the item of the same id. */
  | 'CHANGED'
  /** Items were removed: one item (`itemId`), all items of a post (`postId`), or all items of a user whom the viewer no longer follows (`actorId`). */
  | 'REMOVED'
  /** Too many changes to report one by one: read the page again and continue from here. */
  | 'RELOAD';

/** One change of the viewer's friends feed. It may name items that the client does not hold, which it ignores. */
export type FeedEvent = {
  /** Position to resume from after a lost connection; also valid as a cursor of pages. */
  cursor: Scalars['String']['output'];
  kind: FeedEventKind;
  item?: Maybe<FeedItem>;
  post?: Maybe<Post>;
  itemId?: Maybe<Scalars['ID']['output']>;
  postId?: Maybe<Scalars['ID']['output']>;
  actorId?: Maybe<Scalars['ID']['output']>;
};

/** A user whom the viewer may want to follow. */
export type SuggestedUser = {
  user: User;
  /** Number of people whom the viewer follows, among the newest 40, whose newest follows have the user. */
  mutualCount: Scalars['Int']['output'];
};

/** A list of accounts with a feed of its own, of one user who alone can see it. */
export type List = {
  id: Scalars['ID']['output'];
  name: Scalars['String']['output'];
  /** The newest 200 members, the one who was added last first. Users whom a block hides from the viewer are left out. */
  members: UserConnection;
  /**
   * Posts and shares of the members, whether the viewer follows them or not, newest first. As in the friends feed, a share is left out if one
   * of the 40 items before it shows the same post, and nothing is shown of users whom the viewer mutes.
   */
  feed: FeedConnection;
};


/** A list of accounts with a feed of its own, of one user who alone can see it. */
export type ListMembersArgs = {
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
};


/** A list of accounts with a feed of its own, of one user who alone can see it. */
export type ListFeedArgs = {
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
};

export type UserConnection = {
  edges: Array<UserEdge>;
  pageInfo: PageInfo;
};

export type UserEdge = {
  followId: Scalars['ID']['output'];
  cursor: Scalars['String']['output'];
  node: User;
};

export type PostConnection = {
  edges: Array<PostEdge>;
  pageInfo: PageInfo;
};

export type PostEdge = {
  replyId: Scalars['ID']['output'];
  cursor: Scalars['String']['output'];
  node: Post;
};

export type NotificationKind =
  /** Somebody follows the viewer. */
  | 'FOLLOW'
  /** Somebody asks to follow the viewer, whose account is protected. It leaves once it is answered or taken back. */
  | 'FOLLOW_REQUEST'
  /** Somebody likes a post of the viewer's. */
  | 'LIKE'
  /** Somebody shares a post of the viewer's. */
  | 'SHARE'
  /** Somebody replies to a post of the viewer's. */
  | 'REPLY'
  /** Somebody quotes a post of the viewer's. */
  | 'QUOTE'
  /** Somebody mentions the viewer in a post that neither replies to the viewer nor quotes them. */
  | 'MENTION'
  /** The author has edited a post that the viewer shares. Found for posts among the viewer's newest 40 posts and shares. */
  | 'EDIT'
  /** Somebody has signed in to the viewer's account with the password. In the list MAIN, whatever the settings say. */
  | 'SIGN_IN'
  /** Moderators have answered a report of the viewer's, which `myReports` shows. In the list MAIN, whatever the settings say. */
  | 'REPORT_RESOLVED';

export type NotificationSource =
  | 'EVERYONE'
  /** People whom the viewer follows. The list OTHERS has the acts of others. */
  | 'FOLLOWED'
  | 'NOBODY';

export type NotificationList =
  /** Groups that the settings admit. */
  | 'MAIN'
  /** Acts of people whom the viewer does not follow, unless the setting is NOBODY. */
  | 'OTHERS';

export type NotificationSetting = {
  kind: NotificationKind;
  from: NotificationSource;
};

/** Acts of one kind: on one post, or about the viewer. */
export type Notification = {
  /** The same each time that the group grows. */
  id: Scalars['ID']['output'];
  kind: NotificationKind;
  /** The act in the terms of Activity Streams: POST for a reply. */
  verb: Verb;
  /** The newest three, the newest first. */
  actors: Array<User>;
  /**
   * Number of people of whom `actors` are the newest. Likes, shares and follows by more than ten people are counted in full if the
   * setting is EVERYONE; otherwise the newest ten are counted.
   */
  actorCount: Scalars['Int']['output'];
  /** The viewer's post, or the one that mentions the viewer or is edited. Null for FOLLOW, FOLLOW_REQUEST and SIGN_IN. */
  post?: Maybe<Post>;
  /** The newest reply that the viewer can see. Null unless `kind` is REPLY. */
  reply?: Maybe<Post>;
  /** The newest quote that the viewer can see. Null unless `kind` is QUOTE. */
  quote?: Maybe<Post>;
  /** True if the newest act is after the read marker. */
  isNew: Scalars['Boolean']['output'];
  /** Time of the newest act. */
  at: Scalars['DateTime']['output'];
};

export type NotificationConnection = {
  edges: Array<NotificationEdge>;
  pageInfo: PageInfo;
  /** Number of new groups in the list MAIN, at most 100, which stands for more than 99. */
  unreadCount: Scalars['Int']['output'];
  /** Cursor up to which the viewer has read; null if nothing is marked. */
  readMarker?: Maybe<Scalars['String']['output']>;
};

export type NotificationEdge = {
  cursor: Scalars['String']['output'];
  node: Notification;
};

/** A word, phrase or hashtag that the viewer mutes. */
export type MutedWord = {
  /** In the form in which it is muted: folded, and without invisible characters. */
  word: Scalars['String']['output'];
  /** Time at which the mute ends by itself; null if it stays until it is taken back. */
  until?: Maybe<Scalars['DateTime']['output']>;
};

export type MarkedList =
  | 'FRIENDS_FEED'
  | 'NOTIFICATIONS';

/** Position up to which the viewer has read a list, on any device. It never moves back. */
export type ReadMarker = {
  markerId: Scalars['ID']['output'];
  list: MarkedList;
  /** Cursor of the list. */
  cursor: Scalars['String']['output'];
  /** Number of items after the marker, at most 100, which stands for more than 99. */
  newCount: Scalars['Int']['output'];
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

export type ReportedKind =
  | 'POST'
  | 'USER';

/** A report by somebody. */
export type Report = {
  /** The post or the user. */
  about: Scalars['ID']['output'];
  kind: ReportedKind;
  category: ReportCategory;
  text?: Maybe<Scalars['String']['output']>;
  at: Scalars['DateTime']['output'];
  /** Null if the account is suspended. */
  reporter?: Maybe<User>;
  /** Null until moderators have answered the report. */
  outcome?: Maybe<ReportOutcome>;
};

export type ReportConnection = {
  edges: Array<ReportEdge>;
  pageInfo: PageInfo;
};

export type ReportEdge = {
  cursor: Scalars['String']['output'];
  node: Report;
};

/** The reports about one post or user, for moderators, who may not see it by themselves. */
export type Case = {
  /** The post or the user. */
  about: Scalars['ID']['output'];
  kind: ReportedKind;
  /** Handle of the user, or of the author. */
  handle?: Maybe<Scalars['String']['output']>;
  /** Text of the post. Null for users, and if it is deleted. */
  body?: Maybe<Scalars['String']['output']>;
  /** The newest report of each of the newest 10 reporters, newest first. */
  reports: Array<Report>;
};

export type CaseConnection = {
  edges: Array<CaseEdge>;
  pageInfo: PageInfo;
};

export type CaseEdge = {
  cursor: Scalars['String']['output'];
  node: Case;
};

/** One act of a moderator. */
export type Moderation = {
  id: Scalars['ID']['output'];
  verb: Verb;
  /** Null if the account is suspended. */
  moderator?: Maybe<User>;
  /** The post or the user, or the name of the hashtag. */
  about: Scalars['ID']['output'];
  reason: Scalars['String']['output'];
  at: Scalars['DateTime']['output'];
};

export type ModerationConnection = {
  edges: Array<ModerationEdge>;
  pageInfo: PageInfo;
};

export type ModerationEdge = {
  cursor: Scalars['String']['output'];
  node: Moderation;
};

export type ThreadConnection = {
  edges: Array<ThreadEdge>;
  pageInfo: PageInfo;
};

export type ThreadEdge = {
  cursor: Scalars['String']['output'];
  node: PostOrTombstone;
};

/** A text that a post has or had. */
export type Revision = {
  body: Scalars['String']['output'];
  /** Time of the edit, or of the publication. */
  at: Scalars['DateTime']['output'];
};

export type RevisionConnection = {
  edges: Array<RevisionEdge>;
  pageInfo: PageInfo;
};

export type RevisionEdge = {
  cursor: Scalars['String']['output'];
  node: Revision;
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
  FeedEdge: FeedEdge;
  List: List;
  UserEdge: UserEdge;
  PostEdge: PostEdge;
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
  FeedEdge:
    ( { __typename: 'FeedEdge' }
    & GraphQLRecursivePick<FederationTypes['FeedEdge'], {"itemId":true}> );
  List:
    ( { __typename: 'List' }
    & GraphQLRecursivePick<FederationTypes['List'], {"id":true}> );
  UserEdge:
    ( { __typename: 'UserEdge' }
    & GraphQLRecursivePick<FederationTypes['UserEdge'], {"followId":true}> );
  PostEdge:
    ( { __typename: 'PostEdge' }
    & GraphQLRecursivePick<FederationTypes['PostEdge'], {"replyId":true}> );
  ReadMarker:
    ( { __typename: 'ReadMarker' }
    & GraphQLRecursivePick<FederationTypes['ReadMarker'], {"markerId":true}> );
};

/** Mapping of union types */
export type ResolversUnionTypes<_RefType extends Record<string, unknown>> = {
  PostOrTombstone:
    | ( PostModel )
    | ( TombstoneModel )
  ;
};

/** Mapping of interface types */
export type ResolversInterfaceTypes<_RefType extends Record<string, unknown>> = {
  Node:
    | ( UserModel )
    | ( PostModel )
  ;
};

/** Mapping between all available schema types and the resolvers types */
export type ResolversTypes = {
  DateTime: ResolverTypeWrapper<Scalars['DateTime']['output']>;
  Query: ResolverTypeWrapper<Record<PropertyKey, never>>;
  ID: ResolverTypeWrapper<Scalars['ID']['output']>;
  String: ResolverTypeWrapper<Scalars['String']['output']>;
  Int: ResolverTypeWrapper<Scalars['Int']['output']>;
  Subscription: ResolverTypeWrapper<Record<PropertyKey, never>>;
  Node: ResolverTypeWrapper<ResolversInterfaceTypes<ResolversTypes>['Node']>;
  User: ResolverTypeWrapper<UserModel>;
  Boolean: ResolverTypeWrapper<Scalars['Boolean']['output']>;
  FollowState: FollowState;
  Post: ResolverTypeWrapper<PostModel>;
  Mention: ResolverTypeWrapper<MentionModel>;
  Hashtag: ResolverTypeWrapper<HashtagModel>;
  TrendWindow: TrendWindow;
  HashtagUsage: ResolverTypeWrapper<HashtagUsage>;
  TrendingHashtag: ResolverTypeWrapper<TrendingHashtagModel>;
  PostOrTombstone: ResolverTypeWrapper<ResolversUnionTypes<ResolversTypes>['PostOrTombstone']>;
  Tombstone: ResolverTypeWrapper<TombstoneModel>;
  FeedItem: ResolverTypeWrapper<FeedItemModel>;
  FeedVerb: FeedVerb;
  Activity: ResolverTypeWrapper<ActivityModel>;
  Verb: Verb;
  PostVisibility: PostVisibility;
  ReplyPolicy: ReplyPolicy;
  QuotePolicy: QuotePolicy;
  ActivityStatus: ActivityStatus;
  PageInfo: ResolverTypeWrapper<PageInfoModel>;
  FeedConnection: ResolverTypeWrapper<FeedConnectionModel>;
  FeedEdge: ResolverTypeWrapper<FeedEdgeModel>;
  FriendsFeedPart: FriendsFeedPart;
  FriendsFeedSetting: ResolverTypeWrapper<FriendsFeedSetting>;
  FeedEventKind: FeedEventKind;
  FeedEvent: ResolverTypeWrapper<FeedEventModel>;
  SuggestedUser: ResolverTypeWrapper<SuggestedUserModel>;
  List: ResolverTypeWrapper<ListModel>;
  UserConnection: ResolverTypeWrapper<Omit<UserConnection, 'edges' | 'pageInfo'> & { edges: Array<ResolversTypes['UserEdge']>, pageInfo: ResolversTypes['PageInfo'] }>;
  UserEdge: ResolverTypeWrapper<UserEdgeModel>;
  PostConnection: ResolverTypeWrapper<Omit<PostConnection, 'edges' | 'pageInfo'> & { edges: Array<ResolversTypes['PostEdge']>, pageInfo: ResolversTypes['PageInfo'] }>;
  PostEdge: ResolverTypeWrapper<PostEdgeModel>;
  NotificationKind: NotificationKind;
  NotificationSource: NotificationSource;
  NotificationList: NotificationList;
  NotificationSetting: ResolverTypeWrapper<NotificationSetting>;
  Notification: ResolverTypeWrapper<NotificationModel>;
  NotificationConnection: ResolverTypeWrapper<NotificationConnectionModel>;
  NotificationEdge: ResolverTypeWrapper<NotificationEdgeModel>;
  MutedWord: ResolverTypeWrapper<MutedWord>;
  MarkedList: MarkedList;
  ReadMarker: ResolverTypeWrapper<ReadMarkerModel>;
  ReportCategory: ReportCategory;
  ReportOutcome: ReportOutcome;
  ReportedKind: ReportedKind;
  Report: ResolverTypeWrapper<ReportModel>;
  ReportConnection: ResolverTypeWrapper<Omit<ReportConnection, 'edges' | 'pageInfo'> & { edges: Array<ResolversTypes['ReportEdge']>, pageInfo: ResolversTypes['PageInfo'] }>;
  ReportEdge: ResolverTypeWrapper<ReportEdgeModel>;
  Case: ResolverTypeWrapper<CaseModel>;
  CaseConnection: ResolverTypeWrapper<Omit<CaseConnection, 'edges' | 'pageInfo'> & { edges: Array<ResolversTypes['CaseEdge']>, pageInfo: ResolversTypes['PageInfo'] }>;
  CaseEdge: ResolverTypeWrapper<CaseEdgeModel>;
  Moderation: ResolverTypeWrapper<ModerationModel>;
  ModerationConnection: ResolverTypeWrapper<Omit<ModerationConnection, 'edges' | 'pageInfo'> & { edges: Array<ResolversTypes['ModerationEdge']>, pageInfo: ResolversTypes['PageInfo'] }>;
  ModerationEdge: ResolverTypeWrapper<ModerationEdgeModel>;
  ThreadConnection: ResolverTypeWrapper<Omit<ThreadConnection, 'edges' | 'pageInfo'> & { edges: Array<ResolversTypes['ThreadEdge']>, pageInfo: ResolversTypes['PageInfo'] }>;
  ThreadEdge: ResolverTypeWrapper<ThreadEdgeModel>;
  Revision: ResolverTypeWrapper<RevisionModel>;
  RevisionConnection: ResolverTypeWrapper<Omit<RevisionConnection, 'edges' | 'pageInfo'> & { edges: Array<ResolversTypes['RevisionEdge']>, pageInfo: ResolversTypes['PageInfo'] }>;
  RevisionEdge: ResolverTypeWrapper<RevisionEdgeModel>;
};

/** Mapping between all available schema types and the resolvers parents */
export type ResolversParentTypes = {
  DateTime: Scalars['DateTime']['output'];
  Query: Record<PropertyKey, never>;
  ID: Scalars['ID']['output'];
  String: Scalars['String']['output'];
  Int: Scalars['Int']['output'];
  Subscription: Record<PropertyKey, never>;
  Node: ResolversInterfaceTypes<ResolversParentTypes>['Node'];
  User: UserModel;
  Boolean: Scalars['Boolean']['output'];
  Post: PostModel;
  Mention: MentionModel;
  Hashtag: HashtagModel;
  HashtagUsage: HashtagUsage;
  TrendingHashtag: TrendingHashtagModel;
  PostOrTombstone: ResolversUnionTypes<ResolversParentTypes>['PostOrTombstone'];
  Tombstone: TombstoneModel;
  FeedItem: FeedItemModel;
  Activity: ActivityModel;
  PageInfo: PageInfoModel;
  FeedConnection: FeedConnectionModel;
  FeedEdge: FeedEdgeModel;
  FriendsFeedSetting: FriendsFeedSetting;
  FeedEvent: FeedEventModel;
  SuggestedUser: SuggestedUserModel;
  List: ListModel;
  UserConnection: Omit<UserConnection, 'edges' | 'pageInfo'> & { edges: Array<ResolversParentTypes['UserEdge']>, pageInfo: ResolversParentTypes['PageInfo'] };
  UserEdge: UserEdgeModel;
  PostConnection: Omit<PostConnection, 'edges' | 'pageInfo'> & { edges: Array<ResolversParentTypes['PostEdge']>, pageInfo: ResolversParentTypes['PageInfo'] };
  PostEdge: PostEdgeModel;
  NotificationSetting: NotificationSetting;
  Notification: NotificationModel;
  NotificationConnection: NotificationConnectionModel;
  NotificationEdge: NotificationEdgeModel;
  MutedWord: MutedWord;
  ReadMarker: ReadMarkerModel;
  Report: ReportModel;
  ReportConnection: Omit<ReportConnection, 'edges' | 'pageInfo'> & { edges: Array<ResolversParentTypes['ReportEdge']>, pageInfo: ResolversParentTypes['PageInfo'] };
  ReportEdge: ReportEdgeModel;
  Case: CaseModel;
  CaseConnection: Omit<CaseConnection, 'edges' | 'pageInfo'> & { edges: Array<ResolversParentTypes['CaseEdge']>, pageInfo: ResolversParentTypes['PageInfo'] };
  CaseEdge: CaseEdgeModel;
  Moderation: ModerationModel;
  ModerationConnection: Omit<ModerationConnection, 'edges' | 'pageInfo'> & { edges: Array<ResolversParentTypes['ModerationEdge']>, pageInfo: ResolversParentTypes['PageInfo'] };
  ModerationEdge: ModerationEdgeModel;
  ThreadConnection: Omit<ThreadConnection, 'edges' | 'pageInfo'> & { edges: Array<ResolversParentTypes['ThreadEdge']>, pageInfo: ResolversParentTypes['PageInfo'] };
  ThreadEdge: ThreadEdgeModel;
  Revision: RevisionModel;
  RevisionConnection: Omit<RevisionConnection, 'edges' | 'pageInfo'> & { edges: Array<ResolversParentTypes['RevisionEdge']>, pageInfo: ResolversParentTypes['PageInfo'] };
  RevisionEdge: RevisionEdgeModel;
};

export interface DateTimeScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['DateTime'], any> {
  name: 'DateTime';
}

export type QueryResolvers<ContextType = QueryContext, ParentType extends ResolversParentTypes['Query'] = ResolversParentTypes['Query']> = {
  me?: Resolver<Maybe<ResolversTypes['User']>, ParentType, ContextType>;
  user?: Resolver<Maybe<ResolversTypes['User']>, ParentType, ContextType, Partial<QueryUserArgs>>;
  post?: Resolver<Maybe<ResolversTypes['Post']>, ParentType, ContextType, RequireFields<QueryPostArgs, 'id'>>;
  myFeed?: Resolver<Maybe<ResolversTypes['FeedConnection']>, ParentType, ContextType, Partial<QueryMyFeedArgs>>;
  friendsFeed?: Resolver<Maybe<ResolversTypes['FeedConnection']>, ParentType, ContextType, Partial<QueryFriendsFeedArgs>>;
  bookmarks?: Resolver<Maybe<ResolversTypes['PostConnection']>, ParentType, ContextType, Partial<QueryBookmarksArgs>>;
  blockedUsers?: Resolver<Maybe<ResolversTypes['UserConnection']>, ParentType, ContextType, Partial<QueryBlockedUsersArgs>>;
  mutedUsers?: Resolver<Maybe<ResolversTypes['UserConnection']>, ParentType, ContextType, Partial<QueryMutedUsersArgs>>;
  mutedWords?: Resolver<Maybe<Array<ResolversTypes['MutedWord']>>, ParentType, ContextType>;
  hashtag?: Resolver<Maybe<ResolversTypes['Hashtag']>, ParentType, ContextType, RequireFields<QueryHashtagArgs, 'name'>>;
  searchPosts?: Resolver<Maybe<ResolversTypes['PostConnection']>, ParentType, ContextType, RequireFields<QuerySearchPostsArgs, 'query'>>;
  searchUsers?: Resolver<Maybe<ResolversTypes['UserConnection']>, ParentType, ContextType, RequireFields<QuerySearchUsersArgs, 'query'>>;
  searchHashtags?: Resolver<Maybe<Array<ResolversTypes['Hashtag']>>, ParentType, ContextType, RequireFields<QuerySearchHashtagsArgs, 'query' | 'first'>>;
  trendingHashtags?: Resolver<Maybe<Array<ResolversTypes['TrendingHashtag']>>, ParentType, ContextType, RequireFields<QueryTrendingHashtagsArgs, 'window' | 'first'>>;
  notifications?: Resolver<Maybe<ResolversTypes['NotificationConnection']>, ParentType, ContextType, RequireFields<QueryNotificationsArgs, 'list'>>;
  followRequests?: Resolver<Maybe<ResolversTypes['UserConnection']>, ParentType, ContextType, Partial<QueryFollowRequestsArgs>>;
  suggestedUsers?: Resolver<Maybe<Array<ResolversTypes['SuggestedUser']>>, ParentType, ContextType, RequireFields<QuerySuggestedUsersArgs, 'first'>>;
  lists?: Resolver<Maybe<Array<ResolversTypes['List']>>, ParentType, ContextType>;
  list?: Resolver<Maybe<ResolversTypes['List']>, ParentType, ContextType, RequireFields<QueryListArgs, 'id'>>;
  friendsFeedSettings?: Resolver<Maybe<Array<ResolversTypes['FriendsFeedSetting']>>, ParentType, ContextType>;
  notificationSettings?: Resolver<Maybe<Array<ResolversTypes['NotificationSetting']>>, ParentType, ContextType>;
  pushKey?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  openReports?: Resolver<Maybe<ResolversTypes['CaseConnection']>, ParentType, ContextType, Partial<QueryOpenReportsArgs>>;
  myReports?: Resolver<Maybe<ResolversTypes['ReportConnection']>, ParentType, ContextType, Partial<QueryMyReportsArgs>>;
  moderationLog?: Resolver<Maybe<ResolversTypes['ModerationConnection']>, ParentType, ContextType, Partial<QueryModerationLogArgs>>;
  activity?: Resolver<Maybe<ResolversTypes['Activity']>, ParentType, ContextType, RequireFields<QueryActivityArgs, 'id'>>;
  node?: Resolver<Maybe<ResolversTypes['Node']>, ParentType, ContextType, RequireFields<QueryNodeArgs, 'id'>>;
};

export type SubscriptionResolvers<ContextType = QueryContext, ParentType extends ResolversParentTypes['Subscription'] = ResolversParentTypes['Subscription']> = {
  friendsFeed?: SubscriptionResolver<ResolversTypes['FeedEdge'], "friendsFeed", ParentType, ContextType, Partial<SubscriptionFriendsFeedArgs>>;
  friendsFeedEvents?: SubscriptionResolver<ResolversTypes['FeedEvent'], "friendsFeedEvents", ParentType, ContextType, Partial<SubscriptionFriendsFeedEventsArgs>>;
  followRequests?: SubscriptionResolver<ResolversTypes['UserEdge'], "followRequests", ParentType, ContextType, Partial<SubscriptionFollowRequestsArgs>>;
  post?: SubscriptionResolver<ResolversTypes['Post'], "post", ParentType, ContextType, RequireFields<SubscriptionPostArgs, 'id'>>;
  notifications?: SubscriptionResolver<ResolversTypes['NotificationEdge'], "notifications", ParentType, ContextType, Partial<SubscriptionNotificationsArgs>>;
  readMarkers?: SubscriptionResolver<ResolversTypes['ReadMarker'], "readMarkers", ParentType, ContextType>;
};

export type NodeResolvers<ContextType = QueryContext, ParentType extends ResolversParentTypes['Node'] = ResolversParentTypes['Node']> = {
  __resolveType: TypeResolveFn<'User' | 'Post', ParentType, ContextType>;
};

export type UserResolvers<ContextType = QueryContext, ParentType extends ResolversParentTypes['User'] = ResolversParentTypes['User'], FederationReferenceType extends FederationReferenceTypes['User'] = FederationReferenceTypes['User']> = {
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['User']> | FederationReferenceType, FederationReferenceType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  handle?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  bio?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  joinedAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  followerCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  followingCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  postCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  followers?: Resolver<ResolversTypes['UserConnection'], ParentType, ContextType, Partial<UserFollowersArgs>>;
  following?: Resolver<ResolversTypes['UserConnection'], ParentType, ContextType, Partial<UserFollowingArgs>>;
  feed?: Resolver<ResolversTypes['FeedConnection'], ParentType, ContextType, Partial<UserFeedArgs>>;
  pinnedPosts?: Resolver<Array<ResolversTypes['Post']>, ParentType, ContextType>;
  protected?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  viewerFollows?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  viewerFollowState?: Resolver<ResolversTypes['FollowState'], ParentType, ContextType>;
  viewerBlocks?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  viewerMutes?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  viewerMutesUntil?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  viewerHidesShares?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type PostResolvers<ContextType = QueryContext, ParentType extends ResolversParentTypes['Post'] = ResolversParentTypes['Post'], FederationReferenceType extends FederationReferenceTypes['Post'] = FederationReferenceTypes['Post']> = {
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['Post']> | FederationReferenceType, FederationReferenceType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  author?: Resolver<ResolversTypes['User'], ParentType, ContextType>;
  body?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  createdAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  editedAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  visibility?: Resolver<ResolversTypes['PostVisibility'], ParentType, ContextType>;
  inReplyTo?: Resolver<Maybe<ResolversTypes['Post']>, ParentType, ContextType>;
  parent?: Resolver<Maybe<ResolversTypes['PostOrTombstone']>, ParentType, ContextType>;
  ancestors?: Resolver<Array<ResolversTypes['PostOrTombstone']>, ParentType, ContextType>;
  thread?: Resolver<ResolversTypes['ThreadConnection'], ParentType, ContextType, Partial<PostThreadArgs>>;
  replies?: Resolver<ResolversTypes['PostConnection'], ParentType, ContextType, Partial<PostRepliesArgs>>;
  hiddenReplies?: Resolver<ResolversTypes['PostConnection'], ParentType, ContextType, Partial<PostHiddenRepliesArgs>>;
  isHiddenReply?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  replyPolicy?: Resolver<ResolversTypes['ReplyPolicy'], ParentType, ContextType>;
  viewerCanReply?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  quotedPost?: Resolver<Maybe<ResolversTypes['Post']>, ParentType, ContextType>;
  quotes?: Resolver<ResolversTypes['PostConnection'], ParentType, ContextType, Partial<PostQuotesArgs>>;
  quoteCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  quotePolicy?: Resolver<ResolversTypes['QuotePolicy'], ParentType, ContextType>;
  viewerCanQuote?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  hiddenByModerator?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  likeCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  shareCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  replyCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  viewerLikes?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  viewerShared?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  viewerBookmarked?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  viewerMutesThread?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  revisions?: Resolver<ResolversTypes['RevisionConnection'], ParentType, ContextType, Partial<PostRevisionsArgs>>;
  mentions?: Resolver<Array<ResolversTypes['Mention']>, ParentType, ContextType>;
  hashtags?: Resolver<Array<ResolversTypes['Hashtag']>, ParentType, ContextType>;
  likers?: Resolver<ResolversTypes['UserConnection'], ParentType, ContextType, Partial<PostLikersArgs>>;
  sharers?: Resolver<ResolversTypes['UserConnection'], ParentType, ContextType, Partial<PostSharersArgs>>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type MentionResolvers<ContextType = QueryContext, ParentType extends ResolversParentTypes['Mention'] = ResolversParentTypes['Mention']> = {
  handle?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  user?: Resolver<ResolversTypes['User'], ParentType, ContextType>;
};

export type HashtagResolvers<ContextType = QueryContext, ParentType extends ResolversParentTypes['Hashtag'] = ResolversParentTypes['Hashtag']> = {
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  usage?: Resolver<ResolversTypes['HashtagUsage'], ParentType, ContextType, RequireFields<HashtagUsageArgs, 'window'>>;
  posts?: Resolver<ResolversTypes['PostConnection'], ParentType, ContextType, Partial<HashtagPostsArgs>>;
};

export type HashtagUsageResolvers<ContextType = QueryContext, ParentType extends ResolversParentTypes['HashtagUsage'] = ResolversParentTypes['HashtagUsage']> = {
  people?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  uses?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  isEstimate?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
};

export type TrendingHashtagResolvers<ContextType = QueryContext, ParentType extends ResolversParentTypes['TrendingHashtag'] = ResolversParentTypes['TrendingHashtag']> = {
  hashtag?: Resolver<ResolversTypes['Hashtag'], ParentType, ContextType>;
  usage?: Resolver<ResolversTypes['HashtagUsage'], ParentType, ContextType>;
};

export type PostOrTombstoneResolvers<ContextType = QueryContext, ParentType extends ResolversParentTypes['PostOrTombstone'] = ResolversParentTypes['PostOrTombstone']> = {
  __resolveType: TypeResolveFn<'Post' | 'Tombstone', ParentType, ContextType>;
};

export type TombstoneResolvers<ContextType = QueryContext, ParentType extends ResolversParentTypes['Tombstone'] = ResolversParentTypes['Tombstone']> = {
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  parent?: Resolver<Maybe<ResolversTypes['PostOrTombstone']>, ParentType, ContextType>;
  thread?: Resolver<ResolversTypes['ThreadConnection'], ParentType, ContextType, Partial<TombstoneThreadArgs>>;
  replies?: Resolver<ResolversTypes['PostConnection'], ParentType, ContextType, Partial<TombstoneRepliesArgs>>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type FeedItemResolvers<ContextType = QueryContext, ParentType extends ResolversParentTypes['FeedItem'] = ResolversParentTypes['FeedItem']> = {
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  verb?: Resolver<ResolversTypes['FeedVerb'], ParentType, ContextType>;
  actor?: Resolver<ResolversTypes['User'], ParentType, ContextType>;
  post?: Resolver<ResolversTypes['Post'], ParentType, ContextType>;
  at?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  sharers?: Resolver<Array<ResolversTypes['User']>, ParentType, ContextType>;
  sharerCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type ActivityResolvers<ContextType = QueryContext, ParentType extends ResolversParentTypes['Activity'] = ResolversParentTypes['Activity']> = {
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  verb?: Resolver<ResolversTypes['Verb'], ParentType, ContextType>;
  actor?: Resolver<Maybe<ResolversTypes['User']>, ParentType, ContextType>;
  status?: Resolver<ResolversTypes['ActivityStatus'], ParentType, ContextType>;
  acceptedAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  position?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  reason?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type PageInfoResolvers<ContextType = QueryContext, ParentType extends ResolversParentTypes['PageInfo'] = ResolversParentTypes['PageInfo']> = {
  hasNextPage?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  hasPreviousPage?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  startCursor?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  endCursor?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type FeedConnectionResolvers<ContextType = QueryContext, ParentType extends ResolversParentTypes['FeedConnection'] = ResolversParentTypes['FeedConnection']> = {
  edges?: Resolver<Array<ResolversTypes['FeedEdge']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
  readMarker?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  newCount?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
};

export type FeedEdgeResolvers<ContextType = QueryContext, ParentType extends ResolversParentTypes['FeedEdge'] = ResolversParentTypes['FeedEdge'], FederationReferenceType extends FederationReferenceTypes['FeedEdge'] = FederationReferenceTypes['FeedEdge']> = {
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['FeedEdge']> | FederationReferenceType, FederationReferenceType, ContextType>;
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['FeedItem'], ParentType, ContextType>;
};

export type FriendsFeedSettingResolvers<ContextType = QueryContext, ParentType extends ResolversParentTypes['FriendsFeedSetting'] = ResolversParentTypes['FriendsFeedSetting']> = {
  part?: Resolver<ResolversTypes['FriendsFeedPart'], ParentType, ContextType>;
  isShown?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
};

export type FeedEventResolvers<ContextType = QueryContext, ParentType extends ResolversParentTypes['FeedEvent'] = ResolversParentTypes['FeedEvent']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  kind?: Resolver<ResolversTypes['FeedEventKind'], ParentType, ContextType>;
  item?: Resolver<Maybe<ResolversTypes['FeedItem']>, ParentType, ContextType>;
  post?: Resolver<Maybe<ResolversTypes['Post']>, ParentType, ContextType>;
  itemId?: Resolver<Maybe<ResolversTypes['ID']>, ParentType, ContextType>;
  postId?: Resolver<Maybe<ResolversTypes['ID']>, ParentType, ContextType>;
  actorId?: Resolver<Maybe<ResolversTypes['ID']>, ParentType, ContextType>;
};

export type SuggestedUserResolvers<ContextType = QueryContext, ParentType extends ResolversParentTypes['SuggestedUser'] = ResolversParentTypes['SuggestedUser']> = {
  user?: Resolver<ResolversTypes['User'], ParentType, ContextType>;
  mutualCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type ListResolvers<ContextType = QueryContext, ParentType extends ResolversParentTypes['List'] = ResolversParentTypes['List'], FederationReferenceType extends FederationReferenceTypes['List'] = FederationReferenceTypes['List']> = {
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['List']> | FederationReferenceType, FederationReferenceType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  members?: Resolver<ResolversTypes['UserConnection'], ParentType, ContextType, Partial<ListMembersArgs>>;
  feed?: Resolver<ResolversTypes['FeedConnection'], ParentType, ContextType, Partial<ListFeedArgs>>;
};

export type UserConnectionResolvers<ContextType = QueryContext, ParentType extends ResolversParentTypes['UserConnection'] = ResolversParentTypes['UserConnection']> = {
  edges?: Resolver<Array<ResolversTypes['UserEdge']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
};

export type UserEdgeResolvers<ContextType = QueryContext, ParentType extends ResolversParentTypes['UserEdge'] = ResolversParentTypes['UserEdge'], FederationReferenceType extends FederationReferenceTypes['UserEdge'] = FederationReferenceTypes['UserEdge']> = {
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['UserEdge']> | FederationReferenceType, FederationReferenceType, ContextType>;
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['User'], ParentType, ContextType>;
};

export type PostConnectionResolvers<ContextType = QueryContext, ParentType extends ResolversParentTypes['PostConnection'] = ResolversParentTypes['PostConnection']> = {
  edges?: Resolver<Array<ResolversTypes['PostEdge']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
};

export type PostEdgeResolvers<ContextType = QueryContext, ParentType extends ResolversParentTypes['PostEdge'] = ResolversParentTypes['PostEdge'], FederationReferenceType extends FederationReferenceTypes['PostEdge'] = FederationReferenceTypes['PostEdge']> = {
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['PostEdge']> | FederationReferenceType, FederationReferenceType, ContextType>;
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['Post'], ParentType, ContextType>;
};

export type NotificationSettingResolvers<ContextType = QueryContext, ParentType extends ResolversParentTypes['NotificationSetting'] = ResolversParentTypes['NotificationSetting']> = {
  kind?: Resolver<ResolversTypes['NotificationKind'], ParentType, ContextType>;
  from?: Resolver<ResolversTypes['NotificationSource'], ParentType, ContextType>;
};

export type NotificationResolvers<ContextType = QueryContext, ParentType extends ResolversParentTypes['Notification'] = ResolversParentTypes['Notification']> = {
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  kind?: Resolver<ResolversTypes['NotificationKind'], ParentType, ContextType>;
  verb?: Resolver<ResolversTypes['Verb'], ParentType, ContextType>;
  actors?: Resolver<Array<ResolversTypes['User']>, ParentType, ContextType>;
  actorCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  post?: Resolver<Maybe<ResolversTypes['Post']>, ParentType, ContextType>;
  reply?: Resolver<Maybe<ResolversTypes['Post']>, ParentType, ContextType>;
  quote?: Resolver<Maybe<ResolversTypes['Post']>, ParentType, ContextType>;
  isNew?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  at?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
};

export type NotificationConnectionResolvers<ContextType = QueryContext, ParentType extends ResolversParentTypes['NotificationConnection'] = ResolversParentTypes['NotificationConnection']> = {
  edges?: Resolver<Array<ResolversTypes['NotificationEdge']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
  unreadCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  readMarker?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type NotificationEdgeResolvers<ContextType = QueryContext, ParentType extends ResolversParentTypes['NotificationEdge'] = ResolversParentTypes['NotificationEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['Notification'], ParentType, ContextType>;
};

export type MutedWordResolvers<ContextType = QueryContext, ParentType extends ResolversParentTypes['MutedWord'] = ResolversParentTypes['MutedWord']> = {
  word?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  until?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
};

export type ReadMarkerResolvers<ContextType = QueryContext, ParentType extends ResolversParentTypes['ReadMarker'] = ResolversParentTypes['ReadMarker'], FederationReferenceType extends FederationReferenceTypes['ReadMarker'] = FederationReferenceTypes['ReadMarker']> = {
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['ReadMarker']> | FederationReferenceType, FederationReferenceType, ContextType>;
  list?: Resolver<ResolversTypes['MarkedList'], ParentType, ContextType>;
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  newCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type ReportResolvers<ContextType = QueryContext, ParentType extends ResolversParentTypes['Report'] = ResolversParentTypes['Report']> = {
  about?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  kind?: Resolver<ResolversTypes['ReportedKind'], ParentType, ContextType>;
  category?: Resolver<ResolversTypes['ReportCategory'], ParentType, ContextType>;
  text?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  at?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  reporter?: Resolver<Maybe<ResolversTypes['User']>, ParentType, ContextType>;
  outcome?: Resolver<Maybe<ResolversTypes['ReportOutcome']>, ParentType, ContextType>;
};

export type ReportConnectionResolvers<ContextType = QueryContext, ParentType extends ResolversParentTypes['ReportConnection'] = ResolversParentTypes['ReportConnection']> = {
  edges?: Resolver<Array<ResolversTypes['ReportEdge']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
};

export type ReportEdgeResolvers<ContextType = QueryContext, ParentType extends ResolversParentTypes['ReportEdge'] = ResolversParentTypes['ReportEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['Report'], ParentType, ContextType>;
};

export type CaseResolvers<ContextType = QueryContext, ParentType extends ResolversParentTypes['Case'] = ResolversParentTypes['Case']> = {
  about?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  kind?: Resolver<ResolversTypes['ReportedKind'], ParentType, ContextType>;
  handle?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  body?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  reports?: Resolver<Array<ResolversTypes['Report']>, ParentType, ContextType>;
};

export type CaseConnectionResolvers<ContextType = QueryContext, ParentType extends ResolversParentTypes['CaseConnection'] = ResolversParentTypes['CaseConnection']> = {
  edges?: Resolver<Array<ResolversTypes['CaseEdge']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
};

export type CaseEdgeResolvers<ContextType = QueryContext, ParentType extends ResolversParentTypes['CaseEdge'] = ResolversParentTypes['CaseEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['Case'], ParentType, ContextType>;
};

export type ModerationResolvers<ContextType = QueryContext, ParentType extends ResolversParentTypes['Moderation'] = ResolversParentTypes['Moderation']> = {
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  verb?: Resolver<ResolversTypes['Verb'], ParentType, ContextType>;
  moderator?: Resolver<Maybe<ResolversTypes['User']>, ParentType, ContextType>;
  about?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  reason?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  at?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
};

export type ModerationConnectionResolvers<ContextType = QueryContext, ParentType extends ResolversParentTypes['ModerationConnection'] = ResolversParentTypes['ModerationConnection']> = {
  edges?: Resolver<Array<ResolversTypes['ModerationEdge']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
};

export type ModerationEdgeResolvers<ContextType = QueryContext, ParentType extends ResolversParentTypes['ModerationEdge'] = ResolversParentTypes['ModerationEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['Moderation'], ParentType, ContextType>;
};

export type ThreadConnectionResolvers<ContextType = QueryContext, ParentType extends ResolversParentTypes['ThreadConnection'] = ResolversParentTypes['ThreadConnection']> = {
  edges?: Resolver<Array<ResolversTypes['ThreadEdge']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
};

export type ThreadEdgeResolvers<ContextType = QueryContext, ParentType extends ResolversParentTypes['ThreadEdge'] = ResolversParentTypes['ThreadEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['PostOrTombstone'], ParentType, ContextType>;
};

export type RevisionResolvers<ContextType = QueryContext, ParentType extends ResolversParentTypes['Revision'] = ResolversParentTypes['Revision']> = {
  body?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  at?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
};

export type RevisionConnectionResolvers<ContextType = QueryContext, ParentType extends ResolversParentTypes['RevisionConnection'] = ResolversParentTypes['RevisionConnection']> = {
  edges?: Resolver<Array<ResolversTypes['RevisionEdge']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
};

export type RevisionEdgeResolvers<ContextType = QueryContext, ParentType extends ResolversParentTypes['RevisionEdge'] = ResolversParentTypes['RevisionEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['Revision'], ParentType, ContextType>;
};

export type Resolvers<ContextType = QueryContext> = {
  DateTime?: GraphQLScalarType;
  Query?: QueryResolvers<ContextType>;
  Subscription?: SubscriptionResolvers<ContextType>;
  Node?: NodeResolvers<ContextType>;
  User?: UserResolvers<ContextType>;
  Post?: PostResolvers<ContextType>;
  Mention?: MentionResolvers<ContextType>;
  Hashtag?: HashtagResolvers<ContextType>;
  HashtagUsage?: HashtagUsageResolvers<ContextType>;
  TrendingHashtag?: TrendingHashtagResolvers<ContextType>;
  PostOrTombstone?: PostOrTombstoneResolvers<ContextType>;
  Tombstone?: TombstoneResolvers<ContextType>;
  FeedItem?: FeedItemResolvers<ContextType>;
  Activity?: ActivityResolvers<ContextType>;
  PageInfo?: PageInfoResolvers<ContextType>;
  FeedConnection?: FeedConnectionResolvers<ContextType>;
  FeedEdge?: FeedEdgeResolvers<ContextType>;
  FriendsFeedSetting?: FriendsFeedSettingResolvers<ContextType>;
  FeedEvent?: FeedEventResolvers<ContextType>;
  SuggestedUser?: SuggestedUserResolvers<ContextType>;
  List?: ListResolvers<ContextType>;
  UserConnection?: UserConnectionResolvers<ContextType>;
  UserEdge?: UserEdgeResolvers<ContextType>;
  PostConnection?: PostConnectionResolvers<ContextType>;
  PostEdge?: PostEdgeResolvers<ContextType>;
  NotificationSetting?: NotificationSettingResolvers<ContextType>;
  Notification?: NotificationResolvers<ContextType>;
  NotificationConnection?: NotificationConnectionResolvers<ContextType>;
  NotificationEdge?: NotificationEdgeResolvers<ContextType>;
  MutedWord?: MutedWordResolvers<ContextType>;
  ReadMarker?: ReadMarkerResolvers<ContextType>;
  Report?: ReportResolvers<ContextType>;
  ReportConnection?: ReportConnectionResolvers<ContextType>;
  ReportEdge?: ReportEdgeResolvers<ContextType>;
  Case?: CaseResolvers<ContextType>;
  CaseConnection?: CaseConnectionResolvers<ContextType>;
  CaseEdge?: CaseEdgeResolvers<ContextType>;
  Moderation?: ModerationResolvers<ContextType>;
  ModerationConnection?: ModerationConnectionResolvers<ContextType>;
  ModerationEdge?: ModerationEdgeResolvers<ContextType>;
  ThreadConnection?: ThreadConnectionResolvers<ContextType>;
  ThreadEdge?: ThreadEdgeResolvers<ContextType>;
  Revision?: RevisionResolvers<ContextType>;
  RevisionConnection?: RevisionConnectionResolvers<ContextType>;
  RevisionEdge?: RevisionEdgeResolvers<ContextType>;
};

