import { beforeAll, describe, expect, it } from 'vitest';
import type { Account } from '../support/index.ts';
import { startStopwatch } from '../support/stopwatch.ts';
import { act } from './act.ts';
import { commandsOnPost, startStory } from './story.ts';

/*
 * Row 17 for blocks. Ada blocks Ben. Cyd knows both: she follows them, they follow her, and she shares and answers their posts.
 */

let ada: Account;
let ben: Account;
let cyd: Account;
/** Posts by what they are. */
const posts: Record<'adas' | 'bens' | 'cyds' | 'answerOfCyd' | 'answerOfBen' | 'answerOfAda', string> = {
  ...{ adas: '', bens: '', cyds: '', answerOfCyd: '', answerOfBen: '', answerOfAda: '' },
};
const { ask, people, connect, seen, never, does, says, read, expectRefused } = startStory();

beforeAll(async () => {
  [ada, ben, cyd] = await people(3);
  for (const [by, other] of [
    [ada, ben],
    [ben, ada],
    [ada, cyd],
    [ben, cyd],
    [cyd, ada],
    [cyd, ben],
  ] as const)
    await does(by, 'followUser', { userId: other.id });
  posts.adas = await says(ada, 'by Ada');
  posts.bens = await says(ben, 'by Ben');
  posts.cyds = await says(cyd, 'by Cyd');
  posts.answerOfCyd = await says(cyd, 'Cyd to Ada', { inReplyTo: posts.adas });
  posts.answerOfBen = await says(ben, 'Ben to Cyd', { inReplyTo: posts.cyds });
  posts.answerOfAda = await says(ada, 'Ada to Cyd', { inReplyTo: posts.cyds });
  for (const post of [posts.adas, posts.bens]) await does(cyd, 'sharePost', { postId: post });
  for (const by of [ada, ben])
    for (const field of ['likePost', 'sharePost']) await does(by, field, { postId: posts.cyds });
  await does(ada, 'bookmarkPost', { postId: posts.bens });
  await does(ben, 'bookmarkPost', { postId: posts.adas });
  await does(ben, 'likePost', { postId: posts.adas });
});

/** Every read that takes the id of a post or a user, and every command about one. */
const readsOfPost = [
  'query ($id: ID!) { post(id: $id) { id body author { handle } likeCount replies { edges { cursor } } } }',
  'query ($id: ID!) { node(id: $id) { __typename id ... on Post { body } } }',
];
const readsOfUser = [
  'query ($id: ID!) { user(id: $id) { id handle followerCount feed { edges { cursor } } viewerBlocks } }',
  'query ($id: ID!) { node(id: $id) { __typename id ... on User { handle } } }',
];
const commandsOnUser = ['followUser', 'unfollowUser'].map(
  (field) => [field, 'UserInput', (userId: string) => ({ userId })] as const,
);

/** Everything that a person sees of what several people have a part in. */
const view = async (by: Account) =>
  (
    await read(
      by,
      `query ($cyd: ID!, $cyds: ID!, $answer: ID!) {
        friendsFeed { edges { node { actor { id } post { id } } } pageInfo { hasNextPage } }
        bookmarks { edges { node { id } } pageInfo { hasNextPage } }
        notifications { unreadCount edges { node { id actors { id } actorCount } } pageInfo { hasNextPage } }
        user(id: $cyd) {
          followers { edges { node { id } } pageInfo { hasNextPage } }
          following { edges { node { id } } pageInfo { hasNextPage } }
          feed { edges { node { post { id } } } pageInfo { hasNextPage } }
        }
        post(id: $cyds) {
          replies { edges { node { id } } pageInfo { hasNextPage } }
          likers { edges { node { id } } pageInfo { hasNextPage } }
          sharers { edges { node { id } } pageInfo { hasNextPage } }
        }
        answer: post(id: $answer) {
          inReplyTo { id }
          parent { __typename ... on Post { id } ... on Tombstone { id parent { __typename } } }
        }
      }`,
      { cyd: cyd.id, cyds: posts.cyds, answer: posts.answerOfCyd },
    )
  ).text;

