import { newId } from '@rookery/runtime';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Answer } from '../support/clients/raw-client.ts';
import { eventuallyPasses } from '../support/eventually-passes.ts';
import { type Account, sharedSystem } from '../support/index.ts';
import { ops } from '../support/ops.ts';
import { startStopwatch } from '../support/stopwatch.ts';
import { logIn, tokenIn } from '../support/systems/moderator.ts';
import { act } from './act.ts';
import { commandsOnPost, startStory } from './story.ts';

/*
 * Row 17 for moderation: Mod, a moderator, hides a post of Ada's and suspends Ben, and takes both back. Only Ada sees her post, and nobody
 * sees Ben. Nobody else can moderate, or read who has done it and why.
 */

let mod: Account;
let ada: Account;
let ben: Account;
let cyd: Account;
const { ask, people, moderator, connect, does, moderates, says, read, expectRefused, never } = startStory();

/** Returns the exit code of a command of operators. */
const operate = async (...argv: string[]): Promise<number> =>
  (await ops((await sharedSystem()).env, ...argv)).code;

beforeAll(async () => {
  mod = await moderator();
  [ada, ben, cyd] = await people(3);
});

const postQuery = 'query ($id: ID!) { post(id: $id) { body author { handle } likeCount hiddenByModerator } }';
/** Everything that leads to a post or its author. */
const paths = `query ($post: ID!, $user: ID!, $word: String!, $parent: ID!) {
  post(id: $post) { body }
  node(id: $post) { __typename }
  user(id: $user) { handle followerCount }
  hashtag(name: $word) { posts { edges { node { id } } } }
  searchPosts(query: $word) { edges { node { id } } }
  searchHashtags(query: $word) { name }
  parent: post(id: $parent) {
    replyCount
    replies { edges { node { id } } }
    likers { edges { node { id } } }
    mentions { user { id } }
  }
  friendsFeed { edges { node { post { id } actor { id } } } }
  bookmarks { edges { node { id } } }
  notifications { unreadCount edges { node { kind actors { id } reply { id } } } }
}`;

/** Bookmarks and notifications aside: a command that was refused at last may have been accepted before (see expectRefused). */
const expectSame = ({ data: after }: Answer, { data: before }: Answer): void => {
  for (const path of ['post', 'node', 'user', 'hashtag', 'searchPosts', 'searchHashtags', 'parent'])
    expect(after?.[path], path).toEqual(before?.[path]);
};

describe('a post that a moderator hides', () => {
  it('is deleted for everybody but its author, on every path, and comes back as it was', async () => {
    const word = `w${newId().slice(-12)}`;
    const parent = await says(cyd, 'parent');
    const post = await says(ada, `#${word} answer`, { inReplyTo: parent });
    await does(cyd, 'followUser', { userId: ada.id });
    for (const field of ['likePost', 'bookmarkPost']) await does(cyd, field, { postId: post });
    const variables = { post, user: ada.id, word, parent };
    const before = await read(cyd, paths, variables);
    expect(JSON.stringify(before.data)).toContain(post);
    await moderates(mod, 'hidePost', { postId: post });

    for (const by of [cyd, ben, mod, undefined])
      expect((await read(by, postQuery, { id: post })).text).toBe(
        (await read(by, postQuery, { id: never })).text,
      );
    const hidden = await read(cyd, paths, variables);
    expect(JSON.stringify(hidden.data)).not.toContain(post);
    expect(hidden.data).toMatchObject({ parent: { replyCount: 0 }, searchHashtags: [] });
    expect((await read(ada, postQuery, { id: post })).data).toMatchObject({
      post: { hiddenByModerator: true },
    });
    await expectRefused(cyd, commandsOnPost, post);

    await moderates(mod, 'unhidePost', { postId: post });
    expectSame(await read(cyd, paths, variables), before);
    await does(cyd, 'unfollowUser', { userId: ada.id });
  });

  it('leaves open streams, as a deleted one', async () => {
    const post = await says(ada, 'watched');
    await does(cyd, 'followUser', { userId: ada.id });
    const { data } = await read(cyd, '{ friendsFeed { pageInfo { endCursor } edges { cursor } } }');
    const feed = data?.friendsFeed as { edges: { cursor: string }[] } | undefined;
    const socket = await connect(cyd);
    const subscribe = (id: string, query: string, variables: object) =>
      socket.send({ id, type: 'subscribe', payload: { query, variables } });
    subscribe('post', 'subscription ($id: ID!) { post(id: $id) { likeCount } }', { id: post });
    subscribe('feed', 'subscription ($after: String) { friendsFeedEvents(after: $after) { kind postId } }', {
      after: feed?.edges[0]?.cursor,
    });
    // A like before the stream has begun is no news.
    let isLive = false;
    const begun = socket
      .next((message) => message.id === 'post' && message.type === 'next')
      .then(() => {
        isLive = true;
      });
    while (!isLive) for (const field of ['likePost', 'unlikePost']) await does(ben, field, { postId: post });
    await begun;
    await moderates(mod, 'hidePost', { postId: post });
    await socket.next((message) => message.id === 'post' && message.type === 'complete');
    await socket.next((message) => JSON.stringify(message).includes(`"REMOVED","postId":"${post}"`));
    await does(cyd, 'unfollowUser', { userId: ada.id });
    socket.socket.terminate();
  });
});

