import { newId } from '@rookery/runtime';
import { beforeAll, describe, expect, it } from 'vitest';
import { eventuallyPasses } from '../support/eventually-passes.ts';
import type { Account } from '../support/index.ts';
import { startStopwatch } from '../support/stopwatch.ts';
import { act } from './act.ts';
import { publish } from './publish.ts';
import { startStory } from './story.ts';

/*
 * Rows 12 and 17 for quotes: nobody quotes without consent, and a quote shows nothing that is hidden, deleted or revoked.
 */

let ada: Account;
let fan: Account;
let eve: Account;
const { ask, people, connect, does, says, read } = startStory();

const quoteOf = (by: Account | undefined, id: string) =>
  read(by, 'query ($id: ID!) { post(id: $id) { body quotedPost { id body author { handle } } } }', { id });
const expectQuote = async (by: Account | undefined, id: string, quoted: string | null): Promise<void> => {
  const { data } = await quoteOf(by, id);
  expect(data?.post).toMatchObject({ quotedPost: quoted === null ? null : { id: quoted } });
};
/** Quotes a post once the documents that say who may are there. */
const quotes = async (by: Account, quoted: string, more: object = {}): Promise<string> => {
  let id = '';
  await eventuallyPasses(async () => {
    id = await says(by, 'look at this', { quotedPostId: quoted, ...more });
    await expectQuote(by, id, quoted);
  });
  return id;
};
const expectRefused = (by: Account, quoted: string, code: string) =>
  eventuallyPasses(async () => {
    const answer = await publish(ask, by, 'x', { quotedPostId: quoted });
    expect(answer.code).toBe(code);
  });
const around = async (by: Account | undefined, id: string) => {
  const query = `query ($id: ID!) { post(id: $id) {
    quotes { edges { node { id } } pageInfo { hasNextPage hasPreviousPage } } } }`;
  return (await read(by, query, { id })).text;
};

beforeAll(async () => {
  [ada, fan, eve] = await people(3);
  await does(fan, 'followUser', { userId: ada.id });
});

describe('who may quote', () => {
  it('is whom the author lets, of posts that everybody may see', async () => {
    const may = async (by: Account | undefined, id: string) =>
      (await read(by, 'query ($id: ID!) { post(id: $id) { viewerCanQuote } }', { id })).data?.post;
    const nobody = await says(ada, 'nobody', { quotePolicy: 'NOBODY' });
    const followers = await says(ada, 'followers', { quotePolicy: 'FOLLOWERS' });
    const narrow = await says(ada, 'narrow', { visibility: 'FOLLOWERS' });
    for (const [by, id, code] of [
      [fan, nobody, 'FORBIDDEN'],
      [eve, followers, 'FORBIDDEN'],
      [fan, narrow, 'FORBIDDEN'],
      [eve, narrow, 'NOT_FOUND'],
      [eve, newId(), 'NOT_FOUND'],
    ] as const) {
      await expectRefused(by, id, code);
      if (code === 'FORBIDDEN') expect(await may(by, id)).toEqual({ viewerCanQuote: false });
    }
    expect(await may(undefined, followers)).toEqual({ viewerCanQuote: false });
    for (const [by, id] of [
      [ada, nobody],
      [fan, followers],
    ] as const) {
      expect(await may(by, id)).toEqual({ viewerCanQuote: true });
      await quotes(by, id);
    }
    await does(ada, 'setPostPolicy', { postId: followers, quotePolicy: 'EVERYONE' }, 'SetPostPolicyInput');
    await quotes(eve, followers);
  });

  it('is not told of a hidden post: it is refused like one that never was', async () => {
    const post = await says(ada, 'post', { quotePolicy: 'NOBODY' });
    await does(ada, 'blockUser', { userId: eve.id });
    await eventuallyPasses(async () => {
      const [a, b] = [
        await publish(ask, eve, 'x', { quotedPostId: post }),
        await publish(ask, eve, 'x', { quotedPostId: newId() }),
      ];
      expect(a.code).toBe('NOT_FOUND');
      expect(a.text).toBe(b.text);
    });
    await does(ada, 'unblockUser', { userId: eve.id });
  });
});

