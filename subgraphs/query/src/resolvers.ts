import { dateTime } from '@rookery/graphql-server';
import { type CountKind, countId, type RelationName, relationId } from '@rookery/read-models';
import {
  followStateOf,
  isMuted,
  mayQuote,
  mayReply,
  maySeeActivityOf,
  maySeeActsOf,
} from '@rookery/read-models/visibility';
import type { GraphQLResolveInfo } from 'graphql';
import type { Resolvers } from '../generated/resolvers.ts';
import { makeRoom, type Part, pageRoom } from './answer-size/weigh.ts';
import { type QueryContext, viewerOf } from './context.ts';
import {
  hydrateActsOf,
  hydrateQuotePolicy,
  hydrateReplyPolicy,
  loadFollow,
  loadMutes,
  loadViewerRelation,
} from './hydrate.ts';
import { liveFriendsFeedEvents } from './live/feed-events.ts';
import { liveFollowRequests } from './live/follow-requests.ts';
import { liveFriendsFeed } from './live/friends-feed.ts';
import { liveNotifications } from './live/notifications.ts';
import { livePost } from './live/post.ts';
import { liveReadMarkers } from './live/read-markers.ts';
import { timed } from './metrics.ts';
import type {
  FeedEdgeModel,
  FeedEventModel,
  HashtagModel,
  ListModel,
  NotificationEdgeModel,
  PostEdgeModel,
  PostModel,
  ReadMarkerModel,
  UserEdgeModel,
  UserModel,
} from './models.ts';
import { readActivity } from './reads/activity.ts';
import { readBookmarks } from './reads/bookmarks.ts';
import { readFeedEdge, readFollowEdge, readReplyEdge } from './reads/edges.ts';
import { readFeed } from './reads/feed.ts';
import { readFollowRequests } from './reads/follow-requests.ts';
import { readFollows } from './reads/followers.ts';
import { countNewFriendsItems, readFriendsFeed, readFriendsFeedSettings } from './reads/friends-feed.ts';
import { hashtagsIn, readHashtag, readHashtagPosts } from './reads/hashtag.ts';
import { readList, readListFeed, readListMembers, readLists } from './reads/lists.ts';
import { readMentions } from './reads/mentions.ts';
import { readModerationLog } from './reads/moderation-log.ts';
import { listMutedWords } from './reads/muted-words.ts';
import { nodeTypeOf, readNode } from './reads/node.ts';
import { countNewNotifications, readNotificationSettings, readNotifications } from './reads/notifications.ts';
import { readPinnedPosts } from './reads/pins.ts';
import { isPost, readParent, readPost } from './reads/post.ts';
import { readQuoted, readQuotes } from './reads/quotes.ts';
import { readLikers, readSharers } from './reads/reactions.ts';
import { readMarkerCursor, readMarkerPosition, readReadMarker } from './reads/read-markers.ts';
import { readHiddenReplies, readReplies } from './reads/replies.ts';
import { readMyReports, readOpenReports } from './reads/reports.ts';
import { readRevisions } from './reads/revisions.ts';
import { searchPosts, searchUsers } from './reads/search.ts';
import { searchHashtags } from './reads/search-hashtags.ts';
import { namedSharersOf, sharersOf } from './reads/sharers.ts';
import { readSuggestedUsers } from './reads/suggested-users.ts';
import { readAncestors, readThread } from './reads/thread.ts';
import { readHashtagUsage, readTrendingHashtags } from './reads/trending-hashtags.ts';
import { readMe, readReferencedUser, readUser } from './reads/user.ts';
import { readBlockedUsers, readMutedUsers } from './reads/viewers-users.ts';

/** A root field, timed under its name. */
const timedField =
  <Args, T>(
    name: string,
    read: (context: QueryContext, args: Args, info: GraphQLResolveInfo) => Promise<T>,
  ) =>
  (_root: unknown, args: Args, context: QueryContext, info: GraphQLResolveInfo): Promise<T> =>
    timed(context.sources.metrics, name, () => read(context, args, info));

