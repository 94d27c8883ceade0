import type { Documents } from '@rookery/document-store';
import type { EventStore } from '@rookery/event-store';
import type { Generation } from '@rookery/read-models';
import { projections as all } from '@rookery/read-models/reducers';
import { createAdaptiveBatchSize } from '../adaptive-batch-size.ts';
import type { Target } from './load.ts';
import { deadLetterPositions } from './readable.ts';

export interface TargetsOptions {
  readonly documents: Documents;
  readonly eventStore: Pick<EventStore, 'deadLetters' | 'resolvedDeadLetters'>;
  readonly projections: readonly string[];
}

/** Maximum number of documents that are written in one call, so that no call takes long. */
const atOnce = 2_000;

/** Returns the targets of these projections in one generation, without the dead letters of each. */
export const findTargets = async (
  { documents, eventStore, projections }: TargetsOptions,
  generation: Generation,
): Promise<Target[]> => {
  const skipped = await deadLetterPositions(eventStore, projections);
  return all
    .filter(({ name }) => projections.includes(name))
    .map((projection) => ({
      projection,
      beside: documents.beside(generation, projection.name),
      skipped: skipped.get(projection.name) ?? new Set(),
      adaptiveSize: createAdaptiveBatchSize(atOnce),
    }));
};
