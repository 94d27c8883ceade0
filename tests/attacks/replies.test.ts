import { beforeAll, describe, expect, it } from 'vitest';
import { eventuallyPasses } from '../support/eventually-passes.ts';
import { type Account, sharedSystem } from '../support/index.ts';
import { lockTable } from '../support/servers/lock-table.ts';
import { startStopwatch } from '../support/stopwatch.ts';
import { act, activityOf } from './act.ts';
import { publish } from './publish.ts';
import { commandsOnPost, startStory } from './story.ts';

/*
 * Rows 12 and 17 for threads: whoever may not reply cannot, in no depth of the thread, and a reply that the author of the thread has
 * hidden shows to others by no page, count, cursor or notification.
 */

let ada: Account;
let fan: Account;
let eve: Account;
const { ask, people, connect, does, says, read, expectRefused } = startStory();

/** Replies are refused with this code; the documents may be late for a moment. */
const expectNoReply = (by: Account, post: string, code = 'FORBIDDEN') =>
  eventuallyPasses(async () => {
    const answer = await publish(ask, by, 'x', { inReplyTo: post });
    expect([answer.code, answer.errors[0]?.extensions?.field]).toEqual([code, 'inReplyTo']);
  });
const canReply = async (by: Account | undefined, post: string) =>
  (await read(by, 'query ($id: ID!) { post(id: $id) { viewerCanReply } }', { id: post })).data?.post;
const expectReplies = async (post: string, who: ReadonlyMap<Account, boolean>): Promise<void> => {
  for (const [by, may] of who) {
    expect(await canReply(by, post)).toEqual({ viewerCanReply: may });
    if (!may) await expectNoReply(by, post);
    else await eventuallyPasses(() => says(by, 'a reply', { inReplyTo: post }));
  }
  expect(await canReply(undefined, post)).toEqual({ viewerCanReply: false });
};

const threadOf = (by: Account | undefined, post: string) =>
  read(
    by,
    `query ($id: ID!) { post(id: $id) {
      replyCount
      replies { edges { node { body } } pageInfo { hasNextPage hasPreviousPage } }
      thread { edges { node { ... on Post { body } } } pageInfo { hasNextPage hasPreviousPage } }
    } }`,
    { id: post },
  );
const hiddenIn = async (by: Account | undefined, post: string) => {
  const query =
    'query ($id: ID!) { post(id: $id) { hiddenReplies { edges { node { id isHiddenReply } } } } }';
  const { data } = await read(by, query, { id: post });
  const found = data?.post as { hiddenReplies: { edges: { node: object }[] } } | undefined;
  return found?.hiddenReplies.edges.map(({ node }) => node);
};

beforeAll(async () => {
  [ada, fan, eve] = await people(3);
  await does(fan, 'followUser', { userId: ada.id });
});

describe('who may reply', () => {
  it('is decided by the first post, for the whole thread', async () => {
    const first = await says(ada, 'first', { replyPolicy: 'FOLLOWERS' });
    await expectReplies(
      first,
      new Map([
        [ada, true],
        [fan, true],
        [eve, false],
      ]),
    );
    const deep = await says(ada, 'deep', { inReplyTo: await says(fan, 'reply', { inReplyTo: first }) });
    await expectReplies(
      deep,
      new Map([
        [fan, true],
        [eve, false],
      ]),
    );
    const { data } = await read(eve, 'query ($id: ID!) { post(id: $id) { replyPolicy } }', { id: deep });
    expect(data).toEqual({ post: { replyPolicy: 'FOLLOWERS' } });
    await does(ada, 'deletePost', { postId: first });
    await expectReplies(deep, new Map([[eve, false]]));
  });

  it('are followers as long as they follow, people whom the author follows, or those whom the first post mentions', async () => {
    await does(ada, 'followUser', { userId: eve.id });
    const followed = await says(ada, 'for those whom I follow', { replyPolicy: 'FOLLOWED' });
    await expectReplies(
      followed,
      new Map([
        [eve, true],
        [fan, false],
      ]),
    );
    await does(ada, 'unfollowUser', { userId: eve.id });
    await expectReplies(followed, new Map([[eve, false]]));
    let mentioned = '';
    await eventuallyPasses(async () => {
      mentioned = await says(ada, `ask @${eve.handle}`, { replyPolicy: 'MENTIONED' });
      expect(await canReply(eve, mentioned)).toEqual({ viewerCanReply: true });
    });
    await expectReplies(
      mentioned,
      new Map([
        [eve, true],
        [fan, false],
      ]),
    );
  });

  it('can be changed by the author alone, and by no reply', async () => {
    const first = await says(ada, 'first', { replyPolicy: 'NOBODY' });
    await expectReplies(first, new Map([[fan, false]]));
    const set = (by: Account, postId: string) =>
      act(ask, by, 'setPostPolicy', 'SetPostPolicyInput', { postId, replyPolicy: 'EVERYONE' });
    await eventuallyPasses(async () => expect((await set(fan, first)).code).toBe('FORBIDDEN'));
    const own = await says(ada, 'more', { inReplyTo: first });
    await eventuallyPasses(async () => expect((await set(ada, own)).code).toBe('BAD_USER_INPUT'));
    expect((await publish(ask, ada, 'x', { inReplyTo: first, replyPolicy: 'NOBODY' })).code).toBe(
      'BAD_USER_INPUT',
    );
    await does(ada, 'setPostPolicy', { postId: first, replyPolicy: 'EVERYONE' }, 'SetPostPolicyInput');
    await expectReplies(own, new Map([[fan, true]]));
  });

  it('is not told to people who may not see the post', async () => {
    const first = await says(ada, 'first', { replyPolicy: 'NOBODY' });
    await does(ada, 'blockUser', { userId: eve.id });
    await expectRefused(eve, commandsOnPost, first);
    await does(ada, 'unblockUser', { userId: eve.id });
  });
});