const orNull =
  <Args, T>(read: (context: QueryContext, args: Args) => Promise<T | undefined>) =>
  async (context: QueryContext, args: Args): Promise<T | null> =>
    (await read(context, args)) ?? null;

interface Models {
  readonly User: UserModel;
  readonly Post: PostModel;
  readonly Hashtag: HashtagModel;
  readonly List: ListModel;
  readonly FeedEdge: FeedEdgeModel;
  readonly PostEdge: PostEdgeModel;
  readonly UserEdge: UserEdgeModel;
}

/** Reads an object that an operation asks for by itself, and makes room for it in the answer. */
const withRoom =
  <N extends keyof Models, Args>(
    typeName: N,
    read: (context: QueryContext, args: Args) => Promise<Models[N] | undefined>,
  ) =>
  async (context: QueryContext, args: Args, info: GraphQLResolveInfo): Promise<Models[N] | null> => {
    const found = await read(context, args);
    if (found) await makeRoom(context, [typeName, found] as unknown as Part, info);
    return found ?? null;
  };
/** Reads a short list that an operation asks for by itself, and makes room for all of it in the answer. */
const allWithRoom =
  <N extends Part[0], T, Args>(typeName: N, read: (context: QueryContext, args: Args) => Promise<T[]>) =>
  async (context: QueryContext, args: Args, info: GraphQLResolveInfo): Promise<T[]> => {
    const found = await read(context, args);
    for (const one of found) await makeRoom(context, [typeName, one] as unknown as Part, info);
    return found;
  };
const referencedUser = withRoom('User', readReferencedUser);
const postById = withRoom('Post', readPost);
const listById = withRoom('List', readList);
const feedEdge = withRoom('FeedEdge', readFeedEdge);
const replyEdge = withRoom('PostEdge', readReplyEdge);
const followEdge = withRoom('UserEdge', readFollowEdge);

interface LiveValues {
  readonly friendsFeed: FeedEdgeModel;
  readonly friendsFeedEvents: FeedEventModel;
  readonly followRequests: UserEdgeModel;
  readonly post: PostModel;
  readonly notifications: NotificationEdgeModel;
}

/** Resolves one event of a subscription, which is an answer of its own. */
const liveEvent =
  <F extends keyof LiveValues>(field: F, typeName: Part[0]) =>
  async (
    event: Pick<LiveValues, F>,
    _args: object,
    context: QueryContext,
    info: GraphQLResolveInfo,
  ): Promise<LiveValues[F]> => {
    const value = event[field];
    await makeRoom(context, [typeName, value] as unknown as Part, info);
    return value;
  };

const count =
  (kind: CountKind) =>
  async ({ id }: { readonly id: string }, _args: object, { loaders }: QueryContext): Promise<number> =>
    (await loaders.counts.load(countId(kind, id)))?.n ?? 0;

/** A count of what a user does or has: 0 if the viewer blocks them. */
const userCount = (kind: CountKind) => {
  const counted = count(kind);
  return async (user: UserModel, args: object, context: QueryContext): Promise<number> =>
    maySeeActivityOf(await loadViewerRelation(context.loaders, user.id)) ? counted(user, args, context) : 0;
};

/** Returns whether the viewer has this relation; false if nobody is signed in. */
const viewerHas =
  (collection: RelationName) =>
  async (
    { id }: { readonly id: string },
    _args: object,
    { loaders, viewer }: QueryContext,
  ): Promise<boolean> =>
    viewer !== null && ((await loaders[collection].load(relationId(viewer, id)))?.active ?? false);

const viewerFollowState = async ({ id }: UserModel, { loaders, viewer }: QueryContext) =>
  viewer === null
    ? 'NONE'
    : followStateOf(...(await Promise.all([loaders.users.load(id), loadFollow(loaders, viewer, id)])));

