import { openDocuments } from '@rookery/document-store';
import type { PostDoc } from '@rookery/read-models';
import { newId } from '@rookery/runtime';
import { readEvent } from '@rookery/schema/events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  freshGround,
  type Ground,
  log,
  type Mutation,
  startMutationSubgraph,
} from '../support/systems/start-mutation.ts';
import { drain, openTestQueue } from './queue.ts';

let ground: Ground;
let mutation: Mutation;
const resources = new AsyncDisposableStack();
const ann = newId();

beforeAll(async () => {
  ground = resources.use(await freshGround());
  mutation = resources.use(await startMutationSubgraph(ground));
  const documents = await openDocuments(ground.database.url, { log });
  await documents.prepare();
  await documents.close();
});
afterAll(() => resources.disposeAsync());

const signUp = async (handle: string) => {
  const { user } = await mutation.mutate(null, 'signUp', { handle, name: handle, password: 'long enough' });
  return user.id;
};
const publish = async (viewer: string, body = 'Hello') => {
  const { post } = await mutation.mutate(viewer, 'publishPost', { body });
  return post?.id ?? '';
};

/** A post as the projector would have left it. */
const project = async (id: string, doc: Pick<PostDoc, 'author' | 'deleted'>) => {
  const documents = await openDocuments(ground.database.url, { log });
  try {
    await documents.collection('posts').putMany([{ id, revision: 0, doc }]);
  } finally {
    await documents.close();
  }
};

describe('a command', () => {
  it('becomes one event, and its answer is the receipt', async () => {
    const { activity, post } = await mutation.mutate(ann, 'publishPost', { body: 'Hello' });
    expect(activity).toMatchObject({
      verb: 'POST',
      status: 'QUEUED',
      position: null,
      reason: null,
      actor: { id: ann },
    });
    expect(post?.id).toBe(activity?.id);
    await using queue = await openTestQueue(ground.nats.url);
    const found = await queue.find(activity?.id ?? '');
    expect(readEvent(found?.event)).toMatchObject({
      verb: 'POST',
      actor: ann,
      subject: post?.id,
      time: activity?.acceptedAt,
      data: { body: 'Hello' },
    });
  });

  it('tells the gateway what to read after', async () => {
    const { data, extensions } = await mutation.post(
      ann,
      `mutation {
        a: publishPost(input: { body: "1" }) { activity { id } }
        b: publishPost(input: { body: "2" }) { activity { id } }
      }`,
    );
    expect(extensions?.readAfter).toEqual([data?.a?.activity?.id, data?.b?.activity?.id]);
  });

  it('stores text exactly: right-to-left marks, quotes, braces', async () => {
    const body = '\u202e"\'; drop table events; -- {"$ne":1} 👩🏽‍❤️‍💋‍👨🏽 \r\n';
    const { activity } = await mutation.mutate(ann, 'publishPost', { body });
    await using queue = await openTestQueue(ground.nats.url);
    expect((await queue.find(activity?.id ?? ''))?.event.data).toEqual({ body });
  });

  it.each([
    ['publishPost', 'BAD_USER_INPUT body', { body: '' }],
    ['publishPost', 'BAD_USER_INPUT body', { body: 'a\0b' }],
    ['publishPost', 'BAD_USER_INPUT body', { body: '\ud800' }],
    ['publishPost', 'BAD_USER_INPUT idempotencyKey', { body: 'x', idempotencyKey: '' }],
    ['updateProfile', 'BAD_USER_INPUT input', {}],
    ['updateProfile', 'BAD_USER_INPUT name', { name: '' }],
    ['followUser', 'BAD_USER_INPUT userId', { userId: ann }],
    ['followUser', 'NOT_FOUND', { userId: newId() }],
    ['followUser', 'NOT_FOUND', { userId: '{"$ne":1}' }],
    ['likePost', 'NOT_FOUND', { postId: newId() }],
    ['likePost', 'NOT_FOUND', { postId: "' or 1=1 --" }],
    ['publishPost', 'NOT_FOUND', { body: 'x', inReplyTo: newId() }],
  ] as const)('%s is refused by %s: %o', async (name, error, input) => {
    await expect(mutation.mutate(ann, name, input)).rejects.toThrow(error);
  });

  it('is refused with 100,000 combining marks', async () => {
    const body = `a${'\u0301'.repeat(100_000)}`;
    await expect(mutation.mutate(ann, 'publishPost', { body })).rejects.toThrow('BAD_USER_INPUT body');
  });

  it.each(['publishPost', 'likePost', 'followUser', 'updateProfile'] as const)(
    '%s is for those who have signed in',
    async (name) => {
      const input = { publishPost: { body: 'x' }, likePost: { postId: ann }, followUser: { userId: ann } };
      await expect(mutation.mutate(null, name, name === 'updateProfile' ? {} : input[name])).rejects.toThrow(
        'UNAUTHENTICATED',
      );
    },
  );

  it('of two in one go is decided by the later: never one instant for both', async () => {
    const post = await publish(ann);
    const { data } = await mutation.post(
      ann,
      `mutation ($i: PostInput!) {
        a: likePost(input: $i) { activity { acceptedAt } }
        b: unlikePost(input: $i) { activity { acceptedAt } }
        c: likePost(input: $i) { activity { acceptedAt } }
      }`,
      { i: { postId: post } },
    );
    const times = [data?.a, data?.b, data?.c].map((p) => p?.activity?.acceptedAt ?? '');
    expect(times).toEqual([...new Set(times)].sort());
  });
});

