import type { Documents } from '@rookery/document-store';
import type { CheckpointDoc } from '@rookery/read-models';

const none: CheckpointDoc = { position: 0, at: new Date(0).toISOString(), epoch: 0 };

export const readCheckpoint = async (documents: Documents, projection: string): Promise<CheckpointDoc> => {
  const found = await documents.collection<CheckpointDoc>('progress').getMany([projection]);
  return found.get(projection)?.doc ?? none;
};

/**
 * Changes `progress/<projection>` by compare-and-set, unless `change` returns undefined.
 * @returns the current document
 */
export const updateCheckpoint = async (
  documents: Documents,
  projection: string,
  change: (now: CheckpointDoc) => Partial<CheckpointDoc> | undefined,
): Promise<CheckpointDoc> => {
  const collection = documents.collection<CheckpointDoc>('progress');
  for (;;) {
    const found = (await collection.getMany([projection])).get(projection);
    const now = found?.doc ?? none;
    const changed = change(now);
    if (!changed) return now;
    const doc = { ...now, ...changed };
    const lost = await collection.putMany([{ id: projection, revision: found?.revision ?? 0, doc }]);
    if (lost.length === 0) return doc;
  }
};
