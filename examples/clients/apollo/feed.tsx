import { useMutation, useQuery, useSubscription } from '@apollo/client/react';
import { useState } from 'react';
import type { ItemFragment } from './generated/graphql.ts';
import { graphql } from './generated/index.ts';

const FEED = graphql(`
  query Feed($first: Int!, $after: String) {
    friendsFeed(first: $first, after: $after) {
      edges { ...Item }
      pageInfo { hasNextPage startCursor endCursor }
    }
  }
  fragment Item on FeedEdge {
    cursor
    node {
      id
      actor { id name }
      post { id body likeCount viewerLikes }
    }
  }
`);
const LIVE = graphql(`
  subscription Live($after: String) {
    friendsFeed(after: $after) { ...Item }
  }
`);
const LIKE = graphql(`
  mutation Like($input: PostInput!) {
    likePost(input: $input) {
      post { id likeCount viewerLikes }
    }
  }
`);

const firstPage = { query: FEED, variables: { first: 3 } };

export function Feed() {
  const { data, error, fetchMore } = useQuery(firstPage.query, { variables: firstPage.variables });
  const feed = data?.friendsFeed;
  if (!feed) return <p role="alert">{error?.message}</p>;
  const { endCursor, hasNextPage, startCursor } = feed.pageInfo;
  return (
    <>
      <Live from={startCursor} />
      <ol>
        {feed.edges.map((edge) => (
          <Item key={edge.node.id} {...edge} />
        ))}
      </ol>
      {hasNextPage && (
        <button type="button" onClick={() => fetchMore({ variables: { after: endCursor } })}>
          More
        </button>
      )}
    </>
  );
}

/** Puts new items into the feed, from the cursor at which the first page began. */
function Live({ from }: { from: string | null }) {
  const [after] = useState(from);
  const { error } = useSubscription(LIVE, {
    variables: { after },
    ignoreResults: true,
    onData({ client, data }) {
      const edge = data.data?.friendsFeed;
      if (!edge) return;
      client.cache.updateQuery(firstPage, (page) => {
        if (!page?.friendsFeed) return undefined;
        const others = page.friendsFeed.edges.filter(({ node }) => node.id !== edge.node.id);
        const pageInfo = { ...page.friendsFeed.pageInfo, startCursor: edge.cursor };
        return { ...page, friendsFeed: { ...page.friendsFeed, pageInfo, edges: [edge, ...others] } };
      });
    },
  });
  return error ? <p role="alert">{error.message}</p> : null;
}

function Item({ node: { actor, post } }: ItemFragment) {
  const [like, { error }] = useMutation(LIKE, {
    onError: () => {}, // shown below; the cache takes the optimistic answer back
    variables: { input: { postId: post.id } },
    optimisticResponse: {
      likePost: {
        post: { ...post, viewerLikes: true, likeCount: post.likeCount + 1 },
      },
    },
  });
  return (
    <li>
      <b>{actor.name}</b> <span>{post.body}</span>{' '}
      <button type="button" aria-pressed={post.viewerLikes} onClick={() => like()}>
        Like ({post.likeCount})
      </button>
      {error && <em role="alert">{error.message}</em>}
    </li>
  );
}
