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
  system = await sharedSystem({ NODE_ENV: 'production' });
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
    data: { friendsFeedEvents: { kind: 'ADDED', item: { verb: 'SHARE' } } },
  });
  watching.socket.terminate();
});
