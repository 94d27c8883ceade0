import { newId } from '@rookery/runtime';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Account } from '../support/index.ts';
import { startStory } from './story.ts';

/*
 * A search shows nothing that is hidden, deleted or never was, by results, cursors or errors (rows 11, 12, 13, 14 and 17).
 */

let ada: Account;
let ben: Account;
let cyd: Account;
const { ask, people, does, says, read } = startStory();

beforeAll(async () => {
  [ada, ben, cyd] = await people(3);
});

const word = (): string => `w${newId().slice(-12)}`;

const postsQuery = `query ($query: String!, $first: Int, $after: String) {
  searchPosts(query: $query, first: $first, after: $after) {
    edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }`;
/** A cursor is bound to the words: its position alone is comparable, which it begins with. */
const comparable = (text: string): string => text.replaceAll(/(Cursor":"[^"]{10})[^"]*/g, '$1');
const ids = async (by: Account, query: string): Promise<string[]> => {
  const { data, text } = await read(by, postsQuery, { query });
  const found = data?.searchPosts as { edges: { node: { id: string } }[] } | null | undefined;
  if (!found) throw new Error(text);
  return found.edges.map(({ node }) => node.id);
};
const names = async (by: Account, query: string): Promise<string[]> => {
  const { data, text } = await read(
    by,
    'query ($query: String!) { searchHashtags(query: $query) { name } }',
    { query },
  );
  const found = data?.searchHashtags as { name: string }[] | null | undefined;
  if (!found) throw new Error(text);
  return found.map(({ name }) => name);
};
const foundPeople = async (by: Account, query: string): Promise<string[]> => {
  const { data, text } = await read(
    by,
    'query ($query: String!) { searchUsers(query: $query) { edges { node { id } } } }',
    { query },
  );
  const found = data?.searchUsers as { edges: { node: { id: string } }[] } | null | undefined;
  if (!found) throw new Error(text);
  return found.edges.map(({ node }) => node.id);
};

describe('a search for posts', () => {
  it('finds no post that is deleted or edited away, and finds one by its new text', async () => {
    const [old, fresh] = [word(), word()];
    const [kept, gone] = [await says(ada, `the ${old}`), await says(ada, `a ${old}`)];
    expect(await ids(ben, old.toUpperCase())).toEqual([gone, kept]);
    await does(ada, 'deletePost', { postId: gone });
    await does(ada, 'editPost', { postId: kept, body: `now ${fresh}` }, 'EditPostInput');
    expect(await ids(ben, old)).toEqual([]);
    expect(await ids(ben, fresh)).toEqual([kept]);
  });

  it.each(['FOLLOWERS', 'MENTIONED'])('finds no post for %s, whoever asks', async (visibility) => {
    const [hidden, never] = [word(), word()];
    await says(ada, `${hidden} #${hidden}`, { visibility });
    await does(ben, 'followUser', { userId: ada.id });
    for (const by of [ada, ben, cyd]) {
      const [a, b] = [
        await read(by, postsQuery, { query: hidden }),
        await read(by, postsQuery, { query: never }),
      ];
      expect(comparable(a.text)).toBe(comparable(b.text));
      expect(await names(by, hidden)).toEqual([]);
    }
    await does(ben, 'unfollowUser', { userId: ada.id });
  });

  it('finds nothing by a protected account but for its followers, and by nobody behind a block or mute', async () => {
    const text = word();
    const [byAda, byBen] = [await says(ada, `${text} #${text}`), await says(ben, text)];
    expect(await ids(cyd, text)).toEqual([byBen, byAda]);
    await does(cyd, 'followUser', { userId: ada.id });
    await does(ada, 'updateProfile', { protected: true }, 'UpdateProfileInput');
    expect(await ids(cyd, text)).toEqual([byBen, byAda]);
    expect(await ids(ben, text)).toEqual([byBen]);
    expect([await names(cyd, text), await names(ben, text)]).toEqual([[text], []]);
    await does(ada, 'updateProfile', { protected: false }, 'UpdateProfileInput');
    await does(ben, 'blockUser', { userId: ada.id });
    expect([await ids(ada, text), await ids(ben, text)]).toEqual([[byAda], [byBen]]);
    expect(await names(ben, text)).toEqual([]);
    await does(ben, 'unblockUser', { userId: ada.id });
    await does(ben, 'muteUser', { userId: ada.id });
    expect(await ids(ben, text)).toEqual([byBen]);
    await does(ben, 'unmuteUser', { userId: ada.id });
    await does(cyd, 'unfollowUser', { userId: ada.id });
  });

  it('that only hidden posts answer looks byte for byte like one that nothing answers', async () => {
    const [hidden, never] = [word(), word()];
    await says(ben, hidden);
    await does(ben, 'blockUser', { userId: ada.id });
    const [a, b] = [
      await read(ada, postsQuery, { query: hidden }),
      await read(ada, postsQuery, { query: never }),
    ];
    expect(comparable(a.text)).toBe(comparable(b.text));
    await does(ben, 'unblockUser', { userId: ada.id });
  });

  it('accepts cursors of the same words alone, in any spelling', async () => {
    const [one, other] = [word(), word()];
    for (let i = 0; i < 2; i++) await says(ada, `${one} ${other}`);
    const first = await read(ben, postsQuery, { query: one, first: 1 });
    const after = (first.data?.searchPosts as { edges: { cursor: string }[] } | undefined)?.edges[0]?.cursor;
    const next = await read(ben, postsQuery, { query: one.toUpperCase(), first: 5, after });
    expect((next.data?.searchPosts as { edges: object[] } | undefined)?.edges).toHaveLength(1);
    for (const query of [other, `${one} ${other}`])
      expect((await read(ben, postsQuery, { query, after })).code).toBe('BAD_USER_INPUT');
    expect((await read(ben, postsQuery, { query: one, after: `${after}x` })).code).toBe('BAD_USER_INPUT');
  });

  it.each([
    '',
    ' ',
    '#',
    '.,!',
    '\u202e',
    '\ud800',
    'x'.repeat(201),
    Array.from({ length: 25 }, (_, i) => `w${i}`).join(' '),
  ])('for %j is refused', async (query) => {
    const { code, text } = await read(ada, postsQuery, { query });
    expect(code).toBe('BAD_USER_INPUT');
    expect(text).not.toMatch(/select|mongo|postgres/i);
  });

  it.each([
    '{"$ne":1}',
    "x'; drop table documents.posts; --",
    'a\0b',
    '__proto__ constructor',
    '\u0301'.repeat(200),
    '%_*',
  ])('for %j finds nothing, or the text itself', async (query) => {
    const { errors } = await read(ada, postsQuery, { query });
    expect(errors.map(({ extensions }) => extensions?.code)).not.toContain('INTERNAL_SERVER_ERROR');
  });

  it('needs a session, and the size of a page within its bounds', async () => {
    for (const query of [
      '{ searchPosts(query: "a") { edges { cursor } } }',
      '{ searchUsers(query: "a") { edges { cursor } } }',
      '{ searchHashtags(query: "a") { name } }',
    ])
      expect((await ask({ query })).code).toBe('UNAUTHENTICATED');
    for (const first of [0, -1, 101]) {
      expect((await read(ada, postsQuery, { query: 'a', first })).code).toBe('BAD_USER_INPUT');
      const hashtags = `{ searchHashtags(query: "a", first: ${first}) { name } }`;
      expect((await read(ada, hashtags)).code).toBe('BAD_USER_INPUT');
    }
  });
});

describe('a search for people', () => {
  it('finds them by the beginning of name or handle, the new name only, and nobody behind a block', async () => {
    const [old, fresh] = [word(), word()];
    await does(cyd, 'updateProfile', { name: `Cyd ${old}` }, 'UpdateProfileInput');
    expect(await foundPeople(ben, old.slice(0, 10))).toEqual([cyd.id]);
    await does(cyd, 'updateProfile', { name: `Cyd ${fresh}` }, 'UpdateProfileInput');
    expect([await foundPeople(ben, old), await foundPeople(ben, `CYD ${fresh}`)]).toEqual([[], [cyd.id]]);
    expect(await foundPeople(ben, `@${cyd.handle}`)).toEqual([cyd.id]);
    await does(ben, 'muteUser', { userId: cyd.id });
    expect(await foundPeople(ben, fresh)).toEqual([cyd.id]);
    await does(ben, 'unmuteUser', { userId: cyd.id });
    await does(cyd, 'blockUser', { userId: ben.id });
    for (const [by, whom] of [
      [ben, fresh],
      [cyd, ben.handle],
    ] as const)
      expect(await foundPeople(by, whom)).toEqual([]);
    expect(await foundPeople(ada, fresh)).toEqual([cyd.id]);
    await does(cyd, 'unblockUser', { userId: ben.id });
  });
});