describe('a suspended account', () => {
  it('is absent with everything that it has done, cannot sign in or write, and comes back as it was', async () => {
    const word = `w${newId().slice(-12)}`;
    const parent = await says(cyd, `hello @${ben.handle}`);
    const post = await says(ben, `#${word}`, { inReplyTo: parent });
    for (const [by, other] of [
      [cyd, ben],
      [ben, cyd],
    ] as const)
      await does(by, 'followUser', { userId: other.id });
    await does(ben, 'likePost', { postId: parent });
    await does(cyd, 'bookmarkPost', { postId: post });
    const variables = { post, user: ben.id, word, parent };
    const before = await read(cyd, paths, variables);
    expect(JSON.stringify(before.data)).toContain(ben.id);
    const live = await connect(ben);
    const feed = await connect(cyd);
    const start = await read(cyd, '{ friendsFeed { pageInfo { startCursor } } }');
    const page = start.data?.friendsFeed as { pageInfo: { startCursor: string } } | undefined;
    feed.send({
      ...{ id: 'feed', type: 'subscribe' },
      payload: {
        query: 'subscription ($after: String) { friendsFeedEvents(after: $after) { kind } }',
        variables: { after: page?.pageInfo.startCursor },
      },
    });
    await says(ben, 'a last word');
    await feed.next((message) => JSON.stringify(message).includes('"ADDED"'));

    await moderates(mod, 'suspendUser', { userId: ben.id });
    const elapsed = startStopwatch();
    await feed.next((message) => JSON.stringify(message).includes('"RELOAD"'));
    expect(elapsed()).toBeLessThan(2_000);
    expect(await live.closed).toBe(4441);
    const hidden = JSON.stringify((await read(cyd, paths, variables)).data);
    for (const trace of [ben.id, ben.handle, post]) expect(hidden).not.toContain(trace);
    const query = 'query ($id: ID!) { user(id: $id) { handle } }';
    expect((await read(cyd, query, { id: ben.id })).text).toBe((await read(cyd, query, { id: never })).text);
    await expectRefused(cyd, commandsOnPost, post);
    const byId = (userId: string) => ({ userId });
    await expectRefused(cyd, [['followUser', 'UserInput', byId]], ben.id);
    expect((await act(ask, ben, 'likePost', 'PostInput', { postId: parent })).code).toBe('UNAUTHENTICATED');
    expect((await logIn(ask, ben)).code).toBe('FORBIDDEN');

    await moderates(mod, 'unsuspendUser', { userId: ben.id });
    const { data } = await logIn(ask, ben);
    ben = { ...ben, token: (data?.logIn as { token: string } | undefined)?.token ?? '' };
    expectSame(await read(cyd, paths, variables), before);
  });
});

describe('the rights of moderators', () => {
  const commands = [
    ['hidePost', 'ModeratePostInput', (id: string) => ({ postId: id, reason: 'x' })],
    ['unhidePost', 'ModeratePostInput', (id: string) => ({ postId: id, reason: 'x' })],
    ['suspendUser', 'ModerateUserInput', (id: string) => ({ userId: id, reason: 'x' })],
    ['unsuspendUser', 'ModerateUserInput', (id: string) => ({ userId: id, reason: 'x' })],
  ] as const;

  it.each(commands)(
    '%s is for moderators alone, whether or not its object is there',
    async (field, type, input) => {
      const post = await says(ada, 'mine');
      const answers = await Promise.all(
        [field.endsWith('Post') ? post : cyd.id, newId()].map((id) => act(ask, ada, field, type, input(id))),
      );
      for (const { data, text } of answers) {
        expect(data?.[field] ?? null).toBeNull();
        expect(text).toBe(answers[0]?.text);
      }
      expect((await read(cyd, postQuery, { id: post })).data).toMatchObject({ post: { body: 'mine' } });
    },
  );

  it('need an object that is there, a reason, and somebody else', async () => {
    for (const [field, type, input] of commands) {
      // A store that does not answer in time makes the command accepted.
      await eventuallyPasses(async () =>
        expect((await act(ask, mod, field, type, input(newId()))).code, field).toBe('NOT_FOUND'),
      );
      for (const reason of ['', ' ', 'x'.repeat(1_001)])
        expect((await act(ask, mod, field, type, { ...input(ada.id), reason })).code).toBe('BAD_USER_INPUT');
    }
    const self = { userId: mod.id, reason: 'x' };
    expect((await act(ask, mod, 'suspendUser', 'ModerateUserInput', self)).code).toBe('BAD_USER_INPUT');
  });

  it('show who has done what, when and why, to moderators alone', async () => {
    const postId = await says(ada, 'logged');
    await moderates(mod, 'hidePost', { postId, reason: 'Off topic.' });
    await moderates(mod, 'unhidePost', { postId, reason: 'On topic.' });
    const query = `query ($about: ID) { moderationLog(about: $about, first: 5) {
      edges { node { verb about reason moderator { id } } } } }`;
    const entry = (verb: string, reason: string) => ({
      node: { verb, reason, about: postId, moderator: { id: mod.id } },
    });
    expect((await read(mod, query, { about: postId })).data).toEqual({
      moderationLog: { edges: [entry('UNHIDE', 'On topic.'), entry('HIDE', 'Off topic.')] },
    });
    for (const by of [ada, undefined]) {
      const { text, data } = await read(by, query, { about: postId });
      expect(data?.moderationLog ?? null).toBeNull();
      expect(text).not.toContain('topic');
    }
  });

  it('end with the scope, at once', async () => {
    expect(await operate('grant', cyd.handle, 'moderate')).toBe(0);
    const token = tokenIn(await logIn(ask, cyd));
    const log = { query: '{ moderationLog(first: 1) { edges { cursor } } }' };
    expect((await ask(log, token)).data?.moderationLog).toBeTruthy();
    expect(await operate('withdraw', cyd.id, 'moderate')).toBe(0);
    await expect.poll(async () => (await ask(log, token)).status, { timeout: 10_000 }).toBe(401);
    expect(await operate('grant', cyd.handle, 'everything')).toBe(2);
    expect(await operate('grant', 'nobody_at_all', 'moderate')).toBe(1);
  });
});
