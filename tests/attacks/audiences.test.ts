import { beforeAll, describe, expect, it } from 'vitest';
import type { Account } from '../support/index.ts';
import { startStopwatch } from '../support/stopwatch.ts';
import { act } from './act.ts';
import { commandsOnPost, startStory } from './story.ts';

/*
 * Row 17 for audiences. Fan follows Ada, Eve does not. A post that is not for Eve must look to her, and to a client without a session,
 * like one that never was there.
 */

let ada: Account;
let fan: Account;
let eve: Account;
const { ask, people, connect, never, does, says, read, expectRefused } = startStory();

const readsOfPost = [
  'query ($id: ID!) { post(id: $id) { id body visibility author { handle } likeCount replies { edges { cursor } } } }',
  'query ($id: ID!) { node(id: $id) { __typename id ... on Post { body } } }',
];

/** Reads and commands answer about this post as about one that never was. */
const expectAbsent = async (by: Account | undefined, post: string): Promise<void> => {
  for (const query of readsOfPost) {
    const [a, b] = [await read(by, query, { id: post }), await read(by, query, { id: never })];
    expect(a.text).toBe(b.text);
  }
  if (by) await expectRefused(by, commandsOnPost, post);
};
const expectSeen = async (by: Account, post: string): Promise<void> =>
  expect((await read(by, 'query ($id: ID!) { post(id: $id) { id } }', { id: post })).data).toEqual({
    post: { id: post },
  });

/** Returns the text that people see of Ada and of the thread of one of her posts, without ids of replies by themselves. */
const around = async (by: Account | undefined, post: string) =>
  (
    await read(
      by,
      `query ($ada: ID!, $post: ID!) {
        user(id: $ada) {
          postCount
          feed { edges { node { id } } pageInfo { hasNextPage } }
        }
        post(id: $post) { replyCount shareCount replies { edges { node { id } } pageInfo { hasNextPage } } }
      }`,
      { ada: ada.id, post },
    )
  ).text;

/** An open subscription of a viewer to a post ends once the post is hidden. Somebody likes the post until the subscription is open. */
const expectEndOfOpen = async (
  viewer: Account,
  post: string,
  likedBy: Account,
  hide: () => Promise<unknown>,
): Promise<void> => {
  const watching = await connect(viewer);
  const query = 'subscription ($id: ID!) { post(id: $id) { likeCount } }';
  watching.send({ id: 'post', type: 'subscribe', payload: { query, variables: { id: post } } });
  let isOpen = false;
  void watching
    .next(({ id, type }) => id === 'post' && type === 'next')
    .then(() => {
      isOpen = true;
    });
  for (let i = 0; !isOpen; i++)
    await does(likedBy, i % 2 === 0 ? 'likePost' : 'unlikePost', { postId: post });
  const elapsedMs = startStopwatch();
  await hide();
  await watching.next(({ id, type }) => id === 'post' && type === 'complete');
  expect(elapsedMs()).toBeLessThan(2_000);
  watching.socket.terminate();
};

beforeAll(async () => {
  [ada, fan, eve] = await people(3);
  await does(fan, 'followUser', { userId: ada.id });
});

describe('a post for followers', () => {
  const forFollowers = (more: object = {}) =>
    says(ada, 'for followers', { visibility: 'FOLLOWERS', ...more });

  it('is absent for everybody else on every path, and counts nothing', async () => {
    const open = await says(ada, 'for everybody');
    await does(fan, 'bookmarkPost', { postId: open });
    const before = [await around(eve, open), await around(undefined, open)];
    const narrow = await forFollowers();
    const reply = await forFollowers({ inReplyTo: open });
    expect([await around(eve, open), await around(undefined, open)]).toEqual(before);
    for (const post of [narrow, reply]) {
      await expectAbsent(eve, post);
      await expectAbsent(undefined, post);
      await expectSeen(fan, post);
      await expectSeen(ada, post);
    }
    const mine = await around(fan, open);
    expect(mine).toContain(narrow);
    expect(mine).toContain(reply);
    expect(mine).toContain('"replyCount":0');
  });

  it('is a tombstone in the thread of somebody who may see it', async () => {
    const narrow = await forFollowers();
    const answer = await says(fan, 'an answer to it', { inReplyTo: narrow });
    const query = `query ($id: ID!) { post(id: $id) {
      inReplyTo { id } parent { __typename ... on Post { id } ... on Tombstone { id parent { __typename } } } } }`;
    expect((await read(eve, query, { id: answer })).data).toEqual({
      post: { inReplyTo: null, parent: { __typename: 'Tombstone', id: narrow, parent: null } },
    });
  });

  it('cannot be shared, not even by its author', async () => {
    const narrow = await forFollowers();
    for (const by of [fan, ada])
      expect((await act(ask, by, 'sharePost', 'PostInput', { postId: narrow })).code).toBe('FORBIDDEN');
  });

  it('leaves feeds, bookmarks and open subscriptions of whoever stops following', async () => {
    const open = await says(ada, 'for everybody');
    const narrow = await forFollowers();
    for (const postId of [open, narrow]) await does(fan, 'bookmarkPost', { postId });
    const bookmarks = '{ bookmarks { edges { node { id } } } }';
    expect((await read(fan, bookmarks)).text).toContain(narrow);
    expect((await read(fan, '{ friendsFeed { edges { node { id } } } }')).text).toContain(narrow);

    // Ada removes the follower.
    await expectEndOfOpen(fan, narrow, ada, () => does(ada, 'rejectFollow', { userId: fan.id }));

    expect((await read(fan, bookmarks)).text).not.toContain(narrow);
    expect((await read(fan, bookmarks)).text).toContain(open);
    await expectAbsent(fan, narrow);
    await does(fan, 'followUser', { userId: ada.id });
    await expectSeen(fan, narrow);
  });
});

