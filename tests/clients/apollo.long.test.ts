import { test } from 'vitest';
import { driveFeed } from './drive-feed.ts';
import { exampleTimeout, startExample } from './example.ts';

test('Apollo Client: pages, optimistic likes, and a live feed that resumes by cursor', {
  timeout: exampleTimeout,
}, async ({ skip }) => {
  await using example = await startExample('apollo');
  if (example === undefined) return skip('no Chromium');
  await driveFeed(example, 'SIGKILL');
});
