import { newId } from '@rookery/runtime';
import { beforeAll, expect, test } from 'vitest';
import { type Ask, openSocket, overHttp } from '../support/clients/raw-client.ts';
import { type Account, type SharedSystem, sharedSystem } from '../support/index.ts';
import { act, activityOf } from './act.ts';
import { publish, publishedIn } from './publish.ts';

let system: SharedSystem;
let ada: Account;
let ben: Account;
let ask: Ask;

beforeAll(async () => {
  system = await sharedSystem();
  ask = overHttp(system.gatewayUrl);
  [ada, ben] = [await system.signUp(), await system.signUp()];
});

test('rows 12 and 17 bookmarks show to nobody but their owner, by any path', async () => {
  const { post } = publishedIn(await publish(ask, ada, 'kept by Ben'));
  const seenBy = async (by: Account | undefined, headers: Record<string, string> = {}) => {
    const query = `query ($post: ID!, $ben: ID!) {
      post(id: $post) { viewerBookmarked likeCount shareCount replyCount }
      user(id: $ben) { postCount feed { edges { node { id } } } }
      friendsFeed { edges { node { id } } }
      bookmarks { edges { node { id } } }
    }`;
    return (await ask({ query, variables: { post: post.id, ben: ben.id } }, by?.token, headers)).data;
  };
  const follow = await act(ask, ada, 'followUser', 'UserInput', { userId: ben.id });
  const before = await seenBy(ada, { 'x-read-after': activityOf(follow, 'followUser') });
  const anonymous = await seenBy(undefined);
  const watching = await openSocket(system.gatewayUrl);
  await watching.init(ada.token);
  const start = await ask({ query: '{ friendsFeed { pageInfo { endCursor } } }' }, ada.token);
  const feed = start.data?.friendsFeed as { pageInfo: { endCursor: string } } | undefined;
  watching.send({
    id: 'live',
    type: 'subscribe',
    payload: {
      query: 'subscription ($after: String) { friendsFeedEvents(after: $after) { kind item { verb } } }',
      variables: { after: feed?.pageInfo.endCursor },
    },
  });
  const kept = activityOf(
    await act(ask, ben, 'bookmarkPost', 'PostInput', { postId: post.id }),
    'bookmarkPost',
  );
  const after = { 'x-read-after': kept };

  expect(await seenBy(ben, after)).toMatchObject({
    post: { viewerBookmarked: true },
    bookmarks: { edges: [{ node: { id: post.id } }] },
  });
  expect(await seenBy(ada, after)).toEqual(before);
  expect(await seenBy(undefined, after)).toEqual(anonymous);

  const byId = (field: string, id: string, by: Account) =>
    ask({ query: `query ($id: ID!) { ${field}(id: $id) { __typename id } }`, variables: { id } }, by.token);
  for (const field of ['activity', 'node'])
    expect((await byId(field, kept, ada)).text).toBe((await byId(field, newId(), ada)).text);
  expect((await byId('activity', kept, ben)).data).toMatchObject({ activity: { id: kept } });

  const pageAfter = (cursor: string, by: Account) =>
    ask(
      {
        query: 'query ($after: String) { bookmarks(after: $after) { edges { cursor } } }',
        variables: { after: cursor },
      },
      by.token,
    );
  const mine = await ask({ query: '{ bookmarks { edges { cursor } } }' }, ben.token);
  const [edge] = (mine.data?.bookmarks as { edges: { cursor: string }[] } | undefined)?.edges ?? [];
  expect((await pageAfter(edge?.cursor ?? '', ben)).data).toEqual({ bookmarks: { edges: [] } });
  expect((await pageAfter(edge?.cursor ?? '', ada)).code).toBe('BAD_USER_INPUT');
  expect((await ask({ query: '{ bookmarks { edges { cursor } } }' })).code).toBe('UNAUTHENTICATED');

  // The first change of her feed that Ada hears of is the one after the bookmark.
  expect((await act(ask, ben, 'sharePost', 'PostInput', { postId: post.id })).errors).toEqual([]);
  const heard = await watching.next(({ id }) => id === 'live');
  expect(heard.payload).toEqual({
    data: { friendsFeedEvents: { kind: 'CHANGED', item: { verb: 'POST' } } },
  });
  watching.socket.terminate();
});

