/**
 * Network that every gateway federates in this benchmark: a feed of posts, their authors, and their counts,
 * each in its own subgraph, so that a page is one fetch followed by two parallel joins.
 */
const link =
  'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable"])';

/** SDL of the subgraphs in Federation 2, for gateways that plan on a composed supergraph. */
export const sdls: Readonly<Record<string, string>> = {
  feed: `${link}
    type Query { feed(first: Int!, after: String): [Post!]! }
    type Post @key(fields: "id") { id: ID! body: String! createdAt: String! author: User! }
    type User @key(fields: "id") { id: ID! }`,
  users: `${link}
    type Query { user(id: ID!): User }
    type User @key(fields: "id") { id: ID! handle: String! name: String! }`,
  counts: `${link}
    type Query { totalPosts: Int! }
    type Post @key(fields: "id") { id: ID! likeCount: Int! shareCount: Int! replyCount: Int! }`,
};

/** SDL of the subgraphs in Federation 1, for gateways that support nothing else. */
export const firstVersionSdls: Readonly<Record<string, string>> = {
  feed: `
    type Query { feed(first: Int!, after: String): [Post!]! }
    type Post @key(fields: "id") { id: ID! body: String! createdAt: String! author: User! }
    extend type User @key(fields: "id") { id: ID! @external }`,
  users: `
    extend type Query { user(id: ID!): User }
    type User @key(fields: "id") { id: ID! handle: String! name: String! }`,
  counts: `
    extend type Query { totalPosts: Int! }
    extend type Post @key(fields: "id") { id: ID! @external likeCount: Int! shareCount: Int! replyCount: Int! }`,
};

export const pageSize = 20;
const authors = 10;

interface Entity {
  readonly __typename: string;
  readonly id: string;
}

const user = (n: number) => ({
  __typename: 'User',
  id: `user-${n}`,
  handle: `rook_${n}`,
  name: `Rook number ${n}`,
});

const posts = Array.from({ length: pageSize }, (_, n) => ({
  __typename: 'Post',
  id: `post-${n}`,
  body: `What rook number ${n} has to say, which is about as long as posts are: a sentence or two, and no more.`,
  createdAt: new Date(Date.UTC(2026, 0, 1, 0, n)).toISOString(),
  author: user(n % authors),
  likeCount: n * 3,
  shareCount: n,
  replyCount: n * 2,
}));

const entities = new Map<string, Entity>([
  ...posts.map((post) => [post.id, post] as const),
  ...posts.map(({ author }) => [author.id, author] as const),
]);

/** Resolvers of the fields of Query. Every page of the feed is the same for any cursor. */
export const roots: Readonly<Record<string, (args: Readonly<Record<string, unknown>>) => unknown>> = {
  feed: ({ first }) => (first === pageSize ? posts : posts.slice(0, Number(first))),
  user: ({ id }) => entities.get(String(id)) ?? null,
  totalPosts: () => posts.length,
  _entities: ({ representations }) =>
    (representations as readonly Entity[]).map(({ id }) => entities.get(id) ?? null),
};

/** A page that every gateway is asked for. */
export interface Page {
  readonly name: string;
  readonly title: string;
  readonly operationName: string;
  readonly query: string;
  /** Expected data. */
  readonly expected: unknown;
}

/** One fetch, followed by two joins side by side. */
export const feedPage: Page = {
  name: 'feed',
  title: 'a page of three fetches',
  operationName: 'Feed',
  query: `query Feed($first: Int!, $after: String) {
  feed(first: $first, after: $after) {
    id body createdAt
    author { id handle name }
    likeCount shareCount replyCount
  }
}`,
  expected: {
    feed: posts.map(
      ({ __typename: _, author: { __typename: __, ...author }, id, body, createdAt, ...counts }) => ({
        id,
        body,
        createdAt,
        author,
        ...counts,
      }),
    ),
  },
};

/** One fetch, as each read of Rookery's own API is. */
const postsPage: Page = {
  name: 'posts',
  title: 'a page of one fetch',
  operationName: 'Posts',
  query: `query Posts($first: Int!, $after: String) {
  feed(first: $first, after: $after) { id body createdAt author { id } }
}`,
  expected: {
    feed: posts.map(({ id, body, createdAt, author }) => ({
      id,
      body,
      createdAt,
      author: { id: author.id },
    })),
  },
};

export const pages: readonly Page[] = [feedPage, postsPage];
