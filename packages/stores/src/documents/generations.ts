import type { Engine } from './engine.ts';
import { DocumentsUnavailable, StatementTimeout } from './errors.ts';
import type { Generation, GenerationsDoc, ProjectionGenerations } from './shapes.ts';
import type { Generations } from './types.ts';

/**
 * What a process has read of the pointer it may go by for so long, in milliseconds, counted from before it asked.
 * Whoever changes the pointer waits for this time before relying on the change (docs/recovery.md).
 */
export const lease = 2_000;
/** From this age on it is read again behind whoever asks, so that nobody has to wait for it. Milliseconds. */
const refreshAfter = 600;
/** A store that answers, but never in time, is as good as away. */
const mostTries = 3;

/** The one document of the collection `generations`. */
export const pointerId = 'current';

const inTheBase: ProjectionGenerations = { live: 0, also: null, previous: null };
const nothingSwapped: GenerationsDoc = { last: 0, projections: {} };

const asGenerations = (doc: GenerationsDoc, revision: number): Generations => ({
  doc,
  revision,
  of: (projection) => doc.projections[projection] ?? inTheBase,
});

/** Everything in the base: what holds where there is no pointer. */
export const allInTheBase = asGenerations(nothingSwapped, 0);

/** The namespace of a generation. */
export const namespaceOf = (base: string | undefined, generation: Generation): string | undefined => {
  if (generation === 0) return base;
  return base === undefined ? `generation_${generation}` : `${base}_${generation}`;
};

/**
 * Follows the pointer: each answer is at most `lease` old, and as a rule costs no round trip.
 * @param onRead called for each round trip that it does cost
 */
export const followGenerations = (
  engine: Engine,
  base: string | undefined,
  onRead: () => void = () => {},
): ((fresh?: boolean) => Promise<Generations>) => {
  let known: { readonly generations: Generations; readonly askedAt: number } | undefined;
  let asking: Promise<void> | undefined;

  const ask = async (): Promise<void> => {
    const askedAt = performance.now();
    onRead();
    known = { generations: await read(engine, base), askedAt };
  };
  const refresh = (): Promise<void> => {
    asking ??= ask().finally(() => {
      asking = undefined;
    });
    return asking;
  };
  const age = (): number => (known ? performance.now() - known.askedAt : Number.POSITIVE_INFINITY);

  return async (fresh = false) => {
    if (fresh) {
      // An answer that is under way may be older than the question.
      await asking?.catch(() => {});
      await refresh();
    }
    if (known && age() < lease) {
      if (age() > refreshAfter) refresh().catch(() => {});
      return known.generations;
    }
    for (let tries = 1; tries <= mostTries; tries++) {
      await refresh();
      if (known && age() < lease) return known.generations;
    }
    throw new DocumentsUnavailable('the document store does not say in time which generation is live');
  };
};

const read = async (engine: Engine, base: string | undefined): Promise<Generations> => {
  try {
    const found = await engine.collection<GenerationsDoc>(base, 'generations').getMany([pointerId]);
    const pointer = found.get(pointerId);
    return pointer ? asGenerations(pointer.doc, pointer.revision) : allInTheBase;
  } catch (error) {
    if (error instanceof DocumentsUnavailable || error instanceof StatementTimeout) throw error;
    // The store answers, and has no such collection: nothing has ever been swapped.
    return allInTheBase;
  }
};
