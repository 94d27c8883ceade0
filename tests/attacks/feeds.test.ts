import { newId } from '@rookery/runtime';
import { expect, test } from 'vitest';
import type { Account } from '../support/index.ts';
import { act, activityOf } from './act.ts';
import { publish, publishedIn } from './publish.ts';
import { startStory } from './story.ts';

const { ask, people, expectRefused } = startStory();

/** Gives a command, and returns its activity. */
const done = async (by: Account, field: string, input: Record<string, string>): Promise<string> =>
  activityOf(await act(ask, by, field, 'userId' in input ? 'UserInput' : 'PostInput', input), field);

test('row 17 a sharer who is hidden is not named, not counted, and hides no share of another', async () => {
  const [viewer, ada, ben, cleo] = await people(4);
  const { post } = publishedIn(await publish(ask, cleo, 'widely read'));
  for (const friend of [ada, ben]) await done(viewer, 'followUser', { userId: friend.id });
  const query = `{ friendsFeed { edges { node { verb actor { id } sharers { id } sharerCount post { id } } } } }`;
  const seenAfter = async (activity: string) =>
    (await ask({ query }, viewer.token, { 'x-read-after': activity })).text;
  await done(ben, 'sharePost', { postId: post.id });
  // Ben is the only one: what the answer is like as long as nobody else shares.
  const alone = await seenAfter(await done(ben, 'followUser', { userId: cleo.id }));
  expect(alone).toContain(`"sharers":[{"id":"${ben.id}"}],"sharerCount":1`);

  await done(ben, 'unsharePost', { postId: post.id });
  await done(ada, 'sharePost', { postId: post.id });
  const both = await seenAfter(await done(ben, 'sharePost', { postId: post.id }));
  expect(both).toContain(`"sharers":[{"id":"${ada.id}"},{"id":"${ben.id}"}],"sharerCount":2`);
  expect(await seenAfter(await done(viewer, 'muteUser', { userId: ada.id }))).toBe(alone);
  expect(await seenAfter(await done(viewer, 'unmuteUser', { userId: ada.id }))).toBe(both);
  expect(await seenAfter(await done(ada, 'blockUser', { userId: viewer.id }))).toBe(alone);
  // Nobody is named once the author of the post blocks the viewer.
  const none = await seenAfter(await done(cleo, 'blockUser', { userId: viewer.id }));
  expect(JSON.parse(none)).toEqual({ data: { friendsFeed: { edges: [] } } });
});

test('row 17 what the reader of a friends feed has chosen shows to nobody else, by any path', async () => {
  const [ada, ben] = await people(2);
  const { post } = publishedIn(await publish(ask, ben, 'shared by himself'));
  await done(ben, 'sharePost', { postId: post.id });
  const followed = await done(ada, 'followUser', { userId: ben.id });
  const seenBy = async (by: Account, activity: string) => {
    const query = `query ($ben: ID!, $ada: ID!) { friendsFeed { edges { node { id } } } friendsFeedSettings { part isShown }
      ben: user(id: $ben) { viewerHidesShares followerCount feed { edges { node { id } } } }
      ada: user(id: $ada) { viewerHidesShares followingCount } notifications { edges { node { id } } } }`;
    const headers = { 'x-read-after': activity };
    return (await ask({ query, variables: { ben: ben.id, ada: ada.id } }, by.token, headers)).text;
  };
  const [before, mine] = [await seenBy(ben, followed), await seenBy(ada, followed)];
  const hidden = await done(ada, 'hideShares', { userId: ben.id });
  const chosen = await act(ask, ada, 'setFriendsFeed', 'SetFriendsFeedInput', {
    ...{ part: 'REPLIES_TO_OTHERS', isShown: true },
  });
  const last = activityOf(chosen, 'setFriendsFeed');
  expect(await seenBy(ada, last)).not.toBe(mine);
  expect(await seenBy(ben, last)).toBe(before);
  const byId = (id: string) =>
    ask({ query: 'query ($id: ID!) { activity(id: $id) { verb } }', variables: { id } }, ben.token);
  for (const activity of [hidden, last]) expect((await byId(activity)).text).toBe((await byId(newId())).text);
  expect((await ask({ query: '{ friendsFeedSettings { part } }' })).code).toBe('UNAUTHENTICATED');
  // Nobody learns of a user whom a block hides by hiding their shares.
  await done(ben, 'blockUser', { userId: ada.id });
  await expectRefused(ada, [['hideShares', 'UserInput', (userId) => ({ userId })]], ben.id);
});

