import { newId } from '@rookery/runtime';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Account } from '../support/index.ts';
import { act } from './act.ts';
import { startStory } from './story.ts';

/*
 * Trends and the use of hashtags are made of what the viewer can see, and of people: hidden posts change nothing (row 17), and neither
 * does one account that posts all the time.
 */

let mod: Account;
let ada: Account;
let ben: Account;
let cyd: Account;
let eve: Account;
let fay: Account;
const { ask, people, moderator, does, moderates, says, read } = startStory();

beforeAll(async () => {
  mod = await moderator();
  [ada, ben, cyd, eve, fay] = await people(5);
});

const word = (): string => `t${newId().slice(-12)}`;

const usageQuery = 'query ($name: String!) { hashtag(name: $name) { usage { people uses isEstimate } } }';
const usage = async (by: Account | undefined, name: string): Promise<string> => {
  const { data, text } = await read(by, usageQuery, { name });
  const { people, uses } = (data?.hashtag as { usage?: Record<string, number> } | undefined)?.usage ?? {};
  if (people === undefined) throw new Error(text);
  return `${people} people, ${uses} posts`;
};

interface Trending {
  readonly hashtag: { readonly name: string };
  readonly usage: { readonly people: number };
}
/** Returns the number of people of a trending hashtag; undefined if it is not trending. */
const trend = async (by: Account | undefined, name: string, window = 'DAY'): Promise<number | undefined> => {
  const query = `query { trendingHashtags(window: ${window}, first: 20) { hashtag { name } usage { people } } }`;
  const { data, text } = await read(by, query);
  if (!data?.trendingHashtags) throw new Error(text);
  return (data.trendingHashtags as Trending[]).find(({ hashtag }) => hashtag.name === name)?.usage.people;
};

/** Expects a hashtag to look byte for byte like one that nobody uses, and not to trend. */
const expectUnused = async (by: Account | undefined, name: string): Promise<void> => {
  const [found, never] = [await read(by, usageQuery, { name }), await read(by, usageQuery, { name: word() })];
  expect(found.text).toBe(never.text);
  expect(await trend(by, name)).toBeUndefined();
};

