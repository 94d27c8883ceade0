import { beforeAll, expect, it } from 'vitest';
import { Client } from '../support/clients/client.ts';
import { type SharedSystem, sharedSystem } from '../support/index.ts';

/* Ada follows Ben and Cyd and mutes Ben. Cyd shares a post of Ben's, and Ben answers her. */
let system: SharedSystem;
let ada: Client;
let ben: Client;
let cyd: Client;
let ids: Record<'ada' | 'ben' | 'cyd', string>;
let last = '';

const act = async (by: Client, field: string, type: string, input: object): Promise<string> => {
  last = (await by.act(field, type, input)).activity.id;
  return last;
};
const mute = async (until?: string) => {
  const { muteUser } = await ada.ask<{ muteUser: { activity: { id: string } } }>(
    'mutation ($id: ID!, $until: DateTime) { muteUser(input: { userId: $id }, until: $until) { activity { id } } }',
    { id: ids.ben, ...(until === undefined ? {} : { until }) },
  );
  last = muteUser.activity.id;
};
const unmute = () => act(ada, 'unmuteUser', 'UserInput', { userId: ids.ben });
/** Texts that a person gets by each path. */
const heardBy = async (by: Client) => {
  type Posts = { edges: { node: { body: string } }[] };
  type Items = { edges: { node: { post: { body: string } } }[] };
  const data = await by.ask<{
    friendsFeed: Items;
    post: { body: string; replies: Posts };
    user: { feed: Items };
  }>(
    `query ($post: ID!, $ben: ID!) {
      friendsFeed { edges { node { post { body } } } }
      post(id: $post) { body replies { edges { node { body } } } }
      user(id: $ben) { feed { edges { node { post { body } } } } }
    }`,
    { post, ben: ids.ben },
    { 'x-read-after': last },
  );
  return {
    feed: data.friendsFeed.edges.map(({ node }) => node.post.body),
    replies: data.post.replies.edges.map(({ node }) => node.body),
    profile: data.user.feed.edges.map(({ node }) => node.post.body),
  };
};
const stateFor = async (by: Client) =>
  by.ask(
    `query ($ben: ID!) {
      user(id: $ben) { viewerMutes viewerMutesUntil viewerFollows followerCount }
      mutedUsers { edges { node { id } } pageInfo { hasNextPage } }
    }`,
    { ben: ids.ben },
    { 'x-read-after': last },
  );
const noList = { edges: [], pageInfo: { hasNextPage: false } };
const notMuted = { viewerMutes: false, viewerMutesUntil: null, viewerFollows: true, followerCount: 2 };
let post = '';

beforeAll(async () => {
  system = await sharedSystem();
  const [a, b, c] = [await system.signUp(), await system.signUp(), await system.signUp()];
  ids = { ada: a.id, ben: b.id, cyd: c.id };
  [ada, ben, cyd] = [a, b, c].map(({ token }) => new Client(system.gatewayUrl, token)) as [
    Client,
    Client,
    Client,
  ];
  for (const [by, userId] of [
    [ada, ids.ben],
    [ada, ids.cyd],
    [cyd, ids.ben],
  ] as const)
    await act(by, 'followUser', 'UserInput', { userId });
  post = await act(cyd, 'publishPost', 'PublishPostInput', { body: 'by Cyd' });
  const shared = await act(ben, 'publishPost', 'PublishPostInput', { body: 'by Ben' });
  await act(ben, 'publishPost', 'PublishPostInput', { body: 'to Cyd', inReplyTo: post });
  await act(cyd, 'sharePost', 'PostInput', { postId: shared });
});

it('keeps away what comes unasked, and shows what is asked for', async () => {
  const before = await heardBy(cyd);
  const all = { replies: ['to Cyd'], profile: ['to Cyd', 'by Ben'] };
  expect(await heardBy(ada)).toEqual({ ...all, feed: ['to Cyd', 'by Ben', 'by Cyd'] });
  await mute();
  expect(await heardBy(ada)).toEqual({ ...all, replies: [], feed: ['by Cyd'] });
  expect(await stateFor(ada)).toEqual({
    user: { ...notMuted, viewerMutes: true },
    mutedUsers: { ...noList, edges: [{ node: { id: ids.ben } }] },
  });
  // Nobody else sees it, least of all Ben.
  expect(await heardBy(cyd)).toEqual(before);
  expect(await stateFor(cyd)).toEqual({ user: notMuted, mutedUsers: noList });
  expect(await stateFor(ben)).toMatchObject({
    user: { viewerMutes: false, followerCount: 2 },
    mutedUsers: noList,
  });
  // The list of each has what they mute themselves, once.
  await act(cyd, 'muteUser', 'UserInput', { userId: ids.ben });
  for (const by of [ada, cyd])
    expect(await stateFor(by)).toMatchObject({
      mutedUsers: { ...noList, edges: [{ node: { id: ids.ben } }] },
    });
  await act(cyd, 'unmuteUser', 'UserInput', { userId: ids.ben });
  await mute();
  await unmute();
  expect(await heardBy(ada)).toMatchObject({ feed: ['to Cyd', 'by Ben', 'by Cyd'] });
  await unmute();
  expect(await stateFor(ada)).toEqual({ user: notMuted, mutedUsers: noList });
});

it('ends by itself at a time, which a repetition replaces', async () => {
  const later = new Date(Date.now() + 3_600_000).toISOString();
  await mute(later);
  expect(await stateFor(ada)).toMatchObject({ user: { viewerMutes: true, viewerMutesUntil: later } });
  expect((await heardBy(ada)).feed).toEqual(['by Cyd']);
  await mute(new Date(Date.now() - 1).toISOString());
  expect(await stateFor(ada)).toEqual({ user: notMuted, mutedUsers: noList });
  expect((await heardBy(ada)).feed).toHaveLength(3);
  await mute();
  expect(await stateFor(ada)).toMatchObject({ user: { viewerMutes: true, viewerMutesUntil: null } });
  await unmute();
});

it('has one effect with one key, and is a conflict with another time', async () => {
  const send = (until: string) =>
    ada.send<{ muteUser: { activity: { id: string } } }>(
      'mutation ($input: UserInput!, $until: DateTime) { muteUser(input: $input, until: $until) { activity { id verb } } }',
      { input: { userId: ids.ben, idempotencyKey: 'a mute' }, until },
    );
  const [first, again, other] = [
    await send('2999-01-01T00:00:00.000Z'),
    await send('2999-01-01T00:00:00.000Z'),
    await send('2999-01-02T00:00:00.000Z'),
  ];
  expect(first.data?.muteUser).toEqual({ activity: { id: expect.any(String), verb: 'MUTE' } });
  expect(again.data).toEqual(first.data);
  expect(other.errors?.[0]?.extensions.code).toBe('CONFLICT');
  last = first.data?.muteUser.activity.id ?? '';
  await unmute();
});

it('is refused for oneself and for those who are not there', async () => {
  for (const [userId, code] of [
    [ids.ada, 'BAD_USER_INPUT'],
    ['nobody', 'NOT_FOUND'],
  ]) {
    const { errors } = await ada.send(
      'mutation ($id: ID!) { muteUser(input: { userId: $id }) { activity { id } } }',
      { id: userId },
    );
    expect(errors?.[0]?.extensions.code).toBe(code);
  }
  const anonymous = new Client(system.gatewayUrl);
  expect((await anonymous.send('{ mutedUsers { edges { cursor } } }')).errors?.[0]?.extensions.code).toBe(
    'UNAUTHENTICATED',
  );
});
