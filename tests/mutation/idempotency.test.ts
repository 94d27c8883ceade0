import { openDocuments } from '@rookery/document-store';
import { newId } from '@rookery/runtime';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { propertyRuns } from '../support/property-runs.ts';
import { type Ground, log, type Mutation } from '../support/systems/start-mutation.ts';
import { drain, openTestQueue } from './queue.ts';
import { startTwoReplicas } from './two-replicas.ts';

const resources = new AsyncDisposableStack();
let ground: Ground;
let replicas: [Mutation, Mutation];

beforeAll(async () => {
  ({ ground, replicas } = resources.use(await startTwoReplicas()));
});
afterAll(() => resources.disposeAsync());

it('one key is one effect and one answer, however many try it at once, on any replica', async () => {
  await using queue = await openTestQueue(ground.nats.url);
  const attempt = fc.record({
    key: fc.constantFrom('a', 'b'),
    body: fc.constantFrom('one', 'two'),
    replica: fc.constantFrom(0, 1),
    actor: fc.constantFrom(0, 1),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(attempt, { minLength: 2, maxLength: 12 }), async (attempts) => {
      const actors = [newId(), newId()];
      const answers = await Promise.all(
        attempts.map(async ({ key, body, replica, actor }) => {
          const claim = `${actor} ${key}`;
          const viewer = actors[actor] ?? '';
          const input = { body, idempotencyKey: key };
          try {
            const payload = await (replicas[replica] as Mutation).mutate(viewer, 'publishPost', input);
            return { claim, body, payload };
          } catch (error) {
            return { claim, body, error: (error as Error).message };
          }
        }),
      );
      const events = await drain(queue);
      const claims = new Set(answers.map(({ claim }) => claim));
      expect(events).toHaveLength(claims.size);
      for (const claim of claims) {
        const of = answers.filter((a) => a.claim === claim);
        const accepted = of.filter((a) => a.payload);
        // One input won; whoever brought it has the same answer, whoever brought another has CONFLICT.
        expect(new Set(accepted.map((a) => JSON.stringify([a.body, a.payload]))).size).toBe(1);
        expect(events.map(({ id }) => id)).toContain(accepted[0]?.payload?.activity?.id);
        for (const { body, error } of of) {
          expect(error).toBe(body === accepted[0]?.body ? undefined : 'CONFLICT idempotencyKey');
        }
      }
    }),
    { numRuns: propertyRuns(30) },
  );
});

it('the same key for another verb is a conflict', async () => {
  const ann = newId();
  const { post } = await replicas[0].mutate(ann, 'publishPost', { body: 'x', idempotencyKey: 'k' });
  const like = replicas[1].mutate(ann, 'likePost', { postId: post?.id, idempotencyKey: 'k' });
  await expect(like).rejects.toThrow('CONFLICT idempotencyKey');
});

it('the first response stays valid, although the same command would now be refused', async () => {
  const ann = newId();
  const { post } = await replicas[0].mutate(ann, 'publishPost', { body: 'x' });
  const edit = { postId: post?.id, body: 'y', idempotencyKey: 'edit' };
  const first = await replicas[0].mutate(ann, 'editPost', edit);

  const documents = await openDocuments(ground.database.url, { log });
  await documents.prepare();
  const doc = { author: ann, deleted: true };
  await documents.collection('posts').putMany([{ id: post?.id ?? '', revision: 0, doc }]);
  await documents.close();

  expect(await replicas[1].mutate(ann, 'editPost', edit)).toEqual(first);
  await expect(replicas[1].mutate(ann, 'editPost', { ...edit, body: 'z' })).rejects.toThrow('CONFLICT');
  await expect(replicas[1].mutate(ann, 'editPost', { ...edit, idempotencyKey: 'new' })).rejects.toThrow(
    'NOT_FOUND',
  );
  // A refusal claims nothing: the same key is still free for something else.
  await expect(
    replicas[1].mutate(ann, 'publishPost', { body: 'x', idempotencyKey: 'new' }),
  ).resolves.toBeDefined();
});
