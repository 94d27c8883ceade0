import { dateTime, notFound } from '@rookery/service';
import { type CountKind, countId, relationId } from '@rookery/stores/documents';
import type { Resolvers } from '../generated/resolvers.ts';
import { type QueryContext, viewerOf } from './context.ts';
import { liveFriendsFeed } from './live/friends-feed.ts';
import { livePost } from './live/post.ts';
import { timed } from './metrics.ts';
import { readActivity } from './reads/activity.ts';
import { readFeed } from './reads/feed.ts';
import { readFollows } from './reads/followers.ts';
import { readFriendsFeed } from './reads/friends-feed.ts';
import { readPost } from './reads/post.ts';
import { readReplies } from './reads/replies.ts';
import { readMe, readReferencedUser, readUser } from './reads/user.ts';

/** A root field, timed under its name. */
const timedField =
  <Args, T>(name: string, read: (context: QueryContext, args: Args) => Promise<T>) =>
  (_root: unknown, args: Args, context: QueryContext): Promise<T> =>
    timed(context.sources.metrics, name, () => read(context, args));

const orNull =
  <Args, T>(read: (context: QueryContext, args: Args) => Promise<T | undefined>) =>
  async (context: QueryContext, args: Args): Promise<T | null> =>
    (await read(context, args)) ?? null;

const count =
  (kind: CountKind) =>
  async ({ id }: { readonly id: string }, _args: object, { loaders }: QueryContext): Promise<number> =>
    (await loaders.counts.load(countId(kind, id)))?.n ?? 0;

/** Whether the viewer has switched this on; nobody has who isn't signed in. */
const viewerHas =
  (collection: 'likes' | 'shares' | 'follows') =>
  async (
    { id }: { readonly id: string },
    _args: object,
    { loaders, viewer }: QueryContext,
  ): Promise<boolean> =>
    viewer !== null && ((await loaders[collection].load(relationId(viewer, id)))?.active ?? false);

export const resolvers: Resolvers = {
  DateTime: dateTime,
  Query: {
    me: timedField('me', orNull(readMe)),
    user: timedField('user', orNull(readUser)),
    post: timedField(
      'post',
      orNull((context, { id }: { id: string }) => readPost(context, id)),
    ),
    myFeed: timedField('myFeed', (context, args) => readFeed(context, viewerOf(context), args)),
    friendsFeed: timedField('friendsFeed', readFriendsFeed),
    activity: timedField(
      'activity',
      orNull((context, { id }: { id: string }) => readActivity(context, id)),
    ),
  },
  Subscription: {
    friendsFeed: { subscribe: (_root, { after }, context) => liveFriendsFeed(context, after) },
    post: { subscribe: (_root, { id }, context) => livePost(context, id) },
  },
  User: {
    __resolveReference: async ({ id }, context) => (await readReferencedUser(context, id)) ?? null,
    followerCount: count('followers'),
    followingCount: count('following'),
    postCount: count('posts'),
    followers: ({ id }, args, context) => readFollows(context, 'followers', id, args),
    following: ({ id }, args, context) => readFollows(context, 'following', id, args),
    feed: ({ id }, args, context) => readFeed(context, id, args),
    viewerFollows: viewerHas('follows'),
  },
  Post: {
    __resolveReference: async ({ id }, context) => (await readPost(context, id)) ?? null,
    inReplyTo: async ({ inReplyTo }, _args, context) =>
      inReplyTo === null ? null : ((await readPost(context, inReplyTo)) ?? null),
    replies: ({ id }, args, context) => readReplies(context, id, args),
    likeCount: count('likes'),
    shareCount: count('shares'),
    replyCount: count('replies'),
    viewerLikes: viewerHas('likes'),
    viewerShared: viewerHas('shares'),
  },
  Activity: {
    actor: async ({ actor }, _args, context) => {
      const user = await readReferencedUser(context, actor);
      if (!user) throw notFound('User');
      return user;
    },
  },
};
