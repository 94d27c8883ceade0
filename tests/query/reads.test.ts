import { newId } from '@rookery/runtime';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type Answer,
  type Connection,
  codes,
  type QueryWorld,
  startQueryWorld,
} from '../support/systems/query-world.ts';

let world: QueryWorld;
beforeAll(async () => {
  world = await startQueryWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

describe('users', () => {
  it('are found by id and by handle in any form, with their counts', async () => {
    const id = await world.user('ada_l');
    await world.count('followers', id, 3);
    const query =
      'query ($id: ID, $handle: String) { user(id: $id, handle: $handle) { id handle name bio followerCount postCount viewerFollows } }';
    const ada = {
      id,
      handle: 'ada_l',
      name: 'ADA_L',
      bio: null,
      followerCount: 3,
      postCount: 0,
      viewerFollows: false,
    };
    expect((await world.ask(query, {}, { id })).data).toEqual({ user: ada });
    expect((await world.ask(query, {}, { handle: 'ADA_L' })).data).toEqual({ user: ada });
    expect((await world.ask(query, {}, { handle: 'Ａda_l' })).data).toEqual({ user: ada });
  });

  it('are asked for by exactly one of id and handle', async () => {
    const query = 'query ($id: ID, $handle: String) { user(id: $id, handle: $handle) { id } }';
    expect(codes(await world.ask(query))).toEqual(['BAD_USER_INPUT id']);
    expect(codes(await world.ask(query, {}, { id: newId(), handle: 'x_y' }))).toEqual([
      'BAD_USER_INPUT handle',
    ]);
  });

  it.each(['{"$ne":1}', "' or 1=1 --", 'a\0b', '\u202eada_l', 'x'.repeat(100_000), ''])(
    'are not there under %j',
    async (text) => {
      const query =
        'query ($t: String!, $i: ID!) { a: user(handle: $t) { id } b: user(id: $i) { id } c: post(id: $i) { id } d: activity(id: $i) { id } }';
      const answer = await world.ask(query, { viewer: newId() }, { t: text, i: text });
      expect(answer).toEqual({ data: { a: null, b: null, c: null, d: null } });
    },
  );

  it('without a sign-up are not known yet', async () => {
    const id = newId();
    await world.change('users', id, { handle: null, joinedAt: null, joinedPosition: null, name: 'early' });
    expect((await world.ask('query ($id: ID!) { user(id: $id) { id } }', {}, { id })).data).toEqual({
      user: null,
    });
  });

  it('list whom they follow and who follows them, newest first, page by page', async () => {
    const star = await world.user();
    const fans: string[] = [];
    for (let i = 0; i < 5; i++) {
      const fan = await world.user();
      fans.unshift(fan);
      await world.relate('follows', fan, star);
    }
    await world.relate('follows', await world.user(), star, false);
    const query =
      'query ($id: ID!, $after: String) { user(id: $id) { followers(first: 2, after: $after) { edges { node { id following { edges { node { id } } } } } pageInfo { hasNextPage endCursor } } } }';
    const seen: string[] = [];
    let after: string | null = null;
    do {
      const answer: Answer<{ user: { followers: Connection<{ id: string; following: unknown }> } }> =
        await world.ask(query, {}, { id: star, after });
      const { edges, pageInfo } = answer.data.user.followers;
      seen.push(...edges.map(({ node }) => node.id));
      expect(edges[0]?.node.following).toEqual({ edges: [{ node: { id: star } }] });
      after = pageInfo.hasNextPage ? pageInfo.endCursor : null;
    } while (after !== null);
    expect(seen).toEqual(fans);
  });
});

describe('posts', () => {
  const query =
    'query ($id: ID!) { post(id: $id) { body author { id } inReplyTo { id } likeCount viewerLikes viewerShared replies { edges { node { id } } pageInfo { hasNextPage } } } }';

  it('show their author, counts, replies in order, and what the viewer did', async () => {
    const [ada, bob] = [await world.user(), await world.user()];
    const id = await world.post(ada, { body: 'first' });
    const replies = [await world.post(bob, { inReplyTo: id }), await world.post(ada, { inReplyTo: id })];
    await world.relate('likes', bob, id);
    await world.count('likes', id, 1);
    expect((await world.ask(query, { viewer: bob }, { id })).data).toEqual({
      post: {
        body: 'first',
        author: { id: ada },
        inReplyTo: null,
        likeCount: 1,
        viewerLikes: true,
        viewerShared: false,
        replies: {
          edges: replies.map((reply) => ({ node: { id: reply } })),
          pageInfo: { hasNextPage: false },
        },
      },
    });
    expect((await world.ask(query, {}, { id: replies[0] })).data).toMatchObject({
      post: {
        inReplyTo: { id },
        viewerLikes: false,
      },
    });
  });

  it('are absent everywhere once deleted, and so is a post that is not published yet', async () => {
    const ada = await world.user();
    const id = await world.post(ada);
    const reply = await world.post(ada, { inReplyTo: id });
    await world.change('posts', id, { deleted: true });
    const unpublished = newId();
    await world.change('posts', unpublished, { author: null, createdAt: null, body: null, deleted: false });
    expect((await world.ask(query, { viewer: ada }, { id })).data).toEqual({ post: null });
    expect((await world.ask(query, { viewer: ada }, { id: unpublished })).data).toEqual({ post: null });
    expect((await world.ask(query, {}, { id: reply })).data).toMatchObject({ post: { inReplyTo: null } });
    const entities = await world.ask(
      'query ($r: [_Any!]!) { _entities(representations: $r) { ... on Post { id body } ... on User { id handle } } }',
      { viewer: ada },
      { r: [id, reply, newId(), 'nonsense'].map((id) => ({ __typename: 'Post', id })) },
    );
    expect(entities.data).toEqual({ _entities: [null, { id: reply, body: 'hello' }, null, null] });
  });
});

describe("a user's feed", () => {
  it('and my feed hold what the user posted and shared, without what was taken back or deleted', async () => {
    const [ada, bob] = [await world.user(), await world.user()];
    const post = await world.post(ada);
    const other = await world.post(bob);
    const gone = await world.post(bob);
    const [shared, unshared, sharedGone] = [
      await world.share(ada, other),
      await world.share(ada, post),
      await world.share(ada, gone),
    ];
    await world.change('items', unshared, { active: false });
    await world.change('posts', gone, { deleted: true });
    const expected = [
      { node: { id: shared, verb: 'SHARE', post: { id: other } } },
      { node: { id: post, verb: 'POST', post: { id: post } } },
    ];
    const fields = 'edges { node { id verb post { id } } }';
    const user = await world.ask(
      `query ($id: ID!) { user(id: $id) { feed { ${fields} } } }`,
      {},
      { id: ada },
    );
    expect(user.data).toEqual({ user: { feed: { edges: expected } } });
    const mine = await world.ask(`{ myFeed { ${fields} } }`, { viewer: ada });
    expect(mine.data).toEqual({ myFeed: { edges: expected } });
    expect(expected.map((edge) => edge.node.id)).not.toContain(sharedGone);
  });
});

describe('bad arguments', () => {
  it('of a page are named: row 11', async () => {
    const viewer = await world.user();
    for (const first of ['0', '-1', '101', '1000000000', 'null'])
      for (const field of ['myFeed', 'friendsFeed'])
        expect(
          codes(await world.ask(`{ ${field}(first: ${first}) { edges { cursor } } }`, { viewer })),
        ).toEqual(['BAD_USER_INPUT first']);
  });

  it("are somebody else's, another list's, and made-up cursors: row 12", async () => {
    const [ada, bob] = [await world.user(), await world.user()];
    await world.post(ada);
    await world.post(ada);
    const query =
      'query ($a: String) { myFeed(first: 1, after: $a) { edges { cursor } pageInfo { endCursor } } }';
    const page = (a?: string | null) =>
      world.ask<{ myFeed: Connection<unknown> }>(query, { viewer: ada }, { a });
    const cursor = (await page()).data.myFeed.pageInfo.endCursor ?? '';
    expect((await page(cursor)).data.myFeed.edges).toHaveLength(1);
    for (const [viewer, a] of [
      [bob, cursor],
      [ada, `${cursor}A`],
      [ada, cursor.replace(/^./, 'z')],
      [ada, ''],
      [ada, 'MTI='],
    ] as const)
      expect(codes(await world.ask(query, { viewer }, { a }))).toEqual(['BAD_USER_INPUT after']);
    const friends = 'query ($a: String) { friendsFeed(after: $a) { edges { cursor } } }';
    expect(codes(await world.ask(friends, { viewer: ada }, { a: cursor }))).toEqual(['BAD_USER_INPUT after']);
  });
});

describe('without a token', () => {
  it('me is null, and there are no feeds', async () => {
    expect((await world.ask('{ me { id } }')).data).toEqual({ me: null });
    expect(codes(await world.ask('{ myFeed { edges { cursor } } }'))).toEqual(['UNAUTHENTICATED']);
    expect(codes(await world.ask('{ friendsFeed { edges { cursor } } }'))).toEqual(['UNAUTHENTICATED']);
  });

  it("without the gateway's token there is nothing at all: row 18", async () => {
    const response = await fetch(`${world.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: '{ me { id } }' }),
    });
    expect(response.status).toBe(403);
    expect(JSON.parse(await response.text()).data).toBeUndefined();
  });
});
