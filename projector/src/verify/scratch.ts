import type { Documents, Generation, RebuildDoc } from '@rookery/stores/documents';
import { firstTries, patiently } from '../rebuild/patience.ts';
import { newGeneration } from '../rebuild/pointer.ts';

/** What a verification that was killed has left is cleared away after so long. Milliseconds. */
const abandonedAfter = 600_000;
const signOfLife = 5_000;
const prefix = 'verify-';

/** A generation for one comparison: nobody reads it, and it is gone afterwards. */
export const scratchGeneration = async (
  documents: Documents,
  projections: readonly string[],
  signal: AbortSignal,
): Promise<{ readonly generation: Generation } & AsyncDisposable> => {
  const notes = documents.collection<RebuildDoc>('rebuilds');
  await patiently(signal, () => documents.prepare(), firstTries);
  const generation = await patiently(signal, async () => {
    for await (const found of notes.scan(100, prefix)) {
      for (const note of found) {
        if (!note.id.startsWith(prefix) || Date.now() - Date.parse(note.doc.at) < abandonedAfter) continue;
        await documents.dropGeneration(note.doc.generation);
        await notes.removeMany([note]);
      }
    }
    return newGeneration(documents);
  });
  const id = `${prefix}${generation}`;
  const now = () => new Date().toISOString();
  let doc: RebuildDoc = {
    projections,
    generation,
    phase: 'load',
    upTo: 0,
    ranges: [],
    loadTo: 0,
    holder: '',
    startedAt: now(),
    at: now(),
  };
  let revision = 0;
  const write = async () => {
    doc = { ...doc, at: now() };
    const lost = await notes.putMany([{ id, revision, doc }]);
    // Nobody else writes it; but one that was not answered may have been done all the same.
    revision = lost.length === 0 ? revision + 1 : ((await notes.getMany([id])).get(id)?.revision ?? 0);
  };
  await patiently(signal, write);
  let writing: Promise<void> = Promise.resolve();
  const alive = setInterval(() => {
    writing = writing.then(write).catch(() => {});
  }, signOfLife);
  return {
    generation,
    async [Symbol.asyncDispose]() {
      clearInterval(alive);
      await writing;
      try {
        await documents.dropGeneration(generation);
        await notes.removeMany([{ id, revision }]);
      } catch {
        // The answer stands all the same; a later verification clears it away.
      }
    },
  };
};
