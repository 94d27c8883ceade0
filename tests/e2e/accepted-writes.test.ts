import { newId } from '@rookery/runtime';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Answer, type Ask, overHttp } from '../support/clients/raw-client.ts';
import { type Account, type SharedSystem, sharedSystem, untilGatewayReads } from '../support/index.ts';
import { type Toggle, toggles } from '../support/model/toggles.ts';

/** Everything of a payload that another subgraph resolves, with values below that may not be null. */
const person = 'id handle name followerCount viewerFollows followers(first: 1) { edges { node { handle } } }';
const activity = `activity { id status actor { ${person} } }`;
const ofPost = `${activity} post { id body author { ${person} } inReplyTo { id author { handle } } viewerLikes }`;
const ofUser = `${activity} user { ${person} }`;

interface Payload {
  readonly activity: { readonly id: string; readonly actor: object | null };
  readonly post?: { readonly id: string; readonly body?: string } | null;
  readonly user?: object | null;
}

let system: SharedSystem;
let ask: Ask;
let ada: Account;
let ben: Account;
/** Somebody whom Ada blocks. */
let cleo: Account;
/** A post of Ada's that everybody has seen. */
let post: string;

const send = (by: Account, field: string, type: string, input: object, fields: string): Promise<Answer> =>
  ask(
    {
      query: `mutation ($input: ${type}!) { it: ${field}(input: $input) { ${fields} } }`,
      variables: { input },
    },
    by.token,
  );
const payloadOf = ({ data, text }: Answer): Payload => {
  if (!data?.it) throw new Error(text);
  return data.it as Payload;
};
const isStale = ({ text }: Answer): boolean => JSON.parse(text).extensions?.stale === true;
/** Returns the id of a new post that can be read. */
const publish = async (body: string, more: object = {}): Promise<string> => {
  const answer = await send(
    ada,
    'publishPost',
    'PublishPostInput',
    { body, ...more },
    'activity { id } post { id body }',
  );
  const { post } = payloadOf(answer);
  if (!post) throw new Error(`not read in time: ${answer.text}`);
  return post.id;
};

beforeAll(async () => {
  system = await sharedSystem();
  ask = overHttp(system.gatewayUrl);
  [ada, ben, cleo] = [await system.signUp(), await system.signUp(), await system.signUp()];
  post = await publish('seen by all');
  const blocked = await send(ada, 'blockUser', 'UserInput', { userId: cleo.id }, 'user { viewerBlocks }');
  expect(payloadOf(blocked).user).toEqual({ viewerBlocks: true });
});

/** Every verb, each with an input that is accepted. */
const verbs: readonly (readonly [field: string, type: string, input: () => object, fields: string])[] = [
  ['publishPost', 'PublishPostInput', () => ({ body: 'a reply', inReplyTo: post }), ofPost],
  ['editPost', 'EditPostInput', () => ({ postId: post, body: 'edited' }), ofPost],
  ...Object.values<Toggle>(toggles).flatMap(({ fields, input }) =>
    fields.map((field) =>
      input === 'PostInput'
        ? ([field, input, () => ({ postId: post }), ofPost] as const)
        : ([field, input, () => ({ userId: ben.id }), ofUser] as const),
    ),
  ),
  ['updateProfile', 'UpdateProfileInput', () => ({ name: 'Ada L.' }), ofUser],
];

describe('while projections are late', () => {
  beforeAll(async () => {
    // Each answer here waits in vain.
    await system.restart('query', { READ_AFTER_TIMEOUT: '300' });
    await system.kill('projector', 'SIGSTOP');
  });
  afterAll(async () => {
    await system.kill('projector', 'SIGCONT');
    await system.restart('query');
  });

  test('a new post is accepted: null and stale, without an error', async () => {
    const answer = await send(ada, 'publishPost', 'PublishPostInput', { body: 'late' }, ofPost);
    expect(answer.errors).toEqual([]);
    expect(answer.data?.it).toMatchObject({
      activity: { id: expect.any(String), status: 'QUEUED', actor: { handle: ada.handle } },
      post: null,
    });
    expect(isStale(answer)).toBe(true);
  });

  test.each(verbs.slice(1))(
    '%s of what is known answers with the state that is known, and stale',
    async (field, type, input, fields) => {
      const answer = await send(ada, field, type, input(), fields);
      expect(answer.errors).toEqual([]);
      const { activity, ...rest } = payloadOf(answer);
      expect(activity).toMatchObject({ id: expect.any(String), actor: { handle: ada.handle } });
      expect(Object.values(rest)).not.toContain(null);
      expect(isStale(answer)).toBe(true);
    },
  );

  test('a reply to, an edit and a like of a post that nobody can read yet', async () => {
    const late = payloadOf(
      await send(ada, 'publishPost', 'PublishPostInput', { body: 'late' }, 'activity { id }'),
    ).activity.id;
    for (const [field, type, input] of [
      ['publishPost', 'PublishPostInput', { body: 'reply', inReplyTo: late }],
      ['editPost', 'EditPostInput', { postId: late, body: 'x' }],
      ['likePost', 'PostInput', { postId: late }],
    ] as const) {
      const answer = await send(ada, field, type, input, ofPost);
      expect(answer.errors).toEqual([]);
      expect(answer.data?.it).toMatchObject({ activity: { status: 'QUEUED' }, post: null });
      expect(isStale(answer)).toBe(true);
    }
  });

  test('whoever ends a block can follow and mute at once', async () => {
    for (const field of ['unblockUser', 'followUser', 'muteUser']) {
      const answer = await send(ada, field, 'UserInput', { userId: cleo.id }, 'activity { status }');
      expect(answer.errors).toEqual([]);
      expect(payloadOf(answer).activity).toEqual({ status: 'QUEUED' });
    }
  });

  test('signing up gives a session', async () => {
    const handle = `late_${newId().slice(-12)}`;
    const input = { handle, name: 'Late', password: 'late comer secret' };
    const answer = await ask({
      query: `mutation ($input: SignUpInput!) { signUp(input: $input) { token user { ${person} } ${activity} } }`,
      variables: { input },
    });
    expect(answer.errors).toEqual([]);
    expect(answer.data?.signUp).toMatchObject({
      token: expect.any(String),
      user: { handle, followerCount: 0 },
      activity: { status: 'QUEUED', actor: { handle } },
    });
  });
});