test('rows 12, 16 and 17 a list of accounts is as absent for others as one that never was', async () => {
  const [ada, ben, cyd] = await people(3);
  const created = await ask(
    { query: 'mutation { createList(input: { name: "Hers" }) { activity { id } list { id } } }' },
    ada.token,
  );
  const { list } = (created.data as { createList: { list: { id: string } } }).createList;
  await publish(ask, ben, 'read by Ada');
  const member = { listId: list.id, userId: ben.id };
  const added = activityOf(await act(ask, ada, 'addToList', 'ListMemberInput', member), 'addToList');
  const readBy = async (by: Account, id: string, more = '', after = added) => {
    const query = `query ($id: ID!) { list(id: $id) { id name members { edges { cursor node { id } } } feed${more} { edges { cursor node { post { body } } } } } }`;
    return ask({ query, variables: { id } }, by.token, { 'x-read-after': after });
  };
  const own = await readBy(ada, list.id);
  expect(own.text).toContain('read by Ada');
  expect((await readBy(cyd, list.id)).text).toBe((await readBy(cyd, newId())).text);
  await expectRefused(
    cyd,
    [
      ['renameList', 'RenameListInput', (listId) => ({ listId, name: 'Mine' })],
      ['deleteList', 'ListInput', (listId) => ({ listId })],
      ['addToList', 'ListMemberInput', (listId) => ({ listId, userId: cyd.id })],
      ['removeFromList', 'ListMemberInput', (listId) => ({ listId, userId: ben.id })],
    ],
    list.id,
  );
  expect((await readBy(ada, list.id)).text).toBe(own.text);
  // Nor does anybody learn of being in it, and cursors are of one list of one owner.
  const about =
    '{ notifications { edges { node { id } } } followRequests { edges { cursor } } lists { id } }';
  expect((await ask({ query: about }, ben.token)).data).toEqual({
    ...{ notifications: { edges: [] }, followRequests: { edges: [] }, lists: [] },
  });
  const cursor = (own.data as { list: { feed: { edges: { cursor: string }[] } } }).list.feed.edges[0]?.cursor;
  const mine = await ask(
    { query: 'mutation { createList(input: { name: "His" }) { activity { id } list { id } } }' },
    cyd.token,
  );
  const other = (mine.data as { createList: { list: { id: string } } }).createList.list.id;
  const foreign = `(after: "${cursor}")`;
  expect((await readBy(cyd, other, foreign, activityOf(mine, 'createList'))).code).toBe('BAD_USER_INPUT');
  expect((await ask({ query: '{ lists { id } }' })).code).toBe('UNAUTHENTICATED');
});

test('row 17 the feed of a list shows no protected account to others than followers, and nobody behind a block', async () => {
  const [ada, ben, cyd] = await people(3);
  const created = await ask(
    { query: 'mutation { createList(input: { name: "All" }) { list { id } } }' },
    ada.token,
  );
  const listId = (created.data as { createList: { list: { id: string } } }).createList.list.id;
  for (const { id: userId } of [ben, cyd])
    await act(ask, ada, 'addToList', 'ListMemberInput', { listId, userId });
  await publish(ask, ben, 'by Ben');
  const published = publishedIn(await publish(ask, cyd, 'by Cyd')).activity.id;
  const query = `query ($id: ID!) { list(id: $id) { members { edges { node { id } } } feed { edges { node { post { body } } } pageInfo { hasNextPage } } } }`;
  const seen = async (after: string) =>
    (await ask({ query, variables: { id: listId } }, ada.token, { 'x-read-after': after })).text;
  expect(await seen(published)).toContain('by Ben');
  const blocked = await seen(await done(ben, 'blockUser', { userId: ada.id }));
  expect(blocked).toContain('by Cyd');
  for (const hidden of ['by Ben', ben.id, '"hasNextPage":true']) expect(blocked).not.toContain(hidden);
  const protects = await act(ask, cyd, 'updateProfile', 'UpdateProfileInput', { protected: true });
  expect(await seen(activityOf(protects, 'updateProfile'))).not.toContain('by Cyd');
});
