import { newId, waitBeforeRetry } from '@rookery/runtime';
import { expect, it } from 'vitest';
import { freshGround, type Mutation, startMutationSubgraph } from '../support/systems/start-mutation.ts';
import { drain, openTestQueue } from './queue.ts';

/** Maximum number of attempts of a command. */
const maxTries = 10;

it('like toggled 1,000 times in parallel is 1,000 events, each by its own key', async ({ signal }) => {
  await using ground = await freshGround();
  await using one = await startMutationSubgraph(ground);
  await using other = await startMutationSubgraph(ground);
  const replicas: readonly Mutation[] = [one, other];
  const ann = newId();
  const { post } = await one.mutate(ann, 'publishPost', { body: 'x' });
  await using queue = await openTestQueue(ground.nats.url);
  /** Sends a command again with its key if it was unavailable, as clients do: so many at once may take a busy machine too long. */
  const send = async (i: number): Promise<void> => {
    for (let tries = 1; ; tries++)
      try {
        await (replicas[i % 2] as Mutation).mutate(ann, i % 2 ? 'likePost' : 'unlikePost', {
          postId: post?.id,
          idempotencyKey: `toggle ${i}`,
        });
        return;
      } catch (error) {
        const isUnavailable = error instanceof Error && error.message === 'SERVICE_UNAVAILABLE';
        if (!isUnavailable || tries === maxTries) throw error;
        await waitBeforeRetry(tries, { signal });
      }
  };
  await Promise.all(Array.from({ length: 1_000 }, (_, i) => send(i)));
  const toggles = (await drain(queue)).filter(({ type }) => /(un)?liked/.test(type));
  expect(new Set(toggles.map(({ id }) => id)).size).toBe(1_000);
});
