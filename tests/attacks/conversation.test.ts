import { newId } from '@rookery/runtime';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Answer } from '../support/clients/raw-client.ts';
import { eventuallyPasses } from '../support/eventually-passes.ts';
import type { Account } from '../support/index.ts';
import { act } from './act.ts';
import { startStory } from './story.ts';

/*
 * Mentions, hashtags, threads, former texts and pins show nothing that is hidden, deleted or never was (rows 12, 13 and 17).
 */

let ada: Account;
let ben: Account;
let cyd: Account;
const { ask, people, does, says, read } = startStory();

/** Says it again until the mentions are found: if the documents do not answer in time, a text mentions nobody. */
const saysTo = async (by: Account, body: string, count: number): Promise<string> => {
  let id = '';
  await eventuallyPasses(async () => {
    id = await says(by, body);
    expect(await mentioned(undefined, id)).toEqual({ mentions: Array(count).fill(expect.anything()) });
  });
  return id;
};

const tagged = async (by: Account | undefined, name: string): Promise<string[]> => {
  const query = 'query ($name: String!) { hashtag(name: $name) { posts { edges { node { id } } } } }';
  const { data, text } = await read(by, query, { name });
  const found = data?.hashtag as { posts: { edges: { node: { id: string } }[] } } | null | undefined;
  if (!found) throw new Error(text);
  return found.posts.edges.map(({ node }) => node.id);
};
const mentioned = async (by: Account | undefined, id: string): Promise<unknown> => {
  const query = 'query ($id: ID!) { post(id: $id) { mentions { handle user { id } } } }';
  return (await read(by, query, { id })).data?.post;
};

beforeAll(async () => {
  [ada, ben, cyd] = await people(3);
  // Mentions are looked up in the documents.
  for (const { id, token } of [ada, ben, cyd])
    await ask({ query: '{ me { id } }' }, token, { 'x-read-after': id });
});

describe('a mention', () => {
  it('of somebody behind a block looks like a handle that nobody has, to the two and to nobody else', async () => {
    await does(ben, 'blockUser', { userId: ada.id });
    const id = await saysTo(ada, `@${ben.handle} @${cyd.handle} @nobody_at_all`, 2);
    const [toBen, toCyd] = [ben, cyd].map(({ handle, id }) => ({ handle, user: { id } }));
    expect(await mentioned(ada, id)).toEqual({ mentions: [toCyd] });
    expect(await mentioned(ben, id)).toBeNull();
    for (const by of [cyd, undefined]) expect(await mentioned(by, id)).toEqual({ mentions: [toBen, toCyd] });
    const query = `mutation ($body: String!) {
      publishPost(input: { body: $body }) { post { mentions { handle } } }
    }`;
    const [hidden, never] = await Promise.all(
      [ben.handle, 'nobody_at_all'].map((handle) => read(ada, query, { body: `@${handle}` })),
    );
    expect(hidden?.data).toEqual({ publishPost: { post: { mentions: [] } } });
    expect(hidden?.text).toBe(never?.text);
    await does(ben, 'unblockUser', { userId: ada.id });
    expect(await mentioned(ada, id)).toEqual({ mentions: [toBen, toCyd] });
  });

  it('leaves with the text that had it, by an edit and by the deletion', async () => {
    const postId = await saysTo(ada, `@${ben.handle}`, 1);
    await eventuallyPasses(async () => {
      await does(ada, 'editPost', { postId, body: `@${cyd.handle}` }, 'EditPostInput');
      expect(await mentioned(cyd, postId)).toEqual({ mentions: [expect.anything()] });
    });
    expect(await mentioned(ben, postId)).toEqual({
      mentions: [{ handle: cyd.handle, user: { id: cyd.id } }],
    });
    await does(ada, 'deletePost', { postId });
    expect(await mentioned(ben, postId)).toBeNull();
  });

  it('is one of at most ten, each once, and none inside of an address', async () => {
    const nobody = Array.from({ length: 9 }, (_, i) => `@nobody_${i}`).join(' ');
    const text = `me@${ben.handle}.org @${cyd.handle} @${cyd.handle} ${nobody} @${ben.handle}`;
    const id = await saysTo(ada, text, 1);
    expect(await mentioned(ben, id)).toEqual({ mentions: [{ handle: cyd.handle, user: { id: cyd.id } }] });
  });
});

