import type { ActivityDoc } from '@rookery/read-models';
import type { Logger } from '@rookery/runtime';
import { createBell } from './bell.ts';
import type { ProgressTracker } from './progress.ts';
import type { ReadStore } from './read-store.ts';

/** Longest wait for a hint before looking without one, in milliseconds. */
const lookAgain = 100;

export interface ReadAfter {
  /**
   * Waits until every projection has applied each of these activities. Returns false if this takes longer
   * than READ_AFTER_TIMEOUT.
   * @throws if the documents do not answer
   */
  wait(activities: readonly string[]): Promise<boolean>;
}

/** Reading one's own writes: the barrier in front of a request's first read. */
export const createReadAfter = (
  documents: ReadStore,
  progress: ProgressTracker,
  timeout: number,
  log: Logger,
): ReadAfter => {
  const collection = documents.collection<ActivityDoc>('activities');

  return {
    async wait(activities) {
      if (activities.length === 0) return true;
      const unknown = new Set(activities);
      let wanted = 0;
      const deadline = Date.now() + timeout;
      const bell = createBell();
      let unwatch: (() => void) | undefined;
      try {
        for (;;) {
          // A position is known once the activities are projected.
          const found = await collection.getMany([...unknown]);
          for (const [id, { doc }] of found) {
            unknown.delete(id);
            wanted = Math.max(wanted, doc.position);
          }
          const now = await progress.read();
          if (unknown.size === 0 && now.upTo() >= wanted) return true;
          const left = deadline - Date.now();
          if (left <= 0) return false;
          // Most writes are there at the first look; only the others are worth listening for.
          unwatch ??= progress.watch(now, bell.ring);
          await bell.wait(Math.min(left, lookAgain));
        }
      } catch (error) {
        log.warn({ error }, 'could not find out whether a write has been projected');
        throw error;
      } finally {
        unwatch?.();
      }
    },
  };
};
