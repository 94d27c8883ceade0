import { afterAll, beforeAll, expect, it } from 'vitest';
import { Client, type LiveReader } from '../support/clients/client.ts';
import type { Account, SharedSystem } from '../support/index.ts';

interface Person extends Account {
  readonly client: Client;
}

/**
 * The whole path on real servers, in one story: each step reads what the step before wrote, by x-read-after,
 * by the answer of the same operation, or by the live event. Nothing sleeps.
 */
export const itWalks = (start: () => Promise<SharedSystem>): void => {
  let system: SharedSystem;
  let ada: Person;
  let ben: Person;
  let changes: LiveReader<{ friendsFeedEvents: Record<string, unknown> }> | undefined;
  let live: LiveReader<{
    friendsFeed: {
      cursor: string;
      node: {
        verb: string;
        actor: { handle: string };
        post: { id: string; body: string; likeCount: number };
      };
    };
  }>;
  let postId: string;
  /** The activity that the next read must see. */
  let last: string;

  const signUp = async (): Promise<Person> => {
    const account = await system.signUp();
    return { ...account, client: new Client(system.gatewayUrl, account.token) };
  };
  const after = () => ({ 'x-read-after': last });
  const feedOf = async (client: Client) => {
    const { friendsFeed } = await client.ask<{
      friendsFeed: {
        edges: {
          cursor: string;
          node: { verb: string; actor: { handle: string }; post: { id: string; body: string } };
        }[];
      };
    }>(
      '{ friendsFeed(first: 20) { edges { cursor node { verb actor { handle } post { id body } } } } }',
      {},
      after(),
    );
    return friendsFeed.edges.map(({ node }) => [node.verb, node.actor.handle, node.post.body]);
  };
  const postAs = (client: Client) =>
    client.ask<{ post: Record<string, unknown> | null }>(
      'query ($id: ID!) { post(id: $id) { body editedAt likeCount shareCount replyCount viewerLikes viewerShared author { handle postCount } } }',
      { id: postId },
      after(),
    );
  const act = async (client: Client, field: string, input: Record<string, unknown>, selection = '') => {
    const type =
      {
        publishPost: 'PublishPostInput',
        editPost: 'EditPostInput',
        followUser: 'UserInput',
        unfollowUser: 'UserInput',
      }[field] ?? 'PostInput';
    const payload = await client.act<{
      activity: { verb: string; status: string };
      post?: { id: string } & Record<string, unknown>;
      user?: Record<string, unknown>;
    }>(field, type, input, `activity { verb status } ${selection}`);
    last = payload.activity.id;
    return payload;
  };

  beforeAll(async () => {
    system = await start();
  });
  afterAll(async () => {
    await live?.[Symbol.asyncDispose]();
    await changes?.[Symbol.asyncDispose]();
  });

  it('signs two people up, and both can read themselves at once', async () => {
    ada = await signUp();
    ben = await signUp();
    expect(await ada.client.ask('{ me { id handle name followerCount postCount } }')).toEqual({
      me: { id: ada.id, handle: ada.handle, name: ada.handle, followerCount: 0, postCount: 0 },
    });
    expect(await ben.client.ask('{ me { handle } }')).toEqual({ me: { handle: ben.handle } });
  });

  it('follows, and the answer of the same operation shows the new counts', async () => {
    const { user } = await act(
      ben.client,
      'followUser',
      { userId: ada.id },
      'user { handle followerCount viewerFollows }',
    );
    expect(user).toEqual({ handle: ada.handle, followerCount: 1, viewerFollows: true });
  });

  it('posts: the friend who has the page open receives it live, and finds it on the page', async () => {
    await act(ada.client, 'publishPost', { body: 'Good morning.' });
    const page = await ben.client.ask<{ friendsFeed: { pageInfo: { endCursor: string } } }>(
      '{ friendsFeed { pageInfo { endCursor } } }',
      {},
      after(),
    );
    // From the cursor of what the page showed: nothing is lost between the page and the open subscription.
    live = ben.client.live(
      'subscription ($after: String) { friendsFeed(after: $after) { cursor node { verb actor { handle } post { id body likeCount } } } }',
      { after: page.friendsFeed.pageInfo.endCursor },
    );
    const { post } = await act(
      ada.client,
      'publishPost',
      { body: 'The engine might compose music.' },
      'post { id body author { handle } likeCount }',
    );
    expect(post).toMatchObject({
      body: 'The engine might compose music.',
      author: { handle: ada.handle },
      likeCount: 0,
    });
    postId = post?.id ?? '';
    const { friendsFeed } = await live.next();
    expect(friendsFeed.node).toEqual({
      verb: 'POST',
      actor: { handle: ada.handle },
      post: { id: postId, body: 'The engine might compose music.', likeCount: 0 },
    });
    expect(await feedOf(ben.client)).toEqual([
      ['POST', ada.handle, 'The engine might compose music.'],
      ['POST', ada.handle, 'Good morning.'],
    ]);
    // Ada follows nobody: her own posts.
    expect(await feedOf(ada.client)).toEqual(await feedOf(ben.client));
  });

  it('likes: the count is exact, also when it is repeated', async () => {
    await act(ben.client, 'likePost', { postId });
    const { post } = await act(ben.client, 'likePost', { postId }, 'post { likeCount viewerLikes }');
    expect(post).toEqual({ likeCount: 1, viewerLikes: true });
    expect((await postAs(ada.client)).post).toMatchObject({ likeCount: 1, viewerLikes: false });
    await act(ben.client, 'unlikePost', { postId });
    expect((await postAs(ben.client)).post).toMatchObject({ likeCount: 0, viewerLikes: false });
  });

  it('replies and shares: counted, and in the feeds of those who follow the one who did it', async () => {
    const carol = await signUp();
    await act(carol.client, 'followUser', { userId: ben.id });
    await act(ben.client, 'publishPost', { body: 'Only with a score.', inReplyTo: postId });
    await act(ben.client, 'sharePost', { postId });
    expect((await postAs(ben.client)).post).toMatchObject({
      shareCount: 1,
      replyCount: 1,
      viewerShared: true,
    });
    // Carol does not follow Ada, to whom the reply is.
    expect(await feedOf(carol.client)).toEqual([['SHARE', ben.handle, 'The engine might compose music.']]);
    await act(ben.client, 'unsharePost', { postId });
    expect(await feedOf(carol.client)).toEqual([]);
    await act(ben.client, 'publishPost', { body: 'I shall share it again.' });
    await act(ben.client, 'sharePost', { postId });
    expect((await feedOf(carol.client)).map(([verb]) => verb)).toEqual(['SHARE', 'POST']);
  });

  const own = () => [
    ['POST', ben.handle, 'I shall share it again.'],
    ['POST', ben.handle, 'Only with a score.'],
  ];

  it('edits: the new text is everywhere, and nobody else may', async () => {
    const { friendsFeed } = await ben.client.ask<{ friendsFeed: { pageInfo: { startCursor: string } } }>(
      '{ friendsFeed { pageInfo { startCursor } } }',
      {},
      after(),
    );
    changes = ben.client.live(
      'subscription ($after: String) { friendsFeedEvents(after: $after) { kind post { body } postId actorId } }',
      { after: friendsFeed.pageInfo.startCursor },
    );
    // His own share is after the cursor of the page: the item of the post stands for it.
    expect((await changes.next()).friendsFeedEvents).toMatchObject({ kind: 'CHANGED', postId: null });
    await act(ada.client, 'editPost', { postId, body: 'The engine might compose elaborate music.' });
    expect((await changes.next()).friendsFeedEvents).toMatchObject({
      kind: 'CHANGED',
      post: { body: 'The engine might compose elaborate music.' },
    });
    expect((await postAs(ben.client)).post).toMatchObject({
      body: 'The engine might compose elaborate music.',
      editedAt: expect.any(String),
    });
    const refused = await ben.client.send(
      'mutation ($input: EditPostInput!) { editPost(input: $input) { activity { id } } }',
      { input: { postId, body: 'mine now' } },
    );
    expect(refused.errors?.[0]?.extensions.code).toBe('FORBIDDEN');
  });

  it('deletes: it is gone from the page and by id, as if it had never been', async () => {
    await act(ada.client, 'deletePost', { postId });
    expect((await changes?.next())?.friendsFeedEvents).toMatchObject({ kind: 'REMOVED', postId });
    expect((await postAs(ben.client)).post).toBeNull();
    expect(await feedOf(ben.client)).toEqual([...own(), ['POST', ada.handle, 'Good morning.']]);
  });

  it('unfollows: later posts do not arrive', async () => {
    const { user } = await act(
      ben.client,
      'unfollowUser',
      { userId: ada.id },
      'user { followerCount viewerFollows }',
    );
    expect(user).toEqual({ followerCount: 0, viewerFollows: false });
    expect((await changes?.next())?.friendsFeedEvents).toMatchObject({ kind: 'REMOVED', actorId: ada.id });
    await act(ada.client, 'publishPost', { body: 'Nobody hears this.' });
    expect(await feedOf(ben.client)).toEqual(own());
  });

  it('says what became of a write, to its actor alone', async () => {
    const ask = (client: Client) =>
      client.ask<{ activity: { status: string; verb: string; position: string } | null }>(
        'query ($id: ID!) { activity(id: $id) { status verb position } }',
        { id: last },
        after(),
      );
    expect((await ask(ada.client)).activity).toEqual({
      status: 'PROJECTED',
      verb: 'POST',
      position: expect.stringMatching(/^[0-9]+$/),
    });
    expect((await ask(ben.client)).activity).toBeNull();
  });
};
