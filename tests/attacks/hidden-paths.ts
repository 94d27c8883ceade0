/** Every path to one post: reads by its id, with what hangs on it. */
export const pathsToPost: Readonly<Record<string, string>> = {
  'the post and its counts':
    'query ($id: ID!) { post(id: $id) { id body createdAt editedAt visibility likeCount shareCount replyCount } }',
  'its author, mentions and hashtags':
    'query ($id: ID!) { post(id: $id) { author { id handle followerCount } mentions { handle user { id } } hashtags { name } } }',
  'its node': 'query ($id: ID!) { node(id: $id) { __typename id ... on Post { body author { handle } } } }',
  'its replies':
    'query ($id: ID!) { post(id: $id) { replies(first: 5) { edges { cursor node { id } } pageInfo { hasNextPage startCursor } } } }',
  'who may reply to it and quote it':
    'query ($id: ID!) { post(id: $id) { replyPolicy viewerCanReply quotePolicy viewerCanQuote isHiddenReply } }',
  'its hidden replies and quotes':
    'query ($id: ID!) { post(id: $id) { hiddenReplies { edges { cursor } } quotes { edges { cursor } } quoteCount quotedPost { id } } }',
  'its thread':
    'query ($id: ID!) { post(id: $id) { thread(first: 5) { edges { cursor node { __typename } } pageInfo { endCursor } } } }',
  'what it answers':
    'query ($id: ID!) { post(id: $id) { inReplyTo { id } parent { __typename } ancestors { __typename } } }',
  'who likes and shares it':
    'query ($id: ID!) { post(id: $id) { likers { edges { cursor node { id } } } sharers { edges { cursor node { id } } } } }',
  'its former texts':
    'query ($id: ID!) { post(id: $id) { revisions { edges { cursor node { body at } } pageInfo { hasNextPage } } } }',
  'what the viewer has done with it':
    'query ($id: ID!) { post(id: $id) { viewerLikes viewerShared viewerBookmarked viewerMutesThread } }',
};

/** Every path to one user. */
export const pathsToUser: Readonly<Record<string, string>> = {
  'the profile and its counts':
    'query ($id: ID!) { user(id: $id) { id handle name bio joinedAt protected followerCount followingCount postCount } }',
  'its node': 'query ($id: ID!) { node(id: $id) { __typename id ... on User { handle } } }',
  'its feed':
    'query ($id: ID!) { user(id: $id) { feed { edges { cursor node { id } } pageInfo { hasNextPage startCursor } } } }',
  'its followers and followings':
    'query ($id: ID!) { user(id: $id) { followers { edges { cursor } } following { edges { cursor } } } }',
  'its pins': 'query ($id: ID!) { user(id: $id) { pinnedPosts { id } } }',
  'what the viewer has to do with it':
    'query ($id: ID!) { user(id: $id) { viewerFollows viewerFollowState viewerBlocks viewerMutes } }',
};

/** Lists of something that everybody sees, in which hidden people have a part. */
export const listsOfPost: Readonly<Record<string, string>> = {
  replies:
    'query ($id: ID!) { post(id: $id) { replies { edges { node { id } } pageInfo { hasNextPage hasPreviousPage } } } }',
  'replies by one':
    'query ($id: ID!) { post(id: $id) { replies(first: 1) { edges { node { id } } pageInfo { hasNextPage hasPreviousPage } } } }',
  thread:
    'query ($id: ID!) { post(id: $id) { thread { edges { node { __typename } } pageInfo { hasNextPage hasPreviousPage } } } }',
  likers:
    'query ($id: ID!) { post(id: $id) { likers { edges { node { id } } pageInfo { hasNextPage hasPreviousPage } } } }',
  'likers from the end':
    'query ($id: ID!) { post(id: $id) { likers(last: 1) { edges { node { id } } pageInfo { hasNextPage hasPreviousPage } } } }',
  sharers:
    'query ($id: ID!) { post(id: $id) { sharers { edges { node { id } } pageInfo { hasNextPage hasPreviousPage } } } }',
  mentions: 'query ($id: ID!) { post(id: $id) { mentions { handle user { id } } } }',
};

export const listsOfUser: Readonly<Record<string, string>> = {
  feed: 'query ($id: ID!) { user(id: $id) { feed { edges { node { id } } pageInfo { hasNextPage hasPreviousPage } } } }',
  followers:
    'query ($id: ID!) { user(id: $id) { followers { edges { node { id } } pageInfo { hasNextPage } } } }',
  following:
    'query ($id: ID!) { user(id: $id) { following { edges { node { id } } pageInfo { hasNextPage } } } }',
  pins: 'query ($id: ID!) { user(id: $id) { pinnedPosts { id } } }',
};

/** Lists of the viewer's own that hidden people have a part in. */
export const listsOfViewer: Readonly<Record<string, string>> = {
  'friends feed':
    '{ friendsFeed { edges { node { verb sharerCount } } pageInfo { hasNextPage hasPreviousPage } newCount readMarker } }',
  notifications:
    '{ notifications { edges { node { id actorCount } } unreadCount readMarker pageInfo { hasNextPage } } }',
  'notifications of others':
    '{ notifications(list: OTHERS) { edges { node { id actorCount } } unreadCount pageInfo { hasNextPage } } }',
  bookmarks: '{ bookmarks { edges { node { id } } pageInfo { hasNextPage hasPreviousPage } } }',
  suggestions: '{ suggestedUsers { mutualCount user { id handle } } }',
  'requests to follow': '{ followRequests { edges { node { id } } pageInfo { hasNextPage } } }',
  'own feed': '{ myFeed { edges { node { verb } } pageInfo { hasNextPage } } }',
  'own profile': '{ me { followerCount followingCount postCount } }',
};
