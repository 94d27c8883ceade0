import { newId } from '@rookery/runtime';
import { beforeAll, describe, expect, it } from 'vitest';
import { eventuallyPasses } from '../support/eventually-passes.ts';
import type { Account } from '../support/index.ts';
import { startStopwatch } from '../support/stopwatch.ts';
import { act } from './act.ts';
import { startStory } from './story.ts';

/*
 * Mutes of threads and words keep away what comes to the viewer unasked, show to nobody else, and hide nothing that is asked for.
 */

let ada: Account;
let ben: Account;
let eve: Account;
const { ask, people, connect, does, says, read } = startStory();

const mutesWord = (by: Account, field: 'muteWord' | 'unmuteWord', word: string) =>
  does(by, field, { word }, 'MutedWordInput');
const feedOf = async (by: Account): Promise<string> =>
  (await read(by, '{ friendsFeed { edges { node { post { id } } } newCount } }')).text;
const notificationsOf = async (by: Account): Promise<string> =>
  (
    await read(
      by,
      '{ notifications(list: OTHERS) { edges { node { kind post { id } reply { id } } } unreadCount } }',
    )
  ).text;

beforeAll(async () => {
  [ada, ben, eve] = await people(3);
  await does(ada, 'followUser', { userId: ben.id });
});

describe('a muted thread', () => {
  it('leaves the friends feed and the notifications of whoever mutes it, in any depth', async () => {
    const first = await says(ada, 'first');
    const reply = await says(ben, 'reply', { inReplyTo: first });
    const below = await says(eve, 'below', { inReplyTo: reply });
    await does(eve, 'likePost', { postId: first });
    expect(await feedOf(ada)).toContain(reply);
    expect(await notificationsOf(ada)).toContain(first);
    // By any post of the thread.
    await does(ada, 'muteThread', { postId: below });
    const deep = await says(ben, 'deep', { inReplyTo: below });
    await does(ben, 'sharePost', { postId: first });
    expect(await feedOf(ada)).not.toMatch(new RegExp(`${first}|${reply}|${deep}`));
    expect(await notificationsOf(ada)).not.toContain(first);
    const state = 'query ($id: ID!) { post(id: $id) { viewerMutesThread replyCount } }';
    for (const id of [first, below])
      expect((await read(ada, state, { id })).data?.post).toMatchObject({ viewerMutesThread: true });
    for (const by of [ben, undefined])
      expect((await read(by, state, { id: first })).data?.post).toEqual({
        viewerMutesThread: false,
        replyCount: 1,
      });
    const thread = 'query ($id: ID!) { post(id: $id) { replies { edges { node { id } } } } }';
    expect((await read(ada, thread, { id: first })).text).toContain(reply);
    await does(ada, 'unmuteThread', { postId: first });
    expect(await feedOf(ada)).toContain(reply);
    expect(await notificationsOf(ada)).toContain(first);
  });
});

describe('a muted word', () => {
  it('keeps posts out of the feed, notifications, hashtags and replies, and leaves profiles', async () => {
    const word = `w${newId().slice(-12)}`;
    const post = await says(ben, `All about #${word.toUpperCase()}!`);
    const own = await says(ada, `My own ${word}`);
    const reply = await says(eve, `A reply about ${word}`, { inReplyTo: own });
    const tagged = async (by: Account) =>
      (
        await read(
          by,
          'query ($name: String!) { hashtag(name: $name) { posts { edges { node { id } } } } }',
          {
            name: word,
          },
        )
      ).text;
    const replies = async (by: Account) =>
      (
        await read(by, 'query ($id: ID!) { post(id: $id) { replies { edges { node { id } } } } }', {
          id: own,
        })
      ).text;
    await mutesWord(ada, 'muteWord', ` ${word} `);
    expect(await feedOf(ada)).not.toContain(post);
    expect(await tagged(ada)).not.toContain(post);
    expect(await replies(ada)).not.toContain(reply);
    expect(await notificationsOf(ada)).not.toContain(reply);
    // Nobody else is concerned, and posts that are asked for stay.
    expect(await tagged(eve)).toContain(post);
    expect(await replies(eve)).toContain(reply);
    const asked = `query ($ben: ID!, $post: ID!) { user(id: $ben) { feed { edges { node { id } } } } post(id: $post) { id } }`;
    expect((await read(ada, asked, { ben: ben.id, post })).text.split(post)).toHaveLength(3);
    expect((await read(ada, '{ mutedWords { word until } }')).data).toEqual({
      mutedWords: [{ word, until: null }],
    });
    for (const by of [ben, eve])
      expect((await read(by, '{ mutedWords { word } }')).data).toEqual({ mutedWords: [] });
    expect((await read(undefined, '{ mutedWords { word } }')).code).toBe('UNAUTHENTICATED');
    await mutesWord(ada, 'unmuteWord', word.toUpperCase());
    expect(await feedOf(ada)).toContain(post);
    expect(await notificationsOf(ada)).toContain(reply);
  });

  it('ends by itself, and leaves an open feed within 2 s', async () => {
    const word = `w${newId().slice(-12)}`;
    const watching = await connect(ada);
    const query = 'subscription { friendsFeedEvents { kind item { post { body } } } }';
    watching.send({ id: 'feed', type: 'subscribe', payload: { query } });
    const tells = (part: string) =>
      watching.next(({ type, payload }) => type === 'next' && JSON.stringify(payload).includes(part));
    const open = tells('ADDED');
    let isOpen = false;
    void open.then(() => {
      isOpen = true;
    });
    while (!isOpen) await says(ben, 'hello');
    const reload = tells('RELOAD');
    const elapsedMs = startStopwatch();
    await mutesWord(ada, 'muteWord', word);
    await reload;
    expect(elapsedMs()).toBeLessThan(2_000);
    const next = tells('heard');
    const post = await says(ben, `never ${word}, heard`);
    await says(ben, 'something else is heard');
    expect(JSON.stringify(await next)).not.toContain(word);
    watching.socket.terminate();

    const until = new Date(Date.now() + 1_000).toISOString();
    const ends = `mutation ($input: MutedWordInput!, $until: DateTime) { muteWord(input: $input, until: $until) { activity { id } } }`;
    expect((await ask({ query: ends, variables: { input: { word }, until } }, ada.token)).errors).toEqual([]);
    await eventuallyPasses(async () => expect(await feedOf(ada)).toContain(post));
    expect((await read(ada, '{ mutedWords { word } }')).text).not.toContain(word);
  });

  it.each(['', ' ', '\u200b', 'x'.repeat(101), '\ud800', 'a\0'])('is not %j', async (word) => {
    const answer = await act(ask, ada, 'muteWord', 'MutedWordInput', { word });
    expect(answer.code).toBe('BAD_USER_INPUT');
  });
});
