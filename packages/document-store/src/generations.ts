import type { Generation, GenerationsDoc, ProjectionGenerations } from '@rookery/read-models';
import type { Engine } from './engine.ts';
import { DocumentsUnavailableError, StatementTimeoutError } from './errors.ts';
import type { Generations } from './types.ts';

/**
 * Time for which a process may use a pointer, in milliseconds from before it was read. A process that changes
 * the pointer waits this long before it relies on the change (docs/explanation/recovery.md).
 */
export const leaseMs = 2_000;
/** Age from which the pointer is refreshed in the background, so that no reader waits for it. */
const refreshAfterMs = 600;
/** A store that never answers in time counts as down. */
const maxTries = 3;

/** Id of the only document of the collection `generations`. */
export const pointerId = 'current';

const inTheBase: ProjectionGenerations = { live: 0, also: null, previous: null };
const nothingSwapped: GenerationsDoc = { last: 0, projections: {} };

const asGenerations = (doc: GenerationsDoc, revision: number): Generations => ({
  doc,
  revision,
  of: (projection) => doc.projections[projection] ?? inTheBase,
});

/** All projections in the base: the state without a pointer. */
const allInTheBase = asGenerations(nothingSwapped, 0);

/** Returns the namespace of a generation. */
export const namespaceOf = (base: string | undefined, generation: Generation): string | undefined => {
  if (generation === 0) return base;
  return base === undefined ? `generation_${generation}` : `${base}_${generation}`;
};

/**
 * Follows the pointer: each result is at most `leaseMs` old, and usually costs no round trip.
 * @param onRead called for each round trip
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
      // A pending answer may be older than the question.
      await asking?.catch(() => {});
      await refresh();
    }
    if (known && age() < leaseMs) {
      if (age() > refreshAfterMs) refresh().catch(() => {});
      return known.generations;
    }
    for (let tries = 1; tries <= maxTries; tries++) {
      await refresh();
      if (known && age() < leaseMs) return known.generations;
    }
    throw new DocumentsUnavailableError('the document store does not say in time which generation is live');
  };
};

const read = async (engine: Engine, base: string | undefined): Promise<Generations> => {
  try {
    const found = await engine.collection<GenerationsDoc>(base, 'generations').getMany([pointerId]);
    const pointer = found.get(pointerId);
    return pointer ? asGenerations(pointer.doc, pointer.revision) : allInTheBase;
  } catch (error) {
    if (error instanceof DocumentsUnavailableError || error instanceof StatementTimeoutError) throw error;
    // The store has no such collection: no generation was ever swapped.
    return allInTheBase;
  }
};
