import { newId } from '@rookery/runtime';
import { freePort } from '@rookery/stack';
import { describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { startStopwatch } from '../support/stopwatch.ts';
import { freshGround, startMutationSubgraph } from '../support/systems/start-mutation.ts';
import { drain, openTestQueue } from './queue.ts';

/** Milliseconds that it took to be refused with this error. */
const refused = async (attempt: () => Promise<unknown>, error: string): Promise<number> => {
  const took = startStopwatch();
  await expect(attempt()).rejects.toThrow(error);
  return took();
};
const ann = newId();
const raven = { handle: 'raven', name: 'Raven', password: 'long enough' };

describe('with the queue', () => {
  it.each(['SIGKILL', 'SIGSTOP'] as const)(
    'away by %s, every write is refused within 2 s',
    async (signal) => {
      await using ground = await freshGround();
      await using mutation = await startMutationSubgraph(ground);
      const publish = () => mutation.mutate(ann, 'publishPost', { body: 'x' });
      const { post } = await publish();

      if (signal === 'SIGKILL') await ground.nats.kill();
      else ground.nats.signal('SIGSTOP');
      // A signal takes effect some time after it was sent.
      await eventually(() =>
        publish().then(
          () => undefined,
          () => true,
        ),
      );
      for (const attempt of [
        publish,
        () => mutation.mutate(ann, 'publishPost', { body: 'x', idempotencyKey: 'k' }),
        () => mutation.mutate(ann, 'likePost', { postId: post?.id, idempotencyKey: 'l' }),
        () => mutation.mutate(null, 'signUp', raven),
      ]) {
        expect(await refused(attempt, 'SERVICE_UNAVAILABLE')).toBeLessThan(2_000);
      }

      if (signal === 'SIGKILL') await ground.nats.restart();
      else ground.nats.signal('SIGCONT');
      await eventually(publish);
      // Nothing of the refused sign-up was left behind: the handle is still free.
      expect((await mutation.mutate(null, 'signUp', raven)).user.handle).toBe('raven');
    },
  );

  it('not there yet, it starts, and serves when the queue comes', async () => {
    await using ground = await freshGround();
    await ground.nats.kill();
    await using mutation = await startMutationSubgraph(ground, { wait: false });
    await refused(() => mutation.mutate(ann, 'publishPost', { body: 'x' }), 'SERVICE_UNAVAILABLE');
    const ready = async () => (await fetch(`${mutation.address}/health/ready`)).status;
    // A replica that has never reached the queue must not enter the rotation.
    expect(await ready()).toBe(503);
    await ground.nats.restart();
    await eventually(() => mutation.mutate(ann, 'publishPost', { body: 'x' }));
    await eventually(async () => (await ready()) === 200 || undefined);
  });
});

describe('with Postgres', () => {
  it('away, only signing up and logging in are refused', async () => {
    await using ground = await freshGround();
    await using mutation = await startMutationSubgraph(ground);
    const { user } = await mutation.mutate(null, 'signUp', raven);
    await ground.database.drop();

    const { handle, password } = raven;
    const logIn = () => mutation.mutate(null, 'logIn', { handle, password });
    expect(await refused(() => logIn(), 'SERVICE_UNAVAILABLE')).toBeLessThan(2_000);
    const other = { ...raven, handle: 'crow' };
    expect(await refused(() => mutation.mutate(null, 'signUp', other), 'SERVICE_UNAVAILABLE')).toBeLessThan(
      2_000,
    );

    const { post } = await mutation.mutate(ann, 'publishPost', { body: 'still here', idempotencyKey: 'k' });
    await mutation.mutate(user.id, 'likePost', { postId: post?.id });
    await mutation.mutate(ann, 'followUser', { userId: user.id });
    // No server can answer for these targets: the commands are accepted, and the projections decide.
    await mutation.mutate(ann, 'likePost', { postId: newId() });
    // Events that are still in the queue are known nevertheless.
    await expect(mutation.mutate(user.id, 'deletePost', { postId: post?.id })).rejects.toThrow('FORBIDDEN');
  });

  it('not there yet, it starts', async () => {
    await using ground = await freshGround();
    const nowhere = `postgres://127.0.0.1:${await freePort()}/none`;
    await using mutation = await startMutationSubgraph(
      { ...ground, env: { ...ground.env, POSTGRES_URL: nowhere, DOCUMENTS_URL: nowhere } },
      { wait: false },
    );
    await eventually(() => mutation.mutate(ann, 'publishPost', { body: 'x' }));
    await refused(() => mutation.mutate(null, 'signUp', raven), 'SERVICE_UNAVAILABLE');
    await using queue = await openTestQueue(ground.nats.url);
    expect((await drain(queue)).map(({ type }) => type)).toEqual(['rookery.post.published.v1']);
    const ready = await fetch(`${mutation.address}/health/ready`);
    expect(ready.status).toBe(200);
    expect(await ready.json()).toMatchObject({ parts: { queue: 'ok', accounts: 'unavailable' } });
  });
});