describe('a quote', () => {
  it('shows the quoted post to whoever may see it, and looks otherwise like a post without one', async () => {
    const post = await says(ada, 'quoted');
    const quote = await quotes(fan, post);
    const without = await says(fan, 'look at this');
    const expectHidden = async (by: Account | undefined) =>
      expect((await quoteOf(by, quote)).text).toBe((await quoteOf(by, without)).text);
    for (const by of [ada, eve, undefined]) await expectQuote(by, quote, post);
    await does(ada, 'blockUser', { userId: eve.id });
    await expectHidden(eve);
    await expectQuote(undefined, quote, post);
    await does(ada, 'unblockUser', { userId: eve.id });
    await does(ada, 'updateProfile', { protected: true }, 'UpdateProfileInput');
    // If the documents did not answer in time, the follow was accepted without a check.
    await does(ada, 'approveFollow', { userId: fan.id });
    await expectHidden(eve);
    await expectQuote(fan, quote, post);
    await does(ada, 'updateProfile', { protected: false }, 'UpdateProfileInput');
    await does(ada, 'deletePost', { postId: post });
    for (const by of [ada, fan, eve, undefined]) await expectHidden(by);
  });

  it('is gone for everybody while one of the two authors blocks the other', async () => {
    const [post, empty] = [await says(ada, 'quoted'), await says(ada, 'empty')];
    const quote = await quotes(eve, post);
    expect(await around(undefined, post)).toContain(quote);
    for (const [by, other] of [
      [ada, eve],
      [eve, ada],
    ] as const) {
      await does(by, 'blockUser', { userId: other.id });
      await expectQuote(undefined, quote, null);
      expect(await around(fan, post)).toBe(await around(fan, empty));
      await does(by, 'unblockUser', { userId: other.id });
    }
    await expectQuote(undefined, quote, post);
  });

  it('is revoked by the author of the quoted post alone, for good, also on an open connection', async () => {
    const post = await says(ada, 'quoted');
    const quote = await quotes(eve, post);
    const count = 'query ($id: ID!) { post(id: $id) { quoteCount quotes { edges { node { id } } } } }';
    expect((await read(fan, count, { id: post })).data).toEqual({
      post: { quoteCount: 1, quotes: { edges: [{ node: { id: quote } }] } },
    });
    for (const [by, id] of [
      [eve, quote],
      [fan, quote],
      [ada, post],
    ] as const)
      await eventuallyPasses(async () => {
        expect((await act(ask, by, 'revokeQuote', 'PostInput', { postId: id })).code).toBe('FORBIDDEN');
      });
    const watching = await connect(fan);
    const query = 'subscription ($id: ID!) { post(id: $id) { likeCount quotedPost { id body } } }';
    watching.send({ id: 'post', type: 'subscribe', payload: { query, variables: { id: quote } } });
    const shows = (part: string) =>
      watching.next(({ type, payload }) => type === 'next' && JSON.stringify(payload).includes(part));
    let isOpen = false;
    void shows(post).then(() => {
      isOpen = true;
    });
    for (let i = 0; !isOpen; i++) await does(eve, i % 2 === 0 ? 'likePost' : 'unlikePost', { postId: quote });
    const changes = [
      ['another text', 'editPost', { postId: post, body: 'another text' }, 'EditPostInput'],
      ['"quotedPost":null', 'revokeQuote', { postId: quote }, 'PostInput'],
    ] as const;
    for (const [part, field, input, type] of changes) {
      const shown = shows(part);
      const elapsedMs = startStopwatch();
      await does(ada, field, input, type);
      await shown;
      expect(elapsedMs()).toBeLessThan(2_000);
    }
    watching.socket.terminate();
    for (const by of [ada, eve, undefined]) await expectQuote(by, quote, null);
    expect((await read(fan, count, { id: post })).data).toEqual({
      post: { quoteCount: 0, quotes: { edges: [] } },
    });
  });

  it('notifies the author of the quoted post, and not once it is revoked, deleted or hidden', async () => {
    const query = `{ notifications(list: OTHERS) { edges { node { kind post { id } quote { id } } } } }`;
    const kindsOf = async (post: string) => {
      const { data } = await read(ada, query);
      type Group = { node: { kind: string; post: { id: string } | null; quote: { id: string } | null } };
      const found = data?.notifications as { edges: Group[] } | undefined;
      return found?.edges.flatMap(({ node }) =>
        node.post?.id === post ? [[node.kind, node.quote?.id]] : [],
      );
    };
    const post = await says(ada, 'quoted');
    const quote = await quotes(eve, post);
    expect(await kindsOf(post)).toEqual([['QUOTE', quote]]);
    await does(ada, 'revokeQuote', { postId: quote });
    expect(await kindsOf(post)).toEqual([]);
    const again = await quotes(eve, post);
    expect(await kindsOf(post)).toEqual([['QUOTE', again]]);
    await does(ada, 'muteUser', { userId: eve.id });
    expect(await kindsOf(post)).toEqual([]);
    await does(ada, 'unmuteUser', { userId: eve.id });
    await does(eve, 'deletePost', { postId: again });
    expect(await kindsOf(post)).toEqual([]);
  });
});
