import { dropJob, type RebuildDoc, takeJob } from './job.ts';
import { changeGenerations, everybodyKnows } from './pointer.ts';
import { finish, type RebuildOptions, type Rebuilt, waitingFor } from './rebuild.ts';
import { maxFirstAttempts, retryWhileDown } from './retry.ts';

/** There is no generation to roll back to. */
export class NoPreviousGenerationError extends Error {
  override name = 'NoPreviousGenerationError';
}

/**
 * Restores the previously live generation: it catches up from where it was left and is swapped in like a new
 * one.
 * @throws NoPreviousGenerationError
 * @throws RebuildConflictError if a process runs a rebuild, or one was begun and not ended
 */
export const rollBack = async (
  options: Omit<RebuildOptions, 'projections'> & { readonly projection: string },
): Promise<Rebuilt> => {
  const { documents, eventStore, projection, signal } = options;
  await retryWhileDown(signal, () => documents.prepare(), maxFirstAttempts);
  const { previous } = (await documents.generations(true)).of(projection);
  if (!previous) throw new NoPreviousGenerationError(`${projection} has no generation before the live one`);
  const { generation, upTo } = previous;
  await documents.beside(generation, projection).prepare();
  const job = await takeJob(
    documents,
    { projections: [projection], rollsBack: true },
    async () => ({
      generation,
      // An earlier version may have kept it without counting.
      phase: 'count',
      upTo,
      ranges: [],
      loadTo: await eventStore.head(),
    }),
    waitingFor(options),
  );
  return finish({ ...options, projections: [projection] }, job);
};

/**
 * Drops the unfinished rebuild and everything that it has built.
 * @returns its state
 * @throws RebuildConflictError if a process runs it
 */
export const abandon = async (
  options: Pick<RebuildOptions, 'documents' | 'signal' | 'onProgress'>,
): Promise<RebuildDoc | undefined> => {
  const { documents } = options;
  const dropped = await dropJob(documents, waitingFor(options));
  if (!dropped) return undefined;
  const { generation, projections } = dropped;
  const now = await documents.generations(true);
  const swapped = projections.filter((name) => now.of(name).live === generation);
  if (swapped.length > 0) return dropped;
  await changeGenerations(documents, projections, (one) =>
    one.also === generation ? { ...one, also: null } : one,
  );
  await everybodyKnows(options.signal);
  for (const name of projections) {
    // Generations that are available for roll-back are kept.
    if (now.of(name).previous?.generation === generation) continue;
    await documents.beside(generation, name).clear();
  }
  return dropped;
};
