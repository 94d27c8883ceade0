import { newId } from '@rookery/runtime';
import { expect, it } from 'vitest';
import type { Mutation } from '../support/systems/start-mutation.ts';
import { drain, openTestQueue } from './queue.ts';
import { insist, startTwoReplicas } from './two-replicas.ts';

it('like toggled 1,000 times in parallel is 1,000 events, each by its own key', async () => {
  await using two = await startTwoReplicas();
  const { ground, replicas } = two;
  const ann = newId();
  const { post } = await replicas[0].mutate(ann, 'publishPost', { body: 'x' });
  await using queue = await openTestQueue(ground.nats.url);
  await Promise.all(
    Array.from({ length: 1_000 }, (_, i) =>
      // So many at once may take a busy machine too long.
      insist(() =>
        (replicas[i % 2] as Mutation).mutate(ann, i % 2 ? 'likePost' : 'unlikePost', {
          postId: post?.id,
          idempotencyKey: `toggle ${i}`,
        }),
      ),
    ),
  );
  const toggles = (await drain(queue)).filter(({ type }) => /(un)?liked/.test(type));
  expect(new Set(toggles.map(({ id }) => id)).size).toBe(1_000);
});
