/** A page of the friends feed with authors and counts, as an app shows it. */
export const friendsFeedPage = `query ($first: Int, $after: String) { friendsFeed(first: $first, after: $after) {
  edges { cursor node { id verb at actor { handle name }
    post { id body createdAt likeCount shareCount replyCount author { handle name } } } }
  pageInfo { endCursor hasNextPage } } }`;

export interface FriendsFeedPage {
  readonly friendsFeed: {
    readonly edges: readonly {
      readonly node: { readonly id: string; readonly post: { readonly id: string } };
    }[];
    readonly pageInfo: { readonly endCursor: string | null; readonly hasNextPage: boolean };
  };
}
