import { setTimeout } from 'node:timers/promises';
import type { CountedSets, Documents } from '@rookery/document-store';
import type { Generation, RecountDoc } from '@rookery/read-models';
import type { Projection } from '@rookery/read-models/reducers';
import { type Logger, waitBeforeRetry } from '@rookery/runtime';

/** Interval between looks at the generations that are written. */
const defaultIntervalMs = 60_000;
/** Time after which no projector of an earlier version is running any more. */
const defaultSettleMs = 600_000;
/** Limit of the wait for a recount at the end of the process. */
const maxStopMs = 1_000;

export interface RecountOptions {
  readonly documents: Documents;
  readonly projection: Pick<Projection, 'name' | 'merges'>;
  readonly log: Logger;
  readonly intervalMs?: number;
  readonly settleMs?: number;
}

/** Returns the counted sets of a projection. */
export const countedSetsOf = ({ merges }: Pick<Projection, 'merges'>): CountedSets[] =>
  merges.flatMap(({ collection, counts }) => counts.map((set) => ({ collection, ...set })));

/**
 * Corrects the counts of generations that an earlier version has written, in the background and without
 * blocking any write. That version wrote a count after its documents, so a crash could leave a wrong count,
 * which no later write corrects. Each generation is counted when it is first seen, and once more when no
 * projector of that version can be running any more; generations that this version has built are not.
 */
export const startRecounts = (options: RecountOptions): AsyncDisposable => {
  const { projection, log, intervalMs = defaultIntervalMs } = options;
  const stopping = new AbortController();
  const { signal } = stopping;

  const run = async (): Promise<void> => {
    for (let failures = 0; !signal.aborted; ) {
      try {
        await recountAll(options, signal);
        failures = 0;
        await setTimeout(intervalMs, undefined, { signal });
      } catch (error) {
        if (signal.aborted) return;
        failures += 1;
        log[failures === 1 ? 'warn' : 'debug']({ error, failures }, 'failed to recount; trying again');
        await waitBeforeRetry(failures, { signal });
      }
    }
  };
  const running = countedSetsOf(projection).length === 0 ? Promise.resolve() : run();
  return {
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await Promise.race([running, setTimeout(maxStopMs)]);
    },
  };
};

/** Recounts the generations that are written, if they are due. */
const recountAll = async (options: RecountOptions, signal: AbortSignal): Promise<void> => {
  const { documents, projection } = options;
  const { live, also } = (await documents.generations()).of(projection.name);
  for (const generation of new Set([live, also])) {
    if (generation !== null && !signal.aborted) await recountIfDue(options, generation);
  }
};

const recountIfDue = async (
  { documents, projection, log, settleMs = defaultSettleMs }: RecountOptions,
  generation: Generation,
): Promise<void> => {
  const id = recountId(projection.name, generation);
  const found = (await documents.collection<RecountDoc>('recounts').getMany([id])).get(id)?.doc;
  if (found?.isLast || (found && Date.now() < Date.parse(found.at) + settleMs)) return;
  const sets = countedSetsOf(projection);
  await documents.beside(generation, projection.name).countAll(sets);
  await noteRecount(documents, projection.name, generation, found !== undefined);
  log.info({ generation, kinds: sets.map(({ kind }) => kind) }, 'recounted a generation');
};

const recountId = (projection: string, generation: Generation): string => `${projection}:${generation}`;

/** Records that the counts of a generation are right, and whether they are recounted once more. */
export const noteRecount = async (
  documents: Documents,
  projection: string,
  generation: Generation,
  isLast: boolean,
): Promise<void> => {
  const recounts = documents.collection<RecountDoc>('recounts');
  const id = recountId(projection, generation);
  const revision = (await recounts.getMany([id])).get(id)?.revision ?? 0;
  // A lost write means that another process has recounted as well.
  await recounts.putMany([{ id, revision, doc: { at: new Date().toISOString(), isLast } }]);
};
