import { expect, test } from 'vitest';
import { Client } from '../support/clients/client.ts';
import { startSystem } from '../support/index.ts';
import { loadDemo } from '../support/load-demo.ts';

test('the command loads a large network into the stores of a running system', async () => {
  await using system = await startSystem();
  const { handle, token, users, follows } = await loadDemo(system, { args: ['--users', '2000'] });
  expect(users).toBeGreaterThan(2_000);
  const { me } = await new Client(system.gatewayUrl, token).ask<{
    me: { handle: string; followerCount: number };
  }>('{ me { handle followerCount } }');
  expect(me.handle).toBe(handle);
  expect(me.followerCount).toBeGreaterThan(follows / users);
});
