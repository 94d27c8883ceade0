import { graphql } from './generated/index.ts';

export const FEED = graphql(`
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

export const LIVE = graphql(`
  subscription Live($after: String) {
    friendsFeed(after: $after) { ...Item }
  }
`);

export const LIKE = graphql(`
  mutation Like($input: PostInput!) {
    likePost(input: $input) {
      post { id likeCount viewerLikes }
    }
  }
`);

export const firstPage = { first: 3 };
