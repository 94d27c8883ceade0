import { writeFile } from 'node:fs/promises';
import { newId } from '@rookery/runtime';
import { describe, expect, it } from 'vitest';
import { freshGround } from '../support/systems/start-mutation.ts';
import { spawnMutation } from './spawn-mutation.ts';

// Concurrent: each has a process of its own, which waits for its servers and its end.
describe.concurrent('the process', () => {
  it('stops on SIGTERM with 0 while the queue is down', async () => {
    await using ground = await freshGround();
    await using mutation = await spawnMutation(ground);
    await mutation.connected();
    await mutation.mutate(newId(), 'publishPost', { body: 'x' });
    await ground.nats.kill();
    mutation.child.kill('SIGTERM');
    expect(await mutation.child.exited).toEqual({ code: 0, signal: null });
  });

  it('writes no secret into its log, and stops on SIGTERM with 0 while the queue is there', async () => {
    await using ground = await freshGround();
    await using mutation = await spawnMutation({ ...ground, env: { ...ground.env, LOG_LEVEL: 'trace' } });
    await mutation.connected();
    const input = { handle: 'raven', name: 'Raven', password: 'quite a secret' };
    const { token } = await mutation.mutate(null, 'signUp', input);
    await ground.database.drop();
    await expect(
      mutation.mutate(null, 'logIn', { handle: 'raven', password: 'quite a secret' }),
    ).rejects.toThrow('SERVICE_UNAVAILABLE');
    mutation.child.kill('SIGTERM');
    expect(await mutation.child.exited).toEqual({ code: 0, signal: null });
    const log = mutation.log();
    expect(log).toContain('the accounts did not answer');
    for (const secret of ['quite a secret', token, 'argon2id']) {
      expect(log).not.toContain(secret);
    }
  });

  // A file that holds no key, and a setting that production refuses. packages/runtime/src/config.test.ts has those of a wrong form.
  it.each(['TOKEN_KEY_FILE', 'CRASH_POINT'])(
    'does not start with a wrong %s, and says so in one line',
    async (name) => {
      await using ground = await freshGround();
      if (name === 'TOKEN_KEY_FILE') await writeFile(ground.env.TOKEN_KEY_FILE ?? '', 'no key at all');
      const env = {
        ...ground.env,
        NODE_ENV: 'production',
        ...(name === 'CRASH_POINT' ? { CRASH_POINT: 'after-commit' } : {}),
      };
      await using mutation = await spawnMutation({ ...ground, env });
      expect(await mutation.child.exited).toEqual({ code: 78, signal: null });
      const said = mutation.log().trim().split('\n');
      expect(said).toHaveLength(1);
      expect(said[0]).toContain(name);
    },
  );
});
