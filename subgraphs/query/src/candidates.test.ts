import type { FeedPage, Feeds } from '@rookery/feeds';
import { createLog, createPolicy, Registry } from '@rookery/runtime';
import { expect, test } from 'vitest';
import { createCandidates } from './candidates.ts';
import { contextOf, readerOf } from './histories/documents.ts';
import { createQueryMetrics } from './metrics.ts';
import type { Progress } from './progress.ts';
import type { ReadStore } from './read-store.ts';

const viewer = 'ada';
const documents = readerOf(new Map());
const progress: Progress = {
  upTo: () => 1,
  of: () => ({ position: 1, perSecond: null }),
  epoch: 1,
};
const absent: FeedPage = {
  ...{ held: false, ready: false, upTo: 0, entries: [], exhausted: true, complete: false },
};

/** Returns candidates over feeds that hold nothing, and the feeds of which a fill has begun. */
const emptyFeeds = () => {
  const filled: string[] = [];
  const store: Pick<Feeds, 'entriesBefore' | 'fill'> = {
    entriesBefore: async () => absent,
    fill: async (feed) => void filled.push(feed),
  };
  const candidates = createCandidates({
    documents: documents as ReadStore,
    feeds: { store: store as Feeds, link: createPolicy({ name: 'redis', timeoutMs: 60_000 }) },
    metrics: createQueryMetrics(new Registry()),
    log: createLog('test', 'silent'),
    cap: 800,
  });
  const read = (afterAnswer?: (work: () => void) => void) =>
    candidates.before(
      { ...contextOf(documents, viewer), afterAnswer },
      { viewer, progress, from: 2, limit: 1 },
    );
  return { read, filled };
};

test('a feed that is not held is filled after the answer, with which it would compete', async () => {
  const { read, filled } = emptyFeeds();
  const left: (() => void)[] = [];
  await read((work) => left.push(work));
  expect([filled.length, left.length]).toEqual([0, 1]);
  for (const work of left) work();
  expect(filled).toHaveLength(1);
});

test('a feed that is not held is filled at once if there is no answer', async () => {
  const { read, filled } = emptyFeeds();
  await read();
  expect(filled).toHaveLength(1);
});
