import { afterAll, expect, inject } from 'vitest';
import { releaseAll } from './live-resources.ts';
import { provideServers } from './servers/servers.ts';
import { healSharedSystem } from './systems/shared-system.ts';

provideServers(inject('servers'));

// Registered before any hook of the test file, so it runs after them.
afterAll(async () => {
  await healSharedSystem();
  expect(await releaseAll(), 'taken from tests/support and not disposed of').toEqual([]);
});