export const resolvers: Resolvers = {
  DateTime: dateTime,
  Query: {
    me: timedField('me', withRoom('User', readMe)),
    user: timedField('user', withRoom('User', readUser)),
    post: timedField('post', (context, { id }: { readonly id: string }, info) => postById(context, id, info)),
    myFeed: timedField('myFeed', (context, args, info) =>
      readFeed(context, viewerOf(context), args, pageRoom(context, 'FeedEdge', info)),
    ),
    friendsFeed: timedField('friendsFeed', (context, args, info) =>
      readFriendsFeed(context, args, pageRoom(context, 'FeedEdge', info)),
    ),
    bookmarks: timedField('bookmarks', (context, args, info) =>
      readBookmarks(context, args, pageRoom(context, 'PostEdge', info)),
    ),
    blockedUsers: timedField('blockedUsers', (context, args, info) =>
      readBlockedUsers(context, args, pageRoom(context, 'UserEdge', info)),
    ),
    mutedUsers: timedField('mutedUsers', (context, args, info) =>
      readMutedUsers(context, args, pageRoom(context, 'UserEdge', info)),
    ),
    mutedWords: timedField('mutedWords', (context) => listMutedWords(context)),
    hashtag: timedField('hashtag', withRoom('Hashtag', readHashtag)),
    searchPosts: timedField('searchPosts', (context, args, info) =>
      searchPosts(context, args, pageRoom(context, 'PostEdge', info)),
    ),
    searchUsers: timedField('searchUsers', (context, args, info) =>
      searchUsers(context, args, pageRoom(context, 'UserEdge', info)),
    ),
    searchHashtags: timedField('searchHashtags', allWithRoom('Hashtag', searchHashtags)),
    trendingHashtags: timedField('trendingHashtags', allWithRoom('TrendingHashtag', readTrendingHashtags)),
    notifications: timedField('notifications', (context, args, info) =>
      readNotifications(context, args, pageRoom(context, 'NotificationEdge', info)),
    ),
    pushKey: (_root, _args, { sources }) => sources.pushKey ?? null,
    notificationSettings: timedField('notificationSettings', readNotificationSettings),
    lists: timedField('lists', allWithRoom('List', readLists)),
    suggestedUsers: timedField('suggestedUsers', allWithRoom('SuggestedUser', readSuggestedUsers)),
    list: timedField('list', (context, { id }: { readonly id: string }, info) => listById(context, id, info)),
    friendsFeedSettings: timedField('friendsFeedSettings', readFriendsFeedSettings),
    followRequests: timedField('followRequests', (context, args, info) =>
      readFollowRequests(context, args, pageRoom(context, 'UserEdge', info)),
    ),
    openReports: timedField('openReports', (context, args, info) =>
      readOpenReports(context, args, pageRoom(context, 'CaseEdge', info)),
    ),
    myReports: timedField('myReports', (context, args, info) =>
      readMyReports(context, args, pageRoom(context, 'ReportEdge', info)),
    ),
    moderationLog: timedField('moderationLog', (context, args, info) =>
      readModerationLog(context, args, pageRoom(context, 'ModerationEdge', info)),
    ),
    activity: timedField(
      'activity',
      orNull((context, { id }: { id: string }) => readActivity(context, id)),
    ),
    node: timedField('node', async (context, { id }: { readonly id: string }, info) => {
      const found = await readNode(context, id);
      if (found) await makeRoom(context, found, info);
      return found?.[1] ?? null;
    }),
  },
  Subscription: {
    friendsFeed: {
      subscribe: (_root, { after }, context) => liveFriendsFeed(context, after),
      resolve: liveEvent('friendsFeed', 'FeedEdge'),
    },
    friendsFeedEvents: {
      subscribe: (_root, { after }, context) => liveFriendsFeedEvents(context, after),
      resolve: liveEvent('friendsFeedEvents', 'FeedEvent'),
    },
    followRequests: {
      subscribe: (_root, { after }, context) => liveFollowRequests(context, after),
      resolve: liveEvent('followRequests', 'UserEdge'),
    },
    post: {
      subscribe: (_root, { id }, context) => livePost(context, id),
      resolve: liveEvent('post', 'Post'),
    },
    notifications: {
      subscribe: (_root, { after }, context) => liveNotifications(context, after),
      resolve: liveEvent('notifications', 'NotificationEdge'),
    },
    readMarkers: {
      subscribe: (_root, _args, context) => liveReadMarkers(context),
      resolve: ({ readMarkers }: { readonly readMarkers: ReadMarkerModel }) => readMarkers,
    },
  },
  User: {
    __resolveReference: ({ id }, context, info) => referencedUser(context, id, info),
    followerCount: userCount('followers'),
    followingCount: userCount('following'),
    postCount: async (user, args, context) =>
      maySeeActsOf(await hydrateActsOf(context.loaders, user.id)) ? count('posts')(user, args, context) : 0,
    followers: ({ id }, args, context, info) =>
      readFollows(context, 'followers', id, args, pageRoom(context, 'UserEdge', info)),
    following: ({ id }, args, context, info) =>
      readFollows(context, 'following', id, args, pageRoom(context, 'UserEdge', info)),
    feed: ({ id }, args, context, info) => readFeed(context, id, args, pageRoom(context, 'FeedEdge', info)),
    pinnedPosts: (user, _args, context) => readPinnedPosts(context, user),
    viewerFollows: async (user, _args, context) => (await viewerFollowState(user, context)) === 'FOLLOWING',
    viewerFollowState: (user, _args, context) => viewerFollowState(user, context),
    viewerBlocks: viewerHas('blocks'),
    viewerHidesShares: viewerHas('hiddenShares'),
    viewerMutes: async ({ id }, _args, { loaders }) => isMuted(await loadMutes(loaders, [id])),
    viewerMutesUntil: async ({ id }, _args, { loaders }) => {
      const facts = await loadMutes(loaders, [id]);
      return isMuted(facts) ? (facts.mutes[0]?.until ?? null) : null;
    },
  },
  Post: {
    __resolveReference: ({ id }, context, info) => postById(context, id, info),
    inReplyTo: async ({ inReplyTo }, _args, context) =>
      inReplyTo === null ? null : ((await readPost(context, inReplyTo)) ?? null),
    parent: async (post, _args, context) => (await readParent(context, post)) ?? null,
    ancestors: (post, _args, context) => readAncestors(context, post),
    thread: ({ id }, args, context, info) =>
      readThread(context, id, args, pageRoom(context, 'ThreadEdge', info)),
    replies: ({ id }, args, context, info) =>
      readReplies(context, id, args, pageRoom(context, 'PostEdge', info)),
    likeCount: count('likes'),
    shareCount: count('shares'),
    replyCount: count('replies'),
    hiddenReplies: ({ id }, args, context, info) =>
      readHiddenReplies(context, id, args, pageRoom(context, 'PostEdge', info)),
    quotedPost: async (post, _args, context) => (await readQuoted(context, post)) ?? null,
    quotes: ({ id }, args, context, info) =>
      readQuotes(context, id, args, pageRoom(context, 'PostEdge', info)),
    quoteCount: count('quotes'),
    viewerCanQuote: async ({ id }, _args, { loaders }) => mayQuote(await hydrateQuotePolicy(loaders, id)),
    replyPolicy: async ({ thread }, _args, { loaders }) =>
      (await loaders.posts.load(thread))?.replyPolicy ?? 'EVERYONE',
    viewerCanReply: async ({ thread }, _args, { loaders }) =>
      mayReply(await hydrateReplyPolicy(loaders, thread)),
    viewerLikes: viewerHas('likes'),
    viewerShared: viewerHas('shares'),
    viewerBookmarked: viewerHas('bookmarks'),
    viewerMutesThread: async ({ thread }, _args, { loaders }) =>
      isMuted(await loadMutes(loaders, [], [thread])),
    revisions: ({ id }, args, context, info) =>
      readRevisions(context, id, args, pageRoom(context, 'RevisionEdge', info)),
    mentions: (post, _args, context) => readMentions(context, post),
    hashtags: hashtagsIn,
    likers: ({ id }, args, context, info) =>
      readLikers(context, id, args, pageRoom(context, 'UserEdge', info)),
    sharers: ({ id }, args, context, info) =>
      readSharers(context, id, args, pageRoom(context, 'UserEdge', info)),
  },
  List: {
    __resolveReference: ({ id }, context, info) => listById(context, id, info),
    members: (list, args, context, info) =>
      readListMembers(context, list, args, pageRoom(context, 'UserEdge', info)),
    feed: (list, args, context, info) =>
      readListFeed(context, list, args, pageRoom(context, 'FeedEdge', info)),
  },
  Hashtag: {
    usage: ({ name }, { window }, context) => readHashtagUsage(context, name, window),
    posts: ({ name }, args, context, info) =>
      readHashtagPosts(context, name, args, pageRoom(context, 'PostEdge', info)),
  },
  Node: { __resolveType: nodeTypeOf },
  PageInfo: {
    hasNextPage: (pageInfo) => pageInfo.hasNextPage(),
    hasPreviousPage: (pageInfo) => pageInfo.hasPreviousPage(),
  },
  FeedEdge: { __resolveReference: ({ itemId }, context, info) => feedEdge(context, itemId, info) },
  PostEdge: { __resolveReference: ({ replyId }, context, info) => replyEdge(context, replyId, info) },
  UserEdge: { __resolveReference: ({ followId }, context, info) => followEdge(context, followId, info) },
  FeedItem: {
    sharers: (item) => namedSharersOf(item) as Promise<UserModel[]>,
    sharerCount: async (item) => (await sharersOf(item)).length,
  },
  FeedConnection: {
    readMarker: async ({ isFriendsFeed }, _args, context) =>
      isFriendsFeed ? readMarkerCursor(context, 'friends-feed') : null,
    newCount: async ({ isFriendsFeed }, _args, context) =>
      isFriendsFeed ? countNewFriendsItems(context) : null,
  },
  NotificationConnection: {
    unreadCount: (_connection, _args, context) => countNewNotifications(context),
    readMarker: (_connection, _args, context) => readMarkerCursor(context, 'notifications'),
  },
  Notification: {
    isNew: async ({ newest }, _args, context) =>
      newest > (await readMarkerPosition(context, 'notifications')),
  },
  ReadMarker: {
    __resolveReference: async ({ markerId }, context) => (await readReadMarker(context, markerId)) ?? null,
    list: ({ list }) => (list === 'friends-feed' ? 'FRIENDS_FEED' : 'NOTIFICATIONS'),
    newCount: ({ list }, _args, context) =>
      list === 'friends-feed' ? countNewFriendsItems(context) : countNewNotifications(context),
  },
  PostOrTombstone: { __resolveType: (place) => (isPost(place) ? 'Post' : 'Tombstone') },
  Tombstone: {
    parent: async (tombstone, _args, context) => (await readParent(context, tombstone)) ?? null,
    thread: ({ id }, args, context, info) =>
      readThread(context, id, args, pageRoom(context, 'ThreadEdge', info)),
    replies: ({ id }, args, context, info) =>
      readReplies(context, id, args, pageRoom(context, 'PostEdge', info)),
  },
  Report: {
    reporter: async ({ reporter }, _args, context) => (await readReferencedUser(context, reporter)) ?? null,
  },
  Moderation: {
    moderator: async ({ moderator }, _args, context) =>
      (await readReferencedUser(context, moderator)) ?? null,
  },
  Activity: {
    actor: ({ actor }, _args, context, info) => referencedUser(context, actor, info),
  },
};