test('rows 12 and 17 notifications, their settings and read markers show to nobody but their owner', async () => {
  const { post } = publishedIn(await publish(ask, ada, 'noticed'));
  const stranger = await system.signUp();
  const setting = { kind: 'LIKE', from: 'FOLLOWED' };
  const done = [
    activityOf(await act(ask, stranger, 'likePost', 'PostInput', { postId: post.id }), 'likePost'),
    activityOf(await act(ask, ada, 'setNotifications', 'SetNotificationsInput', setting), 'setNotifications'),
  ];
  const fields = `notifications { unreadCount readMarker edges { cursor node { id } } } notificationSettings { kind from }
    others: notifications(list: OTHERS) { edges { node { id } } } friendsFeed { readMarker newCount }`;
  const seenBy = async (by: Account) => {
    const { data } = await ask({ query: `{ ${fields} }` }, by.token, { 'x-read-after': done.join() });
    return data as {
      notifications: { edges: { cursor: string; node: { id: string } }[] };
      notificationSettings: (typeof setting)[];
    };
  };
  const own = await seenBy(ada);
  const like = `LIKE:${post.id}`;
  expect(own).toMatchObject({ others: { edges: [{ node: { id: like } }] } });
  expect(own.notificationSettings).toContainEqual(setting);
  const bens = await seenBy(ben);
  expect(JSON.stringify(bens)).not.toContain(like);
  expect(bens.notificationSettings).not.toContainEqual(setting);

  // Somebody else's cursor, a cursor of another list, and one that was tampered with.
  const [edge] = bens.notifications.edges;
  const feed = await ask({ query: '{ friendsFeed { pageInfo { startCursor } } }' }, ada.token);
  const ofFeed = (feed.data as { friendsFeed: { pageInfo: { startCursor: string } } }).friendsFeed.pageInfo
    .startCursor;
  const bensCursor = edge?.cursor ?? '';
  for (const cursor of [bensCursor, ofFeed, `${ofFeed.slice(0, -2)}AA`, '', '9'.repeat(32)]) {
    const marked = await act(ask, ada, 'markNotificationsRead', 'MarkReadInput', { cursor });
    expect([marked.code, marked.errors[0]?.extensions.field]).toEqual(['BAD_USER_INPUT', 'cursor']);
    const page = await ask(
      {
        query: 'query ($after: String) { notifications(after: $after) { edges { cursor } } }',
        variables: { after: cursor },
      },
      ada.token,
    );
    expect(page.code).toBe('BAD_USER_INPUT');
  }
  for (const cursor of [bensCursor, `${ofFeed.slice(0, -2)}AA`])
    expect((await act(ask, ada, 'markFeedRead', 'MarkReadInput', { cursor })).code).toBe('BAD_USER_INPUT');
  const marked = await act(ask, ada, 'markFeedRead', 'MarkReadInput', { cursor: ofFeed });
  done.push(activityOf(marked, 'markFeedRead'));
  const markerOf = async (by: Account) => {
    const query = '{ friendsFeed { readMarker } }';
    const { data } = await ask({ query }, by.token, { 'x-read-after': done.join() });
    return (data as { friendsFeed: { readMarker: string | null } }).friendsFeed.readMarker;
  };
  expect(await markerOf(ada)).toBe(ofFeed);
  expect(await markerOf(ben)).toBeNull();

  for (const query of [
    ...['{ notifications { unreadCount } }', '{ notificationSettings { kind } }'],
    'mutation { setNotifications(input: { kind: LIKE, from: NOBODY }) { setting { from } } }',
    `mutation { markNotificationsRead(input: { cursor: "${bensCursor}" }) { marker { cursor } } }`,
  ])
    expect((await ask({ query })).code).toBe('UNAUTHENTICATED');
});
