import { newId } from '@rookery/runtime';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { codes, type QueryWorld, startQueryWorld } from '../support/systems/query-world.ts';

let world: QueryWorld;
let ada: string;
let ben: string;
let post: string;
beforeAll(async () => {
  world = await startQueryWorld();
  [ada, ben] = [await world.user('ada'), await world.user('ben')];
  post = await world.post(ada);
  await world.progress();
});
afterAll(() => world[Symbol.asyncDispose]());

const node = async (id: string, viewer: string | null = null) => {
  const answer = await world.ask<{ node: unknown }>(
    'query ($id: ID!) { node(id: $id) { __typename id ... on User { handle } ... on Post { author { id } } } }',
    { viewer },
    { id },
  );
  expect(codes(answer)).toBeUndefined();
  return answer.data.node;
};

describe('node', () => {
  it('refetches a user and a post by the id that they show', async () => {
    expect(await node(ada)).toEqual({ __typename: 'User', id: ada, handle: 'ada' });
    expect(await node(post)).toEqual({ __typename: 'Post', id: post, author: { id: ada } });
  });

  it('is null for what is deleted, hidden or absent, and for what is no id', async () => {
    const [gone, hidden] = [await world.post(ada), await world.post(newId())];
    const answer = await world.post(ben, { inReplyTo: gone });
    await world.change('posts', gone, { deleted: true });
    await world.progress();
    for (const id of [gone, hidden, newId(), '', 'Post:1', post.toUpperCase(), '{"$ne":1}'])
      expect(await node(id, ben), id).toBeNull();
    // A deleted post keeps its place in the thread, and its replies can reach it.
    const thread = await world.ask(
      'query ($id: ID!) { post(id: $id) { parent { __typename } } }',
      {},
      { id: answer },
    );
    expect(thread.data).toEqual({ post: { parent: { __typename: 'Tombstone' } } });
  });

  it('is null for objects whose ids are not their own', async () => {
    const share = await world.share(ben, post);
    const like = newId();
    await world.activity(like, {
      actor: ben,
      verb: 'LIKE',
      subject: post,
      acceptedAt: new Date().toISOString(),
      position: world.nextPosition(),
    });
    await world.progress();
    expect(await node(share, ben)).toBeNull();
    expect(await node(like, ben)).toBeNull();
  });

  it('paginates what a refetched object leads to', async () => {
    const reply = await world.post(ben, { inReplyTo: post });
    await world.progress();
    const { data } = await world.ask(
      'query ($id: ID!) { node(id: $id) { ... on Post { replies(last: 1) { edges { node { id } } } } } }',
      {},
      { id: post },
    );
    expect(data).toEqual({ node: { replies: { edges: [{ node: { id: reply } }] } } });
  });
});

const edges = async (viewer: string | null, ...representations: object[]) => {
  const answer = await world.ask<{ _entities: unknown[] }>(
    `query ($representations: [_Any!]!) { _entities(representations: $representations) {
      __typename
      ... on FeedEdge { cursor feedNode: node { id } }
      ... on PostEdge { cursor postNode: node { id } }
      ... on UserEdge { cursor userNode: node { id } }
    } }`,
    { viewer },
    { representations },
  );
  expect(codes(answer)).toBeUndefined();
  return answer.data._entities;
};