describe('a post for those whom it mentions', () => {
  it('is absent for followers, who hear nothing of its changes and its end', async () => {
    const { data } = await read(fan, '{ friendsFeed(first: 1) { pageInfo { endCursor } } }');
    const after = (data?.friendsFeed as { pageInfo: { endCursor: string } } | undefined)?.pageInfo.endCursor;
    const post = await says(ada, 'for nobody else', { visibility: 'MENTIONED' });
    await expectAbsent(fan, post);
    await expectSeen(ada, post);
    await does(ada, 'editPost', { postId: post, body: 'for nobody at all' }, 'EditPostInput');
    await does(ada, 'deletePost', { postId: post });
    const last = await says(ada, 'for everybody again');

    const watching = await connect(fan);
    const query =
      'subscription ($after: String) { friendsFeedEvents(after: $after) { kind postId item { id } } }';
    watching.send({ id: 'events', type: 'subscribe', payload: { query, variables: { after } } });
    await watching.next(({ payload }) => JSON.stringify(payload ?? '').includes(last));
    expect(JSON.stringify(watching.messages)).not.toContain(post);
    watching.socket.terminate();
  });
});

describe('a protected account', () => {
  const state =
    'query ($id: ID!) { user(id: $id) { protected viewerFollows viewerFollowState followerCount } }';
  const requests =
    'query ($after: String) { followRequests(after: $after) { edges { cursor node { id } } } }';
  const protect = () => does(ada, 'updateProfile', { protected: true }, 'UpdateProfileInput');
  let post: string;
  beforeAll(async () => {
    post = await says(ada, 'before the account is protected');
  });

  it('shows its posts and shares to followers alone, at once and on open connections', async () => {
    await expectEndOfOpen(eve, post, fan, protect);

    for (const by of [eve, undefined]) {
      await expectAbsent(by, post);
      const text = await around(by, post);
      expect(text).toContain('"postCount":0');
      expect(text).toContain('"feed":{"edges":[],"pageInfo":{"hasNextPage":false}}');
    }
    await expectSeen(fan, post);
    expect((await act(ask, fan, 'sharePost', 'PostInput', { postId: post })).code).toBe('FORBIDDEN');
  });

  it('is asked by those who want to follow, which only the two see', async () => {
    await protect();
    expect((await read(ada, state, { id: ada.id })).text).toContain('"protected":true');
    await does(eve, 'followUser', { userId: ada.id });
    expect((await read(eve, state, { id: ada.id })).data).toEqual({
      user: { protected: true, viewerFollows: false, viewerFollowState: 'PENDING', followerCount: 1 },
    });
    await expectAbsent(eve, post);
    const mine = await read(ada, requests);
    expect(mine.data).toEqual({
      followRequests: { edges: [{ cursor: expect.any(String), node: { id: eve.id } }] },
    });
    const [edge] = (mine.data?.followRequests as { edges: { cursor: string }[] } | undefined)?.edges ?? [];
    expect((await read(eve, requests)).data).toEqual({ followRequests: { edges: [] } });
    expect((await read(eve, requests, { after: edge?.cursor })).code).toBe('BAD_USER_INPUT');
    expect((await read(undefined, requests)).code).toBe('UNAUTHENTICATED');
  });

  it('rejects or approves them, and tells of new ones live', async () => {
    await does(ada, 'rejectFollow', { userId: eve.id });
    expect((await read(eve, state, { id: ada.id })).text).toContain('"viewerFollowState":"NONE"');
    // An approval without a request has no effect, and neither has one by the person who asks.
    await does(ada, 'approveFollow', { userId: eve.id });
    await does(eve, 'approveFollow', { userId: ada.id });
    const watching = await connect(ada);
    expect((await read(ada, requests)).data).toEqual({ followRequests: { edges: [] } });
    const query = 'subscription { followRequests { node { id } } }';
    watching.send({ id: 'requests', type: 'subscribe', payload: { query } });
    // Asks again and again until the subscription is open.
    let isTold = false;
    const told = watching
      .next(({ id, type }) => id === 'requests' && type === 'next')
      .then((message) => {
        isTold = true;
        return message;
      });
    for (let i = 0; !isTold; i++)
      await does(eve, i % 2 === 0 ? 'followUser' : 'unfollowUser', { userId: ada.id });
    expect((await told).payload).toEqual({ data: { followRequests: { node: { id: eve.id } } } });
    watching.socket.terminate();
    await does(eve, 'followUser', { userId: ada.id });
    await expectAbsent(eve, post);
    await does(ada, 'approveFollow', { userId: eve.id });
    expect((await read(eve, state, { id: ada.id })).data).toEqual({
      user: { protected: true, viewerFollows: true, viewerFollowState: 'FOLLOWING', followerCount: 2 },
    });
    await expectSeen(eve, post);
    expect((await read(eve, '{ friendsFeed { edges { node { id } } } }')).text).toContain(post);
    expect((await read(ada, requests)).data).toEqual({ followRequests: { edges: [] } });
  });

  it('that is open again accepts no request by itself', async () => {
    await does(ada, 'rejectFollow', { userId: eve.id });
    await does(eve, 'followUser', { userId: ada.id });
    await does(ada, 'updateProfile', { protected: false }, 'UpdateProfileInput');
    expect((await read(eve, state, { id: ada.id })).text).toContain('"viewerFollowState":"PENDING"');
    await expectSeen(eve, post);
    await does(eve, 'followUser', { userId: ada.id });
    expect((await read(eve, state, { id: ada.id })).text).toContain('"viewerFollowState":"FOLLOWING"');
  });
});