describe('a hashtag', () => {
  it('trends by people, in any spelling, and not by the posts of one of them', async () => {
    const name = word();
    for (let i = 0; i < 8; i++) await says(ada, `#${name} again`);
    expect([await trend(eve, name), await usage(eve, name)]).toEqual([undefined, '1 people, 2 posts']);
    await says(ben, `#${name.toUpperCase()}`);
    await says(cyd, `＃${name} #${name}`);
    // A Cyrillic letter looks like the Latin one, and is another.
    await says(eve, `#${name}а`);
    for (const window of ['HOUR', 'DAY', 'WEEK']) expect(await trend(undefined, name, window)).toBe(3);
    expect([await usage(undefined, name), await usage(undefined, `#${name}а`)]).toEqual([
      '3 people, 4 posts',
      '1 people, 1 posts',
    ]);
  });

  it.each(['FOLLOWERS', 'MENTIONED'])(
    'of posts for %s alone looks like one that nobody uses',
    async (visibility) => {
      const name = word();
      for (const by of [ada, ben, cyd]) await says(by, `#${name} @${eve.handle}`, { visibility });
      await does(eve, 'followUser', { userId: ada.id });
      // Their authors and those who may read them learn no number either: it is the same for all.
      for (const by of [undefined, eve, ada]) await expectUnused(by, name);
      await does(eve, 'unfollowUser', { userId: ada.id });
    },
  );

  it('loses what is deleted, edited away, protected, hidden or suspended, and has it again', async () => {
    const name = word();
    const [gone, changed, hidden] = [
      await says(ada, `#${name} 1`),
      await says(ben, `#${name} 2`),
      await says(cyd, `#${name} 3`),
    ];
    await says(fay, `#${name} 4`);
    expect([await usage(mod, name), await trend(mod, name)]).toEqual(['4 people, 4 posts', 4]);
    await does(ada, 'deletePost', { postId: gone });
    await does(ben, 'editPost', { postId: changed, body: `#${word()}` }, 'EditPostInput');
    expect(await trend(mod, name)).toBe(2);
    await moderates(mod, 'hidePost', { postId: hidden });
    for (const by of [mod, cyd]) expect(await usage(by, name)).toBe('1 people, 1 posts');
    await does(fay, 'updateProfile', { protected: true }, 'UpdateProfileInput');
    for (const by of [undefined, mod, fay]) await expectUnused(by, name);
    await does(fay, 'updateProfile', { protected: false }, 'UpdateProfileInput');
    await moderates(mod, 'unhidePost', { postId: hidden });
    expect(await trend(mod, name)).toBe(2);
    await moderates(mod, 'suspendUser', { userId: fay.id });
    expect([await usage(mod, name), await trend(mod, name)]).toEqual(['1 people, 1 posts', undefined]);
    await moderates(mod, 'unsuspendUser', { userId: fay.id });
    expect(await trend(mod, name)).toBe(2);
  });

  it('of people behind a block, or muted, looks to the viewer like one that nobody uses', async () => {
    const name = word();
    for (const by of [ada, ben]) await says(by, `#${name}`);
    expect([await trend(eve, name), await trend(cyd, name)]).toEqual([2, 2]);
    await does(ada, 'blockUser', { userId: eve.id });
    expect([await usage(eve, name), await trend(eve, name)]).toEqual(['1 people, 1 posts', undefined]);
    await does(eve, 'muteUser', { userId: ben.id });
    await expectUnused(eve, name);
    expect(await trend(cyd, name)).toBe(2);
    await does(ada, 'unblockUser', { userId: eve.id });
    await does(eve, 'unmuteUser', { userId: ben.id });
    expect(await trend(eve, name)).toBe(2);
  });

  it('that a moderator bars trends for nobody, as if nobody used it, until it is allowed again', async () => {
    const [name, never] = [word(), word()];
    for (const by of [ada, ben]) await says(by, `#${name}`);
    const bar = (by: Account, field: string, text: string) =>
      act(ask, by, field, 'ModerateHashtagInput', { name: text, reason: 'Spam.' });
    for (const field of ['barHashtag', 'allowHashtag'])
      expect((await bar(ada, field, name)).text).toBe((await bar(ada, field, never)).text);
    expect((await bar(ada, 'barHashtag', name)).code).toBe('FORBIDDEN');
    for (const text of ['', '#', 'two words', '123', 'x'.repeat(1_000)])
      expect((await bar(mod, 'barHashtag', text)).code).toBe('BAD_USER_INPUT');
    expect(await trend(ada, name)).toBe(2);
    const moderatesIt = (field: string, text: string) =>
      does(mod, field, { name: text, reason: 'Spam.' }, 'ModerateHashtagInput');
    await moderatesIt('barHashtag', `＃${name.toUpperCase()}`);
    for (const by of [undefined, ada, mod])
      for (const window of ['HOUR', 'DAY', 'WEEK']) expect(await trend(by, name, window)).toBeUndefined();
    // It is a trend that is barred: those who ask for the hashtag find its posts and their number.
    expect(await usage(eve, name)).toBe('2 people, 2 posts');
    await moderatesIt('barHashtag', name);
    await moderatesIt('allowHashtag', name);
    expect(await trend(ada, name)).toBe(2);
    const log =
      'query ($about: ID!) { moderationLog(about: $about) { edges { node { verb about reason } } } }';
    const acts = ['ALLOW_HASHTAG', 'BAR_HASHTAG', 'BAR_HASHTAG'];
    expect((await read(mod, log, { about: name })).data).toEqual({
      moderationLog: { edges: acts.map((verb) => ({ node: { verb, about: name, reason: 'Spam.' } })) },
    });
    expect((await read(ada, log, { about: name })).text).toBe((await read(ada, log, { about: never })).text);
  });

  it.each([
    'first: 0',
    'first: -1',
    'first: 21',
    'first: 1000000000',
    'window: null',
    'window: YEAR',
    'window: "DAY"',
  ])('has no trends for %s', async (argument) => {
    const { errors, text } = await read(eve, `{ trendingHashtags(${argument}) { usage { uses } } }`);
    expect(errors).toHaveLength(1);
    expect(text).toMatch(/BAD_USER_INPUT|GRAPHQL_VALIDATION_FAILED/);
  });
});