describe('an edge of a payload', () => {
  it('is the one that a page of the list shows', async () => {
    const reply = await world.post(ben, { inReplyTo: post });
    await world.relate('follows', ben, ada);
    await world.progress();
    const list = 'edges { cursor node { id } }';
    const { data } = await world.ask<{
      myFeed: { edges: { node: { id: string } }[] };
      post: { replies: { edges: object[] } };
      me: { following: { edges: object[] } };
      user: { followers: { edges: object[] } };
    }>(
      `query ($post: ID!, $ada: ID!) {
        myFeed(first: 1) { ${list} } post(id: $post) { replies(last: 1) { ${list} } }
        me { following(first: 1) { ${list} } } user(id: $ada) { followers(first: 1) { ${list} } }
      }`,
      { viewer: ben },
      { post, ada },
    );
    const [feed, thread, following, followers] = (await edges(
      ben,
      { __typename: 'FeedEdge', itemId: reply },
      { __typename: 'PostEdge', replyId: reply },
      { __typename: 'UserEdge', followId: `following:${ben}:${ada}` },
      { __typename: 'UserEdge', followId: `followers:${ben}:${ada}` },
    )) as { cursor: string; feedNode?: object; postNode?: object; userNode?: object }[];
    expect(feed?.feedNode).toEqual(data.myFeed.edges[0]?.node);
    const edge = (found: typeof feed) => ({
      cursor: found?.cursor,
      node: found?.postNode ?? found?.userNode,
    });
    expect(edge(thread)).toEqual(data.post.replies.edges[0]);
    expect(edge(following)).toEqual(data.me.following.edges[0]);
    expect(edge(followers)).toEqual(data.user.followers.edges[0]);
  });

  it('has a cursor from which pages of both feeds go on, and no subscription', async () => {
    const reader = await world.user();
    await world.relate('follows', reader, ada);
    const [mine, older] = [await world.post(reader), await world.post(ada)];
    const own = await world.post(reader);
    const newer = await world.post(ada);
    await world.progress();
    const [edge] = (await edges(reader, { __typename: 'FeedEdge', itemId: own })) as [{ cursor: string }];
    const pages = await world.ask(
      `query ($cursor: String) {
        mine: myFeed(first: 1, after: $cursor) { edges { node { id } } }
        older: friendsFeed(first: 1, after: $cursor) { edges { node { id } } }
        newer: friendsFeed(last: 1, before: $cursor) { edges { node { id } } }
      }`,
      { viewer: reader },
      { cursor: edge.cursor },
    );
    expect(pages.data).toEqual({
      mine: { edges: [{ node: { id: mine } }] },
      older: { edges: [{ node: { id: older } }] },
      newer: { edges: [{ node: { id: newer } }] },
    });
    const feeds = 'query ($cursor: String) { friendsFeed(after: $cursor) { edges { cursor } } }';
    expect(codes(await world.ask(feeds, { viewer: ben }, { cursor: edge.cursor }))).toEqual([
      'BAD_USER_INPUT after',
    ]);
    const socket = world.socket();
    const live = world.live(
      socket,
      'subscription ($cursor: String) { friendsFeed(after: $cursor) { cursor } }',
      { viewer: reader },
      { cursor: edge.cursor },
    );
    expect((await live.next()).value?.errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT' });
    await socket.dispose();
  });

  it('is null for everybody else’s acts, and for what does not hold any more', async () => {
    const [own, foreign] = [await world.post(ben), await world.post(ada)];
    const deleted = await world.post(ben, { inReplyTo: post });
    await world.change('items', own, { active: false });
    await world.change('posts', deleted, { deleted: true });
    await world.relate('follows', ada, ben);
    await world.relate('follows', ben, ada, false);
    await world.progress();
    const wanted = [
      { __typename: 'FeedEdge', itemId: own },
      { __typename: 'FeedEdge', itemId: foreign },
      { __typename: 'FeedEdge', itemId: '{"$ne":1}' },
      { __typename: 'PostEdge', replyId: deleted },
      { __typename: 'PostEdge', replyId: post },
      { __typename: 'UserEdge', followId: `following:${ben}:${ada}` },
      { __typename: 'UserEdge', followId: `following:${ada}:${ben}` },
      { __typename: 'UserEdge', followId: `friends:${ben}:${ada}` },
      { __typename: 'UserEdge', followId: 'following' },
    ];
    expect(await edges(ben, ...wanted)).toEqual(wanted.map(() => null));
    expect(await edges(null, ...wanted)).toEqual(wanted.map(() => null));
  });
});