describe('a hashtag', () => {
  it('finds no post that is deleted, edited away, or hidden by a block or mute', async () => {
    const name = `tag_${newId().slice(-12)}`;
    const [first = '', second = '', third = '', fourth = ''] = [
      await says(ada, `one #${name}`),
      await says(ben, `two #${name.toUpperCase()}`),
      await says(ada, `three #${name}`),
      await says(ada, 'four'),
    ];
    expect(await tagged(cyd, `#${name}`)).toEqual([third, second, first]);
    await does(ada, 'editPost', { postId: first, body: 'one' }, 'EditPostInput');
    await does(ada, 'editPost', { postId: fourth, body: `four #${name}` }, 'EditPostInput');
    await does(ada, 'deletePost', { postId: third });
    expect(await tagged(cyd, name)).toEqual([fourth, second]);
    await does(ada, 'blockUser', { userId: ben.id });
    expect(await tagged(ben, name)).toEqual([second]);
    expect(await tagged(ada, name)).toEqual([fourth]);
    expect(await tagged(undefined, name)).toEqual([fourth, second]);
    await does(ada, 'unblockUser', { userId: ben.id });
    await does(cyd, 'muteUser', { userId: ada.id });
    expect(await tagged(cyd, name)).toEqual([second]);
    await does(cyd, 'unmuteUser', { userId: ada.id });
  });

  it('that only hidden posts have answers like one that nobody uses', async () => {
    const [hidden, never] = ['hidden', 'never'].map((name) => `${name}_${newId().slice(-12)}`);
    const postId = await says(ben, `#${hidden}`);
    await does(ben, 'blockUser', { userId: ada.id });
    const query = `query ($name: String!) { hashtag(name: $name) { name posts {
      edges { cursor } pageInfo { hasNextPage hasPreviousPage } } } }`;
    const answers = await Promise.all([hidden, never].map((name) => read(ada, query, { name })));
    const [a, b] = answers.map(({ text }, i) => text.replace([hidden, never][i] ?? '', 'NAME'));
    expect(a).toBe(b);
    await does(ben, 'unblockUser', { userId: ada.id });
    await does(ben, 'deletePost', { postId });
    expect((await read(ada, query, { name: hidden })).text.replace(hidden ?? '', 'NAME')).toBe(b);
  });

  it('accepts the cursors of its own pages alone', async () => {
    const names = ['one', 'other'].map((name) => `${name}_${newId().slice(-12)}`);
    for (const body of [`#${names[0]} #${names[1]}`, `#${names[0]} #${names[1]}`]) await says(ada, body);
    const query = `query ($name: String!, $after: String) {
      hashtag(name: $name) { posts(first: 1, after: $after) { edges { cursor } pageInfo { hasNextPage } } } }`;
    const first = await read(ben, query, { name: names[0] });
    const page = first.data?.hashtag as { posts: { edges: { cursor: string }[] } } | undefined;
    const after = page?.posts.edges[0]?.cursor;
    expect((await read(undefined, query, { name: names[0], after })).data).toEqual({
      hashtag: { posts: { edges: [{ cursor: expect.any(String) }], pageInfo: { hasNextPage: false } } },
    });
    expect((await read(ben, query, { name: names[1], after })).code).toBe('BAD_USER_INPUT');
    expect((await read(ben, query, { name: names[0], after: `${after}x` })).code).toBe('BAD_USER_INPUT');
  });

  it.each([
    '',
    '#',
    '##a',
    'two words',
    '2026',
    'a\0b',
    '{"$ne":1}',
    "x'; drop table documents.posts; --",
    '\u202e',
    'x'.repeat(101),
  ])('is not %j', async (name) => {
    const query = 'query ($name: String!) { hashtag(name: $name) { name posts { edges { cursor } } } }';
    const { data, errors } = await read(ada, query, { name });
    expect([data, errors]).toEqual([{ hashtag: null }, []]);
  });

  it('is one of at most ten, in a text of hashtags', async () => {
    const name = newId().slice(-12);
    const all = Array.from({ length: 200 }, (_, i) => `t${i}_${name}`);
    const id = await says(ada, all.map((each) => `#${each}`).join(' '));
    const query = 'query ($id: ID!) { post(id: $id) { hashtags { name } } }';
    const { data } = await read(ben, query, { id });
    expect(data).toEqual({ post: { hashtags: all.slice(0, 10).map((each) => ({ name: each })) } });
    expect(await tagged(ben, all[9] ?? '')).toEqual([id]);
    expect(await tagged(ben, all[10] ?? '')).toEqual([]);
  });
});