describe('while the query subgraph is down', () => {
  beforeAll(() => system.kill('query'));
  afterAll(async () => {
    await system.start('query');
    await untilGatewayReads(system.graphqlUrl);
  });

  test.each(verbs)('%s is accepted: null and stale, without an error', async (field, type, input, fields) => {
    const answer = await send(ada, field, type, input(), fields);
    expect(answer.errors).toEqual([]);
    const { activity, ...rest } = payloadOf(answer);
    expect(activity).toEqual({ id: expect.any(String), status: 'QUEUED', actor: null });
    expect(Object.values(rest)).toEqual([null]);
    expect(isStale(answer)).toBe(true);
  });

  test('what the command itself knows is answered', async () => {
    const answer = await send(
      ada,
      'likePost',
      'PostInput',
      { postId: post },
      'activity { actor { id } } post { id }',
    );
    expect(answer.errors).toEqual([]);
    expect(answer.data?.it).toEqual({ activity: { actor: { id: ada.id } }, post: { id: post } });
    expect(isStale(answer)).toBe(false);
  });

  test('a session begins, and each mutation of an operation keeps its own answer', async () => {
    const { data, errors } = await ask({
      query: `mutation ($input: LogInInput!, $signUp: SignUpInput!) {
        whole: logIn(input: $input) { token user { ${person} } }
        known: logIn(input: $input) { token user { id handle joinedAt } }
        joined: signUp(input: $signUp) { token user { ${person} } ${activity} }
      }`,
      variables: {
        input: { handle: ada.handle, password: ada.password },
        signUp: { handle: `new_${newId().slice(-12)}`, name: 'New', password: 'newcomer secret' },
      },
    });
    expect(errors).toEqual([]);
    const token = expect.any(String);
    expect(data).toEqual({
      whole: { token, user: null },
      known: { token, user: { id: ada.id, handle: ada.handle, joinedAt: expect.any(String) } },
      joined: { token, user: null, activity: { id: expect.any(String), status: 'QUEUED', actor: null } },
    });
  });

  test('a refusal is still a refusal', async () => {
    const answer = await send(ben, 'editPost', 'EditPostInput', { postId: post, body: 'x' }, ofPost);
    expect(answer.data).toEqual({ it: null });
    expect(answer.code).toBe('FORBIDDEN');
  });
});

test('a key that comes again after the post was deleted gets the first activity, without an error', async () => {
  const body = { body: 'short-lived', idempotencyKey: 'publish' };
  const id = await publish('short-lived', { idempotencyKey: 'publish' });
  const commands = [
    ['publishPost', 'PublishPostInput', body],
    ['editPost', 'EditPostInput', { postId: id, body: 'edited', idempotencyKey: 'edit' }],
    ['likePost', 'PostInput', { postId: id, idempotencyKey: 'like' }],
    ['sharePost', 'PostInput', { postId: id, idempotencyKey: 'share' }],
    ['deletePost', 'PostInput', { postId: id, idempotencyKey: 'delete' }],
  ] as const;
  const first: string[] = [];
  for (const [field, type, input] of commands)
    first.push(payloadOf(await send(ada, field, type, input, ofPost)).activity.id);
  for (const [i, [field, type, input]] of commands.entries()) {
    const answer = await send(ada, field, type, input, ofPost);
    expect(answer.errors, field).toEqual([]);
    expect(answer.data?.it, field).toMatchObject({ activity: { id: first[i] }, post: null });
    expect(isStale(answer), field).toBe(false);
  }
});

test('a like while the author deletes the post is accepted or refused, never both', async () => {
  for (let round = 0; round < 15; round++) {
    const id = await publish(`round ${round}`);
    const [like, share] = await Promise.all([
      send(ben, 'likePost', 'PostInput', { postId: id }, ofPost),
      send(ben, 'sharePost', 'PostInput', { postId: id }, ofPost),
      send(ada, 'deletePost', 'PostInput', { postId: id }, ofPost),
    ]);
    for (const { data, errors } of [like, share]) {
      if (data?.it === null) expect(errors.map(({ extensions }) => extensions.code)).toEqual(['NOT_FOUND']);
      else expect(errors).toEqual([]);
    }
  }
});

test('what is wrong with the client’s own selection is told, and the activity is there', async () => {
  const fields = `${activity} post { id replies(first: 0) { edges { cursor } } }`;
  const answer = await send(ada, 'likePost', 'PostInput', { postId: post }, fields);
  expect(answer.data?.it).toMatchObject({ activity: { status: 'QUEUED' }, post: null });
  expect(answer.errors.map(({ path, extensions: { code, field } }) => [path, code, field])).toEqual([
    [['it', 'post', 'replies'], 'BAD_USER_INPUT', 'first'],
  ]);
});
