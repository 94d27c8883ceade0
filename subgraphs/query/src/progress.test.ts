import type { CheckpointDoc } from '@rookery/read-models';
import { projections } from '@rookery/read-models';
import { createLog } from '@rookery/runtime';
import { beforeEach, expect, it } from 'vitest';
import type { Hints } from './hints.ts';
import { type ProgressTracker, type TrackOptions, trackProgress } from './progress.ts';
import type { ReadStore } from './read-store.ts';

/** Checkpoints as the documents hold them, and the reads of them. */
let stored: Map<string, CheckpointDoc>;
let reads: number;
let listener: ((hint: unknown) => void) | undefined;
let isConnected: boolean;
let changeConnection: (connected: boolean) => void;

const documents: ReadStore = {
  collection: () => ({
    getMany: async (ids) => {
      reads += 1;
      const docs = new Map(stored);
      return new Map(
        ids.flatMap((id) => (docs.has(id) ? [[id, { id, revision: 1, doc: docs.get(id) }]] : [])),
      ) as never;
    },
    page: async () => [],
    pageOf: async () => [],
  }),
};

const hints: Hints = {
  watch: (_topic, onHint) => {
    listener = (hint) => onHint([], hint);
    return () => {
      listener = undefined;
    };
  },
  watchConnection: (onChange) => {
    changeConnection = (connected) => {
      isConnected = connected;
      onChange();
    };
    return () => {};
  },
  get connected() {
    return isConnected;
  },
  close: () => {},
};

const checkpoint = (position: number, epoch = 0): CheckpointDoc => ({
  position,
  epoch,
  at: new Date().toISOString(),
});

/** Raises all checkpoints, and tells of them. */
const raise = (position: number, epoch = 0): void => {
  for (const projection of projections) {
    stored.set(projection, checkpoint(position, epoch));
    listener?.({ projection, checkpoint: checkpoint(position, epoch) });
  }
};

const track = (options: TrackOptions = { believesHints: true }): ProgressTracker =>
  trackProgress(documents, hints, createLog('test', 'silent'), options);

/** A tracker that hears everything and has read since. */
const listening = async (options?: TrackOptions): Promise<ProgressTracker> => {
  const tracker = track(options);
  await tracker.latest();
  listener?.(undefined);
  await tracker.latest();
  reads = 0;
  return tracker;
};

beforeEach(() => {
  stored = new Map();
  reads = 0;
  isConnected = true;
  raise(1);
});

it('knows what the projector has told, position and epoch, without a read', async () => {
  const tracker = await listening();
  raise(7, 3);
  const latest = await tracker.latest();
  expect([latest.upTo(), latest.epoch, reads]).toEqual([7, 3, 0]);
});

it('reads until it listens, because something may have happened before', async () => {
  const tracker = track();
  await tracker.latest();
  raise(5);
  listener?.(undefined);
  raise(6);
  expect((await tracker.latest()).upTo()).toBe(6);
  expect(reads).toBe(2);
});

it('reads after the connection was lost, because it has missed what was told meanwhile', async () => {
  const tracker = await listening();
  changeConnection(false);
  const deaf = listener;
  listener = undefined;
  raise(9);
  listener = deaf;
  expect((await tracker.latest()).upTo()).toBe(9);
  changeConnection(true);
  expect((await tracker.latest()).upTo()).toBe(9);
  expect(reads).toBe(2);
  raise(10);
  expect((await tracker.latest()).upTo()).toBe(10);
  expect(reads).toBe(2);
});

it('reads if the projector does not tell enough, as one of an earlier version', async () => {
  const tracker = await listening();
  stored.set('posts', checkpoint(4));
  listener?.({ projection: 'posts', position: 4 });
  expect((await tracker.latest()).upTo(['posts'])).toBe(4);
  expect(reads).toBe(1);
});

it('reads a replica of the documents, which may lack what was told', async () => {
  const tracker = await listening({ believesHints: false });
  stored.set('posts', checkpoint(2));
  expect((await tracker.latest()).upTo(['posts'])).toBe(2);
  listener?.({ projection: 'posts', checkpoint: checkpoint(4) });
  expect((await tracker.latest()).upTo(['posts'])).toBe(2);
  expect(reads).toBe(2);
});

it('forgets what was told of documents that have lost it', async () => {
  const tracker = await listening();
  raise(8);
  for (const projection of projections) stored.set(projection, checkpoint(2));
  expect((await tracker.read()).upTo()).toBe(2);
  expect((await tracker.latest()).upTo()).toBe(2);
});

it('calls those who wait for progress when it is told', async () => {
  const tracker = await listening();
  const since = await tracker.latest();
  let calls = 0;
  const unwatch = tracker.watch(since, () => {
    calls += 1;
  });
  raise(3);
  expect(calls).toBeGreaterThan(0);
  unwatch();
  tracker.close();
});
