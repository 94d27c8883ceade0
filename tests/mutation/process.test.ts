import { writeFile } from 'node:fs/promises';
import { newId } from '@rookery/runtime';
import { describe, expect, it } from 'vitest';
import { freshGround } from '../support/systems/start-mutation.ts';
import { spawnMutation } from './spawn-mutation.ts';

// Concurrent: each has a process of its own, which waits for its servers and its end.
describe.concurrent('the process', () => {
  it.each(['there', 'away'])('stops on SIGTERM with 0 while the queue is %s', async (queue) => {
    await using ground = await freshGround();
    await using mutation = await spawnMutation(ground);
    await mutation.connected();
    await mutation.mutate(newId(), 'publishPost', { body: 'x' });
    if (queue === 'away') await ground.nats.kill();
    mutation.child.kill('SIGTERM');
    expect(await mutation.child.exited).toEqual({ code: 0, signal: null });
  });

  it('writes no secret into its log', async () => {
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
    await mutation.child.exited;
    const log = mutation.log();
    expect(log).toContain('the accounts did not answer');
    for (const secret of ['quite a secret', token, 'argon2id']) {
      expect(log).not.toContain(secret);
    }
  });

  it.each([
    ['TOKEN_KEY_FILE', 'no key at all'],
    ['CRASH_POINT', 'after-commit'],
    ['GATEWAY_KEYS_URL', 'not an address'],
  ] as const)('does not start with a wrong %s, and says so in one line', async (name, value) => {
    await using ground = await freshGround();
    if (name === 'TOKEN_KEY_FILE') await writeFile(ground.env.TOKEN_KEY_FILE ?? '', value);
    const env = {
      ...ground.env,
      NODE_ENV: 'production',
      ...(name === 'TOKEN_KEY_FILE' ? {} : { [name]: value }),
    };
    await using mutation = await spawnMutation({ ...ground, env });
    expect(await mutation.child.exited).toEqual({ code: 78, signal: null });
    const said = mutation.log().trim().split('\n');
    expect(said).toHaveLength(1);
    expect(said[0]).toContain(name);
  });
});
