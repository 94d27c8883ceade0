import type { Documents } from '@rookery/document-store';
import type { Generation, RebuildDoc } from '@rookery/read-models';
import { newGeneration } from '../rebuild/pointer.ts';
import { maxFirstAttempts, retryWhileDown } from '../rebuild/retry.ts';

/** Age at which the remains of a killed verification are removed. */
const abandonedAfterMs = 600_000;
const heartbeatMs = 5_000;
const prefix = 'verify-';

/** Creates a generation for one comparison. No process reads it, and it is deleted afterwards. */
export const scratchGeneration = async (
  documents: Documents,
  projections: readonly string[],
  signal: AbortSignal,
): Promise<{ readonly generation: Generation } & AsyncDisposable> => {
  const notes = documents.collection<RebuildDoc>('rebuilds');
  await retryWhileDown(signal, () => documents.prepare(), maxFirstAttempts);
  const generation = await retryWhileDown(signal, async () => {
    for await (const found of notes.scan(100, prefix)) {
      for (const note of found) {
        if (!note.id.startsWith(prefix) || Date.now() - Date.parse(note.doc.at) < abandonedAfterMs) continue;
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
    // No other process writes it, but a write without an answer may still have succeeded.
    revision = lost.length === 0 ? revision + 1 : ((await notes.getMany([id])).get(id)?.revision ?? 0);
  };
  await retryWhileDown(signal, write);
  let writing: Promise<void> = Promise.resolve();
  const alive = setInterval(() => {
    writing = writing.then(write).catch(() => {});
  }, heartbeatMs);
  return {
    generation,
    async [Symbol.asyncDispose]() {
      clearInterval(alive);
      await writing;
      try {
        await documents.dropGeneration(generation);
        await notes.removeMany([{ id, revision }]);
      } catch {
        // The result is valid anyway; a later verification removes the remains.
      }
    },
  };
};
