import { z } from 'zod';
import type { Api } from './api.ts';

const users = z.object({ edges: z.array(z.object({ node: z.object({ handle: z.string() }) })) });
const answer = z.object({
  notifications: z.object({
    unreadCount: z.number(),
    edges: z.array(z.object({ node: z.object({ kind: z.string(), actorCount: z.number() }) })),
  }),
  blockedUsers: users,
  hashtag: z.object({
    posts: z.object({ edges: z.array(z.object({ node: z.object({ replyCount: z.number() }) })) }),
  }),
  trendingHashtags: z.array(z.object({ hashtag: z.object({ name: z.string() }) })),
});

const query = `{
  notifications(first: 5) { unreadCount edges { node { kind actorCount } } }
  blockedUsers(first: 5) { edges { node { handle } } }
  hashtag(name: "LesMisérables") { posts(first: 100) { edges { node { replyCount } } } }
  trendingHashtags(first: 3) { hashtag { name } }
}`;

/** Sights of the network for one of its people. */
export interface Sights {
  /** New groups of notifications, at most 100. */
  readonly newNotifications: number;
  /** The newest groups, as `KIND by number of people`. */
  readonly newest: readonly string[];
  /** Handles of people whom the person blocks. */
  readonly blocked: readonly string[];
  /** Number of posts with the hashtag of the book, at most 100. */
  readonly hashtagPosts: number;
  /** Hashtags that are trending, at most 3. */
  readonly trending: readonly string[];
}

/** @param token session of the person */
export const sightsOf = async (api: Api, token: string): Promise<Sights> => {
  const { notifications, blockedUsers, hashtag, trendingHashtags } = answer.parse(
    await api.send({ query, variables: {}, token }),
  );
  return {
    newNotifications: notifications.unreadCount,
    newest: notifications.edges.map(({ node: { kind, actorCount } }) => `${kind} by ${actorCount}`),
    blocked: blockedUsers.edges.map(({ node }) => node.handle),
    hashtagPosts: hashtag.posts.edges.length,
    trending: trendingHashtags.map((trend) => `#${trend.hashtag.name}`),
  };
};

/** Returns the sights as one sentence. */
export const describeSights = (
  handle: string,
  { newNotifications, newest, blocked, hashtagPosts, trending }: Sights,
): string =>
  `${handle} has ${newNotifications} new notifications (${newest.join(', ') || 'none'}), blocks ${blocked.join(', ') || 'nobody'}, and finds ${hashtagPosts} posts with #LesMisérables; trending: ${trending.join(', ') || 'nothing'}`;
