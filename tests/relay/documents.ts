/** A file of a Relay client, which the compiler reads: the names of its operations must begin with its own. */
export interface RelayFile {
  readonly name: string;
  readonly documents: readonly string[];
}

/**
 * Typical documents of a Relay client: each connection in both directions, refetching, and updates of lists
 * after mutations.
 */
export const relayFiles: readonly RelayFile[] = [
  {
    name: 'FriendsFeed',
    documents: [
      `query FriendsFeedQuery { me { id handle } ...FriendsFeed_query }`,
      `fragment FriendsFeed_query on Query
        @argumentDefinitions(count: { type: "Int", defaultValue: 2 }, cursor: { type: "String" })
        @refetchable(queryName: "FriendsFeedPaginationQuery") {
        friendsFeed(first: $count, after: $cursor) @connection(key: "FriendsFeed_friendsFeed") {
          __id
          edges { node { id verb at actor { id handle } post { id body createdAt } } }
        }
      }`,
    ],
  },
  {
    name: 'MyFeed',
    documents: [
      `query MyFeedQuery { ...MyFeed_query }`,
      `fragment MyFeed_query on Query
        @argumentDefinitions(count: { type: "Int", defaultValue: 2 }, cursor: { type: "String" })
        @refetchable(queryName: "MyFeedPaginationQuery") {
        myFeed(last: $count, before: $cursor) @connection(key: "MyFeed_myFeed") {
          __id
          edges { node { id verb post { id body } } }
        }
      }`,
    ],
  },
  {
    name: 'Profile',
    documents: [
      `query ProfileQuery($id: ID!) { node(id: $id) { __typename id ...Profile_user @alias ...ProfileFollowing_user @alias ...ProfileFeed_user @alias } }`,
      `fragment Profile_user on User
        @argumentDefinitions(count: { type: "Int", defaultValue: 2 }, cursor: { type: "String" })
        @refetchable(queryName: "ProfileFollowersPaginationQuery") {
        id
        handle
        followers(first: $count, after: $cursor) @connection(key: "Profile_followers") {
          __id
          edges { node { id handle } }
        }
      }`,
      `fragment ProfileFollowing_user on User
        @argumentDefinitions(count: { type: "Int", defaultValue: 2 }, cursor: { type: "String" })
        @refetchable(queryName: "ProfileFollowingPaginationQuery") {
        following(first: $count, after: $cursor) @connection(key: "ProfileFollowing_following") {
          __id
          edges { node { id handle } }
        }
      }`,
      `fragment ProfileFeed_user on User
        @argumentDefinitions(count: { type: "Int", defaultValue: 2 }, cursor: { type: "String" })
        @refetchable(queryName: "ProfileFeedPaginationQuery") {
        feed(first: $count, after: $cursor) @connection(key: "ProfileFeed_feed") {
          __id
          edges { node { id post { id body } } }
        }
      }`,
    ],
  },
  {
    name: 'Thread',
    documents: [
      `query ThreadQuery($id: ID!) { node(id: $id) { __typename id ...Thread_post @alias } }`,
      // Both directions of one list, as a client that opens a conversation in its middle needs them.
      `fragment Thread_post on Post
        @argumentDefinitions(
          first: { type: "Int" }
          after: { type: "String" }
          last: { type: "Int" }
          before: { type: "String" }
        )
        @refetchable(queryName: "ThreadPaginationQuery") {
        id
        body
        replies(first: $first, after: $after, last: $last, before: $before) @connection(key: "Thread_replies") {
          __id
          edges { node { id body author { id handle } } }
        }
      }`,
    ],
  },
  {
    name: 'Write',
    documents: [
      `mutation WritePublishMutation($input: PublishPostInput!, $feeds: [ID!]!, $replies: [ID!]!) {
        publishPost(input: $input) {
          feedEdge @prependEdge(connections: $feeds) { cursor node { id verb post { id body } } }
          replyEdge @appendEdge(connections: $replies) { cursor node { id body author { id handle } } }
        }
      }`,
      `mutation WriteShareMutation($input: PostInput!, $feeds: [ID!]!) {
        sharePost(input: $input) {
          feedEdge @prependEdge(connections: $feeds) { cursor node { id verb post { id body } } }
        }
      }`,
      `mutation WriteUnshareMutation($input: PostInput!, $feeds: [ID!]!) {
        unsharePost(input: $input) { removedItemKey @deleteEdge(connections: $feeds) }
      }`,
      `mutation WriteDeleteMutation($input: PostInput!, $feeds: [ID!]!, $replies: [ID!]!) {
        deletePost(input: $input) {
          activity { id }
          removedItemKey @deleteEdge(connections: $feeds)
          deletedPostId @deleteEdge(connections: $replies)
        }
      }`,
      `mutation WriteForgetMutation($input: PostInput!) {
        deletePost(input: $input) { deletedPostId @deleteRecord }
      }`,
      `mutation WriteFollowMutation($input: UserInput!, $following: [ID!]!, $followers: [ID!]!) {
        followUser(input: $input) {
          followingEdge @prependEdge(connections: $following) { cursor node { id handle } }
          followerEdge @prependEdge(connections: $followers) { cursor node { id handle } }
        }
      }`,
      `mutation WriteUnfollowMutation($input: UserInput!, $following: [ID!]!) {
        unfollowUser(input: $input) { unfollowedUserId @deleteEdge(connections: $following) }
      }`,
    ],
  },
];
