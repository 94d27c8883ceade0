import { useMemo, useState } from 'react';
import {
  graphql,
  useFragment,
  useLazyLoadQuery,
  useMutation,
  usePaginationFragment,
  useSubscription,
} from 'react-relay';
import type { feed_items$key } from './generated/feed_items.graphql.ts';
import type { feed_post$key } from './generated/feed_post.graphql.ts';
import type { feedLikeMutation } from './generated/feedLikeMutation.graphql.ts';
import type { feedLiveSubscription } from './generated/feedLiveSubscription.graphql.ts';
import type { feedPageQuery } from './generated/feedPageQuery.graphql.ts';
import type { feedQuery } from './generated/feedQuery.graphql.ts';

export function Feed() {
  const query = graphql`
    query feedQuery {
      ...feed_items
    }
  `;
  return <Items feed={useLazyLoadQuery<feedQuery>(query, {})} />;
}

function Items({ feed }: { feed: feed_items$key }) {
  const { data, hasNext, loadNext } = usePaginationFragment<feedPageQuery, feed_items$key>(
    graphql`
      fragment feed_items on Query
      @refetchable(queryName: "feedPageQuery")
      @argumentDefinitions(first: { type: "Int", defaultValue: 3 }, after: { type: "String" }) {
        friendsFeed(first: $first, after: $after) @connection(key: "feed_friendsFeed") {
          __id
          edges {
            node {
              id
              actor { name }
              post { ...feed_post }
            }
          }
          pageInfo { startCursor }
        }
      }
    `,
    feed,
  );
  if (!data.friendsFeed) return null;
  const { __id, edges, pageInfo } = data.friendsFeed;
  return (
    <>
      <Live connection={__id} from={pageInfo.startCursor} />
      <ol>
        {edges.map(({ node }) => (
          <li key={node.id}>
            <b>{node.actor.name}</b> <Post post={node.post} />
          </li>
        ))}
      </ol>
      {hasNext && (
        <button type="button" onClick={() => loadNext(3)}>
          More
        </button>
      )}
    </>
  );
}

/** Puts new items into the connection, from the cursor at which the first page began. */
function Live({ connection, from }: { connection: string; from: string | null | undefined }) {
  const [after] = useState(from);
  const [error, setError] = useState<Error>();
  useSubscription<feedLiveSubscription>(
    useMemo(
      () => ({
        subscription: graphql`
          subscription feedLiveSubscription($after: String, $connections: [ID!]!) {
            friendsFeed(after: $after) @prependEdge(connections: $connections) {
              cursor
              node {
                id
                actor { name }
                post { ...feed_post }
              }
            }
          }
        `,
        variables: { after, connections: [connection] },
        onError: setError,
      }),
      [after, connection],
    ),
  );
  return error ? <p role="alert">{error.message}</p> : null;
}

function Post({ post }: { post: feed_post$key }) {
  const { id, body, likeCount, viewerLikes } = useFragment(
    graphql`
      fragment feed_post on Post {
        id
        body
        likeCount
        viewerLikes
      }
    `,
    post,
  );
  const [error, setError] = useState<Error>();
  const [like] = useMutation<feedLikeMutation>(graphql`
    mutation feedLikeMutation($input: PostInput!) {
      likePost(input: $input) {
        post { id likeCount viewerLikes }
      }
    }
  `);
  return (
    <>
      <span>{body}</span>{' '}
      <button
        type="button"
        aria-pressed={viewerLikes}
        onClick={() =>
          like({
            variables: { input: { postId: id } },
            optimisticResponse: { likePost: { post: { id, likeCount: likeCount + 1, viewerLikes: true } } },
            onCompleted: () => setError(undefined),
            onError: setError,
          })
        }
      >
        Like ({likeCount})
      </button>
      {error && <em role="alert">{error.message}</em>}
    </>
  );
}
