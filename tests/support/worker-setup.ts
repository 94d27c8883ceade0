import { afterAll, expect, inject } from 'vitest';
import { releaseAll } from './live-resources.ts';
import { provideServers } from './servers/servers.ts';

provideServers(inject('servers'));

// Registered before any hook of the test file, so it runs after them.
afterAll(async () => {
  expect(await releaseAll(), 'taken from tests/support and not disposed of').toEqual([]);
});
