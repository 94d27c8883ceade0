import { useState } from 'react';
import { useMutation, useQuery, useSubscription } from 'urql';
import { FEED, firstPage, LIKE, LIVE } from './documents.ts';
import type { ItemFragment } from './generated/graphql.ts';

export function Feed() {
  const [after, setAfter] = useState<string>();
  const [{ data, error }] = useQuery({ query: FEED, variables: { ...firstPage, after } });
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
      {hasNextPage && endCursor && (
        <button type="button" onClick={() => setAfter(endCursor)}>
          More
        </button>
      )}
    </>
  );
}

/** Follows the feed, from the cursor at which the first page began. The cache puts the items into it. */
function Live({ from }: { from: string | null }) {
  const [after] = useState(from);
  const [{ error }] = useSubscription({ query: LIVE, variables: { after } });
  return error ? <p role="alert">{error.message}</p> : null;
}

function Item({ node: { actor, post } }: ItemFragment) {
  const [{ error }, like] = useMutation(LIKE);
  return (
    <li>
      <b>{actor.name}</b> <span>{post.body}</span>{' '}
      <button
        type="button"
        aria-pressed={post.viewerLikes}
        onClick={() => like({ input: { postId: post.id } })}
      >
        Like ({post.likeCount})
      </button>
      {error && <em role="alert">{error.message}</em>}
    </li>
  );
}