describe('whose post it is', () => {
  it('is known before anything is projected', async () => {
    const post = await publish(ann);
    const bob = newId();
    await expect(mutation.mutate(bob, 'editPost', { postId: post, body: 'mine' })).rejects.toThrow(
      'FORBIDDEN',
    );
    await expect(mutation.mutate(bob, 'deletePost', { postId: post })).rejects.toThrow('FORBIDDEN');
    expect((await mutation.mutate(ann, 'editPost', { postId: post, body: 'better' })).post?.id).toBe(post);
    expect((await mutation.mutate(ann, 'deletePost', { postId: post })).post).toBeNull();
    await expect(mutation.mutate(ann, 'editPost', { postId: post, body: 'x' })).rejects.toThrow('NOT_FOUND');
  });

  it('is known afterwards, and what is deleted is not found, not even by its author', async () => {
    const [there, gone] = [newId(), newId()];
    await project(there, { author: ann, deleted: false });
    await project(gone, { author: ann, deleted: true });
    await expect(mutation.mutate(newId(), 'deletePost', { postId: there })).rejects.toThrow('FORBIDDEN');
    await expect(mutation.mutate(newId(), 'deletePost', { postId: gone })).rejects.toThrow('NOT_FOUND');
    await expect(mutation.mutate(ann, 'editPost', { postId: gone, body: 'x' })).rejects.toThrow('NOT_FOUND');
    await expect(mutation.mutate(ann, 'likePost', { postId: gone })).rejects.toThrow('NOT_FOUND');
  });

  it('a user can be followed as soon as they have signed up', async () => {
    const bob = await signUp('bob');
    expect((await mutation.mutate(ann, 'followUser', { userId: bob })).user.id).toBe(bob);
    expect((await mutation.mutate(ann, 'followUser', { userId: bob })).user.id).toBe(bob);
    expect((await mutation.mutate(ann, 'unfollowUser', { userId: bob })).user.id).toBe(bob);
    await expect(mutation.mutate(ann, 'likePost', { postId: bob })).rejects.toThrow('NOT_FOUND');
  });
});

it('answers nobody but the gateway', async () => {
  const response = await fetch(`${mutation.address}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: 'mutation { publishPost(input: { body: "x" }) { post { id } } }' }),
  });
  expect(response.status).toBe(403);
  expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'FORBIDDEN' } }] });
});

it('is ready while nobody records or projects', async () => {
  const response = await fetch(`${mutation.address}/health/ready`);
  expect(response.status).toBe(200);
  expect(await response.json()).toEqual({ status: 'ready', parts: { queue: 'ok', accounts: 'ok' } });
});

it('counts its commands', async () => {
  await publish(ann);
  const metrics = await (await fetch(`${mutation.metricsUrl}/metrics`)).text();
  expect(metrics).toMatch(
    /rookery_mutation_commands_total\{[^}]*verb="POST",outcome="accepted"[^}]*\} [1-9]/,
  );
  expect(metrics).toMatch(/rookery_mutation_commands_total\{[^}]*outcome="NOT_FOUND"[^}]*\} [1-9]/);
  expect(metrics).toMatch(/rookery_mutation_publish_seconds_count\{[^}]*\} [1-9]/);
});

it('writes events that every reader understands', async () => {
  await using queue = await openTestQueue(ground.nats.url);
  const events = await drain(queue);
  expect(events.length).toBeGreaterThan(10);
  for (const event of events) expect(() => readEvent(event)).not.toThrow();
});
