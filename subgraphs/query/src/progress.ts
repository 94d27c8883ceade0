import type { Stored } from '@rookery/document-store';
import { type ProjectionProgress, progressIn } from '@rookery/message-queue';
import { type CheckpointDoc, type Projection, projections } from '@rookery/read-models';
import { type Logger, oneAtATime } from '@rookery/runtime';
import type { Hints } from './hints.ts';
import type { ReadStore } from './read-store.ts';
import { createSignal } from './signal.ts';

/** Progress of the projections at one moment. */
export interface Progress {
  /** Everything up to here has been applied by all of these projections. */
  upTo(which?: readonly Projection[]): number;
  /** Returns the position and the rate of one projection. */
  of(projection: Projection): ProjectionProgress;
  /** The generation of the feeds in Redis that is whole up to the same moment. */
  readonly epoch: number;
}

/**
 * Projections that a feed item depends on. Up to the position that all three have reached, an item that is
 * not visible is not merely missing its post or author, so it is safe to skip it.
 */
export const feedProjections = ['feeds', 'posts', 'profiles'] as const satisfies Projection[];

/** Projections that a notification depends on, likewise. */
export const notificationProjections = [
  ...feedProjections,
  'reactions',
  'notifications',
] as const satisfies Projection[];

export interface ProgressTracker {
  /** As it is now: at most one round trip at a time, however many ask. */
  read(): Promise<Progress>;
  /** Calls back whenever a projection has got further than `since`, until the returned function is called. */
  watch(since: Progress, onAdvance: () => void): () => void;
  close(): void;
}

/** Polling interval with and without Redis. */
const pollIntervalMs = { connected: 1_000, alone: 100 };

const asProgress = (docOf: (projection: Projection) => Stored<CheckpointDoc> | undefined): Progress => ({
  upTo: (which = projections) => Math.min(...which.map((name) => docOf(name)?.doc.position ?? 0)),
  of: (projection) => progressIn(docOf(projection)?.doc),
  epoch: docOf('feeds')?.doc.epoch ?? 0,
});

const isFurther = (now: Progress, since: Progress): boolean =>
  projections.some((name) => now.upTo([name]) > since.upTo([name]));

/** Tracks the progress of the projections: by hints if Redis is available, otherwise by polling. */
export const trackProgress = (
  documents: ReadStore,
  hints: Hints,
  log: Logger,
  idOf: (projection: Projection) => string = (projection) => projection,
): ProgressTracker => {
  const collection = documents.collection<CheckpointDoc>('progress');
  const read = oneAtATime(async () => {
    const docs = await collection.getMany(projections.map(idOf));
    return asProgress((projection) => docs.get(idOf(projection)));
  });
  const watchers = new Map<() => void, Progress>();
  const closed = new AbortController();
  const wake = createSignal();

  const callWatchers = (now: Progress): void => {
    for (const [onAdvance, since] of [...watchers]) {
      if (!isFurther(now, since)) continue;
      watchers.set(onAdvance, now);
      onAdvance();
    }
  };
  let following = false;
  /** Reads for as long as there are watchers: at each hint, and at intervals. */
  const follow = async (): Promise<void> => {
    if (following) return;
    following = true;
    const unwatch = hints.watch('progress', wake.set);
    while (watchers.size > 0 && !closed.signal.aborted) {
      await read()
        .then(callWatchers)
        .catch((error) => log.debug({ error }, 'failed to read progress'));
      await wake.wait(hints.connected ? pollIntervalMs.connected : pollIntervalMs.alone, closed.signal);
    }
    unwatch();
    following = false;
  };

  return {
    read,
    watch(since, onAdvance) {
      watchers.set(onAdvance, since);
      void follow();
      return () => {
        watchers.delete(onAdvance);
        if (watchers.size === 0) wake.set();
      };
    },
    close: () => closed.abort(),
  };
};
