import { type Documents, DocumentsUnavailableError } from '@rookery/document-store';
import type { EventStore } from '@rookery/event-store';
import {
  isRebuildUnfinished,
  type RebuildProgress,
  type Rebuilt,
  rebuild,
  updateCheckpoint,
} from '@rookery/projector';
import { projectionNames } from '@rookery/read-models/reducers';

export interface BuildOptions {
  readonly documents: Documents;
  /** Restored event store. The caller must hold the lock of its writer. */
  readonly eventStore: EventStore;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: RebuildProgress) => void;
}

/** `few`: a projector applies what is missing sooner. `unavailable`: the document store does not answer. */
export type Built = Rebuilt | 'few' | 'unavailable';

/** Number of missing events from which read models are built in bulk. */
const minMissing = 10_000;

/**
 * Builds the read models of a restored event store in bulk, so that no event has to be applied one by one. The same call
 * resumes a build that was killed. Documents of another history, which are beyond the end of the store, are replaced.
 */
export const buildReadModels = async (options: BuildOptions): Promise<Built> => {
  const { documents, eventStore, signal, onProgress } = options;
  try {
    await documents.prepare();
  } catch (error) {
    if (error instanceof DocumentsUnavailableError) return 'unavailable';
    throw error;
  }
  const missing = await countMissing(documents, await eventStore.head());
  if (missing < minMissing && !(await isRebuildUnfinished(documents))) return 'few';
  return rebuild({ documents, eventStore, projections: projectionNames, signal, onProgress });
};

/** Returns how many events the projection lacks that is furthest behind. Those beyond the head lack all. */
const countMissing = async (documents: Documents, head: number): Promise<number> => {
  let missing = 0;
  for (const name of projectionNames) {
    const { position } = await updateCheckpoint(documents, name, (now) =>
      now.position > head ? { position: 0 } : undefined,
    );
    missing = Math.max(missing, head - position);
  }
  return missing;
};
