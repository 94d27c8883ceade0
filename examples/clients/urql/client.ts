import { type Cache, cacheExchange } from '@urql/exchange-graphcache';
import { relayPagination } from '@urql/exchange-graphcache/extras';
import { Client, fetchExchange, subscriptionExchange } from 'urql';
import { followOverEventStream } from '../live/event-stream.ts';
import { apiUrl, authorization } from '../session.ts';
import { firstPage } from './documents.ts';
import type { ItemFragment, LikeMutationVariables, LiveSubscription } from './generated/graphql.ts';

const cache = cacheExchange({
  keys: {
    FeedEdge: ({ cursor }) => String(cursor), // so that live edges can be linked from the list
    FeedConnection: () => null,
    PageInfo: () => null,
  },
  resolvers: { Query: { friendsFeed: relayPagination() } },
  updates: {
    Subscription: {
      friendsFeed: ({ friendsFeed }: LiveSubscription, _variables, cache) => prepend(cache, friendsFeed),
    },
  },
  optimistic: {
    likePost: ({ input }: LikeMutationVariables, cache) => {
      const post = { __typename: 'Post', id: String(input.postId) };
      const likeCount = Number(cache.resolve(post, 'likeCount')) + 1;
      return { __typename: 'PostPayload', post: { ...post, likeCount, viewerLikes: true } };
    },
  },
});

/** Puts a new item at the head of the first page. */
function prepend(cache: Cache, { cursor }: ItemFragment): void {
  const page = cache.resolve('Query', 'friendsFeed', firstPage);
  if (typeof page !== 'string') return;
  const edges = cache.resolve(page, 'edges') as string[];
  const key = cache.keyOfEntity({ __typename: 'FeedEdge', cursor });
  cache.link(page, 'edges', [key, ...edges.filter((other) => other !== key)]);
}

export const client = new Client({
  url: apiUrl,
  preferGetMethod: false,
  fetchOptions: () => ({ headers: authorization() }),
  exchanges: [
    cache,
    fetchExchange,
    subscriptionExchange({
      forwardSubscription: ({ query = '', variables = {} }) => ({
        subscribe: (sink) => ({ unsubscribe: followOverEventStream(query, variables, sink) }),
      }),
    }),
  ],
});
