import { beforeAll, expect, test } from 'vitest';
import { Client } from '../support/clients/client.ts';
import { type SharedSystem, sharedSystem } from '../support/index.ts';
import { loadDemo } from '../support/load-demo.ts';

/** A demo is thousands of writes: long on a machine that is busy with other tests. */
const timeout = 180_000;

let system: SharedSystem;
beforeAll(async () => {
  system = await sharedSystem();
});

test('a network with a power-law number of followers', { timeout }, async () => {
  const { handle, token, users, follows } = await loadDemo(system, { args: ['--users', '20'] });
  expect(users).toBe(20);
  const { me } = await new Client(system.gatewayUrl, token).ask<{
    me: { handle: string; followerCount: number };
  }>('{ me { handle followerCount } }');
  expect(me.handle).toBe(handle);
  expect(me.followerCount).toBeGreaterThan(follows / users);
});

test('people with somebody else’s password: one clear line', { timeout }, async () => {
  await system.signUp('net3_1');
  await expect(loadDemo(system, { args: ['--users', '3'] })).rejects.toThrow(
    'demo: net3_1 is taken, and not by this demo',
  );
});
