import { afterAll, expect } from 'vitest';
import { releaseAll } from './live-resources.ts';

// Registered before any hook of the test file, so it runs after them.
afterAll(async () => {
  expect(await releaseAll(), 'taken from tests/world and not disposed of').toEqual([]);
});