describe('a hidden reply', () => {
  it('leaves the thread, the replies and the count for all but the two, and no gap', async () => {
    const [first, empty] = [await says(ada, 'first'), await says(ada, 'empty')];
    const reply = await says(fan, 'a reply', { inReplyTo: first });
    await does(ada, 'hideReply', { postId: reply });
    for (const by of [eve, undefined])
      expect((await threadOf(by, first)).text).toBe((await threadOf(by, empty)).text);
    for (const by of [ada, fan]) {
      const { text } = await threadOf(by, first);
      expect(text.split('a reply')).toHaveLength(3);
      expect(text).toContain('"replyCount":0');
    }
    for (const by of [ada, fan, eve, undefined])
      expect(await hiddenIn(by, first)).toEqual([{ id: reply, isHiddenReply: true }]);
    await does(ada, 'blockUser', { userId: eve.id });
    expect(await hiddenIn(eve, first)).toBeUndefined();
    await does(ada, 'unblockUser', { userId: eve.id });
    await does(fan, 'blockUser', { userId: eve.id });
    expect(await hiddenIn(eve, first)).toEqual([]);
    await does(fan, 'unblockUser', { userId: eve.id });
    await does(ada, 'unhideReply', { postId: reply });
    expect((await threadOf(eve, first)).text).toContain('a reply');
    expect(await hiddenIn(ada, first)).toEqual([]);
  });

  it('is hidden by the author of the thread alone, and notifies nobody', async () => {
    const first = await says(ada, 'first');
    const reply = await says(fan, 'a reply', { inReplyTo: first });
    const below = await says(eve, 'below', { inReplyTo: reply });
    for (const [by, code] of [
      [fan, 'FORBIDDEN'],
      [eve, 'FORBIDDEN'],
    ] as const)
      await eventuallyPasses(async () => {
        expect((await act(ask, by, 'hideReply', 'PostInput', { postId: below })).code).toBe(code);
      });
    await eventuallyPasses(async () => {
      const { code } = await act(ask, ada, 'hideReply', 'PostInput', { postId: first });
      expect(code).toBe('BAD_USER_INPUT');
    });
    const query = '{ notifications(list: OTHERS) { edges { node { kind post { id } } } } }';
    expect((await read(fan, query)).text).toContain(reply);
    await does(ada, 'hideReply', { postId: below });
    expect((await read(fan, query)).text).not.toContain(reply);
  });

  it('leaves an open post within 2 s', async () => {
    const first = await says(ada, 'first');
    const reply = await says(fan, 'a reply', { inReplyTo: first });
    const watching = await connect(eve);
    const query = 'subscription ($id: ID!) { post(id: $id) { likeCount replyCount } }';
    watching.send({ id: 'post', type: 'subscribe', payload: { query, variables: { id: first } } });
    const showsCount = (count: number) =>
      watching.next(({ type, payload }) => {
        const { data } = (payload ?? {}) as { data?: { post?: { replyCount: number } } };
        return type === 'next' && data?.post?.replyCount === count;
      });
    let isOpen = false;
    void showsCount(1).then(() => {
      isOpen = true;
    });
    for (let i = 0; !isOpen; i++) await does(ada, i % 2 === 0 ? 'likePost' : 'unlikePost', { postId: first });
    const gone = showsCount(0);
    const elapsedMs = startStopwatch();
    await does(ada, 'hideReply', { postId: reply });
    await gone;
    expect(elapsedMs()).toBeLessThan(2_000);
    watching.socket.terminate();
  });
});

describe('a reply that was accepted while the documents were frozen', () => {
  // Each reply here waits in vain.
  beforeAll(async () => (await sharedSystem()).restart('mutation', { LOOKUP_TIMEOUT: '250' }));

  /** Lets somebody reply while no command can read a post. Returns the reply. */
  const replyUnchecked = async (by: Account, post: string): Promise<string> => {
    const system = await sharedSystem();
    await using posts = await lockTable(system.documentsUrl, 'documents.posts');
    const answer = await act(ask, by, 'publishPost', 'PublishPostInput', {
      body: 'a reply',
      inReplyTo: post,
    });
    await posts.release();
    return activityOf(answer, 'publishPost');
  };

  it('leaves a thread whose author does not let its author reply, until the author of the thread shows it', async () => {
    const closed = { replyPolicy: 'FOLLOWERS' };
    const [first, open] = [await says(ada, 'first', closed), await says(ada, 'open')];
    // The posts are projected once they are read, so that no command finds them in the queue.
    for (const post of [first, open]) expect((await threadOf(eve, post)).text).toContain('"replyCount":0');
    const [refused, welcome] = [await replyUnchecked(eve, first), await replyUnchecked(eve, open)];
    const byFan = await replyUnchecked(fan, first);
    await eventuallyPasses(async () => {
      for (const by of [fan, undefined]) {
        expect((await threadOf(by, first)).text.split('a reply')).toHaveLength(3);
        expect((await threadOf(by, open)).text.split('a reply')).toHaveLength(3);
      }
    });
    for (const by of [ada, eve]) expect((await threadOf(by, first)).text.split('a reply')).toHaveLength(5);
    const notified = await read(ada, '{ notifications(list: OTHERS) { edges { node { reply { id } } } } }');
    expect(notified.text).toContain(byFan);
    expect(notified.text).toContain(welcome);
    expect(notified.text).not.toContain(refused);
    await does(ada, 'unhideReply', { postId: refused });
    expect((await threadOf(fan, first)).text.split('a reply')).toHaveLength(5);
  });
});
