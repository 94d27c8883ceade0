import { setTimeout } from 'node:timers/promises';
import { type Documents, leaseMs, pointerId } from '@rookery/document-store';
import type { Generation, GenerationsDoc, ProjectionGenerations } from '@rookery/read-models';

/** Tolerated clock skew. */
const maxClockSkewMs = 200;

/**
 * Changes the pointer by compare-and-set.
 * @returns the current pointer
 */
const changePointer = async (
  documents: Documents,
  change: (now: GenerationsDoc) => GenerationsDoc | undefined,
): Promise<GenerationsDoc> => {
  const collection = documents.collection<GenerationsDoc>('generations');
  for (;;) {
    const found = (await collection.getMany([pointerId])).get(pointerId);
    const now = found?.doc ?? { last: 0, projections: {} };
    const changed = change(now);
    if (!changed) return now;
    const lost = await collection.putMany([{ id: pointerId, revision: found?.revision ?? 0, doc: changed }]);
    if (lost.length === 0) return changed;
  }
};

/** Changes the generations of several projections in one step. */
export const changeGenerations = (
  documents: Documents,
  projections: readonly string[],
  change: (now: ProjectionGenerations, projection: string) => ProjectionGenerations,
): Promise<GenerationsDoc> =>
  changePointer(documents, (now) => ({
    ...now,
    projections: {
      ...now.projections,
      ...Object.fromEntries(
        projections.map((name) => [
          name,
          change(now.projections[name] ?? { live: 0, also: null, previous: null }, name),
        ]),
      ),
    },
  }));

/** Returns a generation number that was never used. */
export const newGeneration = async (documents: Documents): Promise<Generation> =>
  (await changePointer(documents, (now) => ({ ...now, last: now.last + 1 }))).last;

/**
 * Resolves when no process uses an older pointer than the current one.
 * @throws the reason of the abort signal
 */
export const everybodyKnows = async (signal: AbortSignal): Promise<void> => {
  signal.throwIfAborted();
  await setTimeout(leaseMs + maxClockSkewMs, undefined, { signal });
};
