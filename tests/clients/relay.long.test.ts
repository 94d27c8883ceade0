import { test } from 'vitest';
import { driveFeed } from './drive-feed.ts';
import { exampleTimeout, startExample } from './example.ts';

test('Relay: pages, optimistic likes, and a live feed that resumes by cursor', {
  timeout: exampleTimeout,
}, async ({ skip }) => {
  await using example = await startExample('relay');
  if (example === undefined) return skip('no Chromium');
  await driveFeed(example, 'SIGTERM');
});
