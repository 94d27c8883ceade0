import type { ActivityDoc } from '@rookery/read-models';
import type { Logger } from '@rookery/runtime';
import type { ProgressTracker } from './progress.ts';
import type { ReadStore } from './read-store.ts';
import { createSignal } from './signal.ts';

/** Maximum wait for a hint before looking without one. */
const pollIntervalMs = 100;

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
  timeoutMs: number,
  log: Logger,
): ReadAfter => {
  const collection = documents.collection<ActivityDoc>('activities');

  /** Looks up positions, which are known once the activities are projected. Returns the highest one. */
  const lookUp = async (unknown: Set<string>): Promise<number> => {
    const found = await collection.getMany([...unknown]);
    for (const id of found.keys()) unknown.delete(id);
    return Math.max(0, ...[...found.values()].map(({ doc }) => doc.position));
  };

  const waitFor = async (activities: readonly string[]): Promise<boolean> => {
    const unknown = new Set(activities);
    const deadline = Date.now() + timeoutMs;
    const wake = createSignal();
    let wanted = 0;
    let unwatch: (() => void) | undefined;
    try {
      for (;;) {
        wanted = Math.max(wanted, await lookUp(unknown));
        const now = await progress.read();
        if (unknown.size === 0 && now.upTo() >= wanted) return true;
        const left = deadline - Date.now();
        if (left <= 0) return false;
        // Most writes are there at the first look; only the others are worth listening for.
        unwatch ??= progress.watch(now, wake.set);
        await wake.wait(Math.min(left, pollIntervalMs));
      }
    } finally {
      unwatch?.();
    }
  };

  return {
    async wait(activities) {
      if (activities.length === 0) return true;
      try {
        return await waitFor(activities);
      } catch (error) {
        log.warn({ error }, 'could not find out whether a write has been projected');
        throw error;
      }
    },
  };
};