describe('a block', () => {
  it('hides each of the two from the other on every path, and from nobody else', async () => {
    const [before, third] = [await view(ada), await view(cyd)];
    expect(before).toContain(ben.id);
    const counts = 'query ($id: ID!) { user(id: $id) { followerCount followingCount } }';
    expect((await read(cyd, counts, { id: ada.id })).data).toEqual({
      user: { followerCount: 2, followingCount: 2 },
    });

    await does(ada, 'blockUser', { userId: ben.id });
    for (const [by, hidden] of [
      [ada, { user: ben, posts: [posts.bens, posts.answerOfBen] }],
      [ben, { user: ada, posts: [posts.adas, posts.answerOfAda] }],
    ] as const) {
      const text = await view(by);
      for (const id of [hidden.user.id, ...hidden.posts]) {
        // A tombstone holds the place of the post that Cyd has answered, and of that alone.
        const place = `"parent":{"__typename":"Tombstone","id":"${id}","parent":null}`;
        expect(text.replace(place, '')).not.toContain(id);
      }
      expect(text).not.toContain('"hasNextPage":true');
      for (const post of hidden.posts) {
        await Promise.all(
          readsOfPost.map(async (query) => {
            const [a, b] = [await read(by, query, { id: post }), await read(by, query, { id: never })];
            expect(a.text).toBe(b.text);
          }),
        );
        await expectRefused(by, commandsOnPost, post);
      }
      await expectRefused(by, commandsOnUser, hidden.user.id);
    }
    expect(await view(cyd)).toBe(third);
    expect((await read(undefined, readsOfPost[0] ?? '', { id: posts.adas })).text).toContain('by Ada');
    // Both follows have ended, for everybody.
    for (const { id } of [ada, ben])
      expect((await read(cyd, counts, { id })).data).toEqual({
        user: { followerCount: 1, followingCount: 1 },
      });
  });

  it('shows the blocked person nothing of who has set it', async () => {
    await does(ada, 'blockUser', { userId: ben.id });
    for (const query of readsOfUser)
      expect((await read(ben, query, { id: ada.id })).text).toBe(
        (await read(ben, query, { id: never })).text,
      );
    const byHandle = 'query ($handle: String!) { user(handle: $handle) { id } }';
    expect((await read(ben, byHandle, { handle: ada.handle })).text).toBe(
      (await read(ben, byHandle, { handle: 'nobody_at_all' })).text,
    );
    expect((await read(ben, '{ blockedUsers { edges { cursor } } }')).data).toEqual({
      blockedUsers: { edges: [] },
    });
  });

  it('shows the one who has set it the profile alone, and lists it to nobody else', async () => {
    await does(ada, 'blockUser', { userId: ben.id });
    const lists = ['followers', 'following', 'feed']
      .map((list) => `${list} { edges { cursor } pageInfo { hasNextPage hasPreviousPage } }`)
      .join(' ');
    const query = `query ($id: ID!) { user(id: $id) {
      handle viewerBlocks viewerFollows followerCount followingCount postCount ${lists} } }`;
    const empty = { edges: [], pageInfo: { hasNextPage: false, hasPreviousPage: false } };
    expect((await read(ada, query, { id: ben.id })).data).toEqual({
      user: {
        ...{ handle: ben.handle, viewerBlocks: true, viewerFollows: false },
        ...{ followerCount: 0, followingCount: 0, postCount: 0 },
        ...{ followers: empty, following: empty, feed: empty },
      },
    });
    const wrong = 'query ($id: ID!) { user(id: $id) { feed(first: 0) { edges { cursor } } } }';
    expect((await read(ada, wrong, { id: ben.id })).code).toBe('BAD_USER_INPUT');

    const list = 'query ($after: String) { blockedUsers(after: $after) { edges { cursor node { id } } } }';
    const mine = await read(ada, list);
    expect(mine.data).toEqual({
      blockedUsers: { edges: [{ cursor: expect.any(String), node: { id: ben.id } }] },
    });
    const [edge] = (mine.data?.blockedUsers as { edges: { cursor: string }[] } | undefined)?.edges ?? [];
    expect((await read(ada, list, { after: edge?.cursor })).data).toEqual({ blockedUsers: { edges: [] } });
    expect((await read(ben, list, { after: edge?.cursor })).code).toBe('BAD_USER_INPUT');
    expect((await read(undefined, list)).code).toBe('UNAUTHENTICATED');
    const activity = 'query ($id: ID!) { activity(id: $id) { verb } }';
    expect((await read(ben, activity, { id: seen.at(-1) })).text).toBe(
      (await read(ben, activity, { id: never })).text,
    );
  });

  it('ends the list of somebody with many posts at once', async () => {
    const [eve, dan] = await people(2);
    // More than the rules may deny one after the other before a page ends without anything.
    for (let i = 0; i < 12; i++) await says(dan, `number ${i}`);
    await does(eve, 'blockUser', { userId: dan.id });
    const query =
      'query ($id: ID!) { user(id: $id) { feed(first: 1) { edges { cursor } pageInfo { hasNextPage } } } }';
    expect((await read(eve, query, { id: dan.id })).data).toEqual({
      user: { feed: { edges: [], pageInfo: { hasNextPage: false } } },
    });
  });

  it('that is repeated changes nothing, and can be set by both', async () => {
    await does(ada, 'blockUser', { userId: ben.id });
    // A blocked person can block as well, although they cannot see each other.
    await does(ben, 'blockUser', { userId: ada.id });
    const listed = '{ blockedUsers { edges { node { id handle } } } }';
    for (const [by, other] of [
      [ada, ben],
      [ben, ada],
    ] as const)
      expect((await read(by, listed)).data).toEqual({
        blockedUsers: { edges: [{ node: { id: other.id, handle: other.handle } }] },
      });
    await does(ada, 'unblockUser', { userId: ben.id });
    const query = 'query ($id: ID!) { post(id: $id) { id } }';
    expect((await read(ada, query, { id: posts.bens })).data).toEqual({ post: null });
    await does(ben, 'unblockUser', { userId: ada.id });
    expect((await read(ada, query, { id: posts.bens })).data).toEqual({ post: { id: posts.bens } });
    await does(ada, 'unblockUser', { userId: ben.id });
  });

  it('that has ended shows everything again, without the follows', async () => {
    const text = await view(ada);
    expect(text).toContain(posts.answerOfBen);
    const query = 'query ($id: ID!) { user(id: $id) { viewerBlocks viewerFollows followerCount postCount } }';
    expect((await read(ada, query, { id: ben.id })).data).toEqual({
      user: { viewerBlocks: false, viewerFollows: false, followerCount: 1, postCount: 2 },
    });
    await does(ada, 'followUser', { userId: ben.id });
    expect((await read(ada, query, { id: ben.id })).data).toMatchObject({ user: { viewerFollows: true } });
  });

  it.each(['blockUser', 'unblockUser'])(
    '%s finds nobody who is not there, and not oneself',
    async (field) => {
      expect((await act(ask, ada, field, 'UserInput', { userId: never })).code).toBe('NOT_FOUND');
      const self = await act(ask, ada, field, 'UserInput', { userId: ada.id });
      expect(self.code).toBe(field === 'blockUser' ? 'BAD_USER_INPUT' : undefined);
    },
  );

  it('takes effect on open connections within 2 s', async () => {
    // Newer than the blocks before.
    await says(cyd, 'before the block');
    const { data } = await read(ben, '{ friendsFeed(first: 1) { pageInfo { endCursor } } }');
    const feed = data?.friendsFeed as { pageInfo: { endCursor: string } } | undefined;
    const after = feed?.pageInfo.endCursor;
    const watching = await connect(ben);
    const subscribe = (id: string, query: string, variables: object) =>
      watching.send({ id, type: 'subscribe', payload: { query, variables } });
    subscribe('post', 'subscription ($id: ID!) { post(id: $id) { likeCount } }', { id: posts.adas });
    subscribe(
      'feed',
      'subscription ($after: String) { friendsFeed(after: $after) { node { post { id } } } }',
      { after },
    );
    subscribe(
      'events',
      'subscription ($after: String) { friendsFeedEvents(after: $after) { kind itemId postId actorId } }',
      { after },
    );
    let isOpen = false;
    void watching
      .next(({ id, type }) => id === 'post' && type === 'next')
      .then(() => {
        isOpen = true;
      });
    for (let i = 0; !isOpen; i++)
      await does(cyd, i % 2 === 0 ? 'likePost' : 'unlikePost', { postId: posts.adas });

    const elapsedMs = startStopwatch();
    await does(ada, 'blockUser', { userId: ben.id });
    await watching.next(({ id, type }) => id === 'post' && type === 'complete');
    // Cyd has shared a post of Ada's: the page must be read again.
    const told = await watching.next(({ id, type }) => id === 'events' && type === 'next');
    expect(elapsedMs()).toBeLessThan(2_000);
    expect(told.payload).toEqual({
      data: { friendsFeedEvents: { kind: 'RELOAD', itemId: null, postId: null, actorId: null } },
    });
    await does(cyd, 'unsharePost', { postId: posts.adas });
    await does(cyd, 'sharePost', { postId: posts.adas });
    const last = await says(cyd, 'after the block');
    await watching.next(
      ({ id, type, payload }) => id === 'feed' && type === 'next' && JSON.stringify(payload).includes(last),
    );
    expect(JSON.stringify(watching.messages.filter(({ id }) => id === 'feed'))).not.toContain(posts.adas);

    subscribe('again', 'subscription ($id: ID!) { post(id: $id) { body } }', { id: posts.adas });
    subscribe('never', 'subscription ($id: ID!) { post(id: $id) { body } }', { id: never });
    const [again, absent] = [
      await watching.next(({ id }) => id === 'again'),
      await watching.next(({ id }) => id === 'never'),
    ];
    expect(JSON.stringify({ ...again, id: '' })).toBe(JSON.stringify({ ...absent, id: '' }));
    watching.socket.terminate();
    await does(ada, 'unblockUser', { userId: ben.id });
    seen.splice(0, seen.length - 1);
  });
});
