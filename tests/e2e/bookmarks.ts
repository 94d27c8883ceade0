import { beforeAll, expect, it } from 'vitest';
import { Client } from '../support/clients/client.ts';
import type { SharedSystem } from '../support/index.ts';

interface Page {
  readonly edges: readonly { readonly cursor: string; readonly node: { readonly body: string } }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly hasPreviousPage: boolean };
}

/** Bookmarks from one client's point of view, in one story. */
export const itBookmarks = (start: () => Promise<SharedSystem>): void => {
  let system: SharedSystem;
  let ada: Client;
  let ben: Client;
  /** Ids of Ada's posts, by their text. */
  const posts: Record<string, string> = {};
  /** The activity that the next read must see. */
  let last = '';

  const act = async (by: Client, field: string, type: string, input: object): Promise<string> => {
    const { activity, post } = await by.act<{ post: { id: string } | null }>(
      field,
      type,
      input,
      'post { id }',
    );
    last = activity.id;
    return post?.id ?? '';
  };
  const bookmark = (body: string) => act(ben, 'bookmarkPost', 'PostInput', { postId: posts[body] });
  const unbookmark = (body: string) => act(ben, 'unbookmarkPost', 'PostInput', { postId: posts[body] });
  const page = async (args: string, by = ben): Promise<Page> => {
    const { bookmarks } = await by.ask<{ bookmarks: Page }>(
      `{ bookmarks${args} { edges { cursor node { body } } pageInfo { hasNextPage hasPreviousPage } } }`,
      {},
      { 'x-read-after': last },
    );
    return bookmarks;
  };
  const bodies = ({ edges }: Page): string[] => edges.map(({ node }) => node.body);

  beforeAll(async () => {
    system = await start();
    const newClient = async () => new Client(system.gatewayUrl, (await system.signUp()).token);
    ada = await newClient();
    ben = await newClient();
    for (const body of ['one', 'two', 'three'])
      posts[body] = await act(ada, 'publishPost', 'PublishPostInput', { body });
  });

  it('shows the bookmark in the answer of the same operation, and repeats it with the same key', async () => {
    const input = { postId: posts.one, idempotencyKey: 'bookmark-one' };
    const query =
      'mutation ($input: PostInput!) { bookmarkPost(input: $input) { activity { id verb } post { viewerBookmarked likeCount } } }';
    const first = await ben.ask<{ bookmarkPost: { activity: { id: string } } }>(query, { input });
    expect(first.bookmarkPost).toEqual({
      activity: { id: expect.any(String), verb: 'BOOKMARK' },
      post: { viewerBookmarked: true, likeCount: 0 },
    });
    expect(await ben.ask(query, { input })).toEqual(first);
    last = first.bookmarkPost.activity.id;
    expect(bodies(await page(''))).toEqual(['one']);
  });

  it('lists the newest bookmark first, and pages in both directions', async () => {
    await bookmark('two');
    await bookmark('three');
    const first = await page('(first: 2)');
    expect(bodies(first)).toEqual(['three', 'two']);
    expect(first.pageInfo).toEqual({ hasNextPage: true, hasPreviousPage: false });
    const rest = await page(`(first: 2, after: "${first.edges[1]?.cursor}")`);
    expect(bodies(rest)).toEqual(['one']);
    expect(rest.pageInfo).toEqual({ hasNextPage: false, hasPreviousPage: true });
    expect(bodies(await page(`(last: 1, before: "${rest.edges[0]?.cursor}")`))).toEqual(['two']);
  });

  it('keeps its place when it is repeated, and moves to the top when it is made again', async () => {
    await bookmark('one');
    expect(bodies(await page(''))).toEqual(['three', 'two', 'one']);
    await unbookmark('two');
    expect(bodies(await page(''))).toEqual(['three', 'one']);
    await bookmark('two');
    expect(bodies(await page(''))).toEqual(['two', 'three', 'one']);
  });

  it('does not show a post that its author has deleted', async () => {
    await act(ada, 'deletePost', 'PostInput', { postId: posts.three });
    expect(bodies(await page(''))).toEqual(['two', 'one']);
  });
};