describe('a thread', () => {
  it('leaves out the replies of somebody behind a block, and ends above at their tombstone', async () => {
    const [first, empty] = [await says(cyd, 'one'), await says(cyd, 'another')];
    const reply = await says(ben, 'two', { inReplyTo: first });
    const below = await says(cyd, 'three', { inReplyTo: reply });
    await does(ben, 'blockUser', { userId: ada.id });
    const place = '__typename ... on Post { id } ... on Tombstone { id parent { __typename } }';
    const down = `query ($id: ID!) { post(id: $id) { thread {
      edges { cursor node { ${place} } } pageInfo { hasNextPage hasPreviousPage } } } }`;
    expect((await read(ada, down, { id: first })).text).toBe((await read(ada, down, { id: empty })).text);
    expect((await read(cyd, down, { id: first })).text).toContain(reply);
    const up = `query ($id: ID!) { post(id: $id) { ancestors { ${place} } } }`;
    expect((await read(ada, up, { id: below })).data).toEqual({
      post: { ancestors: [{ __typename: 'Tombstone', id: reply, parent: null }] },
    });
    expect((await read(cyd, up, { id: below })).data).toEqual({
      post: { ancestors: [first, reply].map((id) => ({ __typename: 'Post', id })) },
    });
    await does(ben, 'unblockUser', { userId: ada.id });
  });
});

describe('the texts that a post has had', () => {
  const texts = async (by: Account | undefined, id: string, args = '') => {
    const query = `query ($id: ID!) { post(id: $id) { revisions${args} { edges { cursor node { body } } pageInfo { hasNextPage } } } }`;
    return read(by, query, { id });
  };
  const bodies = ({ data }: Answer): string[] | undefined =>
    (data?.post as { revisions: { edges: { node: { body: string } }[] } } | null)?.revisions.edges.map(
      ({ node }) => node.body,
    );

  it('show to whoever sees the post, and go with it', async () => {
    const postId = await says(ben, 'first');
    expect(bodies(await texts(undefined, postId))).toEqual(['first']);
    for (const body of ['second', 'third']) await does(ben, 'editPost', { postId, body }, 'EditPostInput');
    for (const by of [ada, undefined])
      expect(bodies(await texts(by, postId))).toEqual(['third', 'second', 'first']);
    const page = await texts(ada, postId, '(first: 1)');
    const shown = page.data?.post as { revisions: { edges: { cursor: string }[] } } | undefined;
    const [edge] = shown?.revisions.edges ?? [];
    expect(bodies(await texts(ada, postId, `(first: 1, after: "${edge?.cursor}")`))).toEqual(['second']);
    const another = await says(ben, 'another');
    expect((await texts(ada, another, `(after: "${edge?.cursor}")`)).code).toBe('BAD_USER_INPUT');

    const never = await texts(ada, newId());
    await does(ben, 'blockUser', { userId: ada.id });
    expect((await texts(ada, postId)).text).toBe(never.text);
    await does(ben, 'unblockUser', { userId: ada.id });
    await does(ben, 'deletePost', { postId });
    for (const by of [ada, ben]) expect((await texts(by, postId)).text).toBe(never.text);
  });
});

describe('the pins of a profile', () => {
  const pinned = async (by: Account | undefined): Promise<unknown> => {
    const query = 'query ($id: ID!) { user(id: $id) { pinnedPosts { id } } }';
    const { data } = await read(by, query, { id: ben.id });
    const user = data?.user as { pinnedPosts: { id: string }[] } | null | undefined;
    return user?.pinnedPosts.map(({ id }) => id) ?? null;
  };

  it('are the newest five of the posts of their author, as far as the viewer sees them', async () => {
    const own: string[] = [];
    for (const text of ['1', '2', '3', '4', '5', '6']) own.unshift(await says(ben, text));
    for (const postId of own.toReversed()) await does(ben, 'pinPost', { postId });
    expect(await pinned(ada)).toEqual(own.slice(0, 5));
    const [newest = '', second = ''] = own;
    const another = await says(ada, 'another');
    await eventuallyPasses(async () => {
      const { code } = await act(ask, ben, 'pinPost', 'PostInput', { postId: another });
      expect(code).toBe('FORBIDDEN');
    });
    await does(ben, 'unpinPost', { postId: newest });
    await does(ben, 'deletePost', { postId: second });
    for (const by of [ada, ben, undefined]) expect(await pinned(by)).toEqual(own.slice(2, 6));
    await does(ada, 'blockUser', { userId: ben.id });
    expect([await pinned(ada), await pinned(cyd)]).toEqual([[], own.slice(2, 6)]);
    await does(ada, 'unblockUser', { userId: ben.id });
  });
});
