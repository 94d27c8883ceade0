import type { Documents } from '@rookery/document-store';
import type { ProgressDoc } from '@rookery/read-models';

const none: ProgressDoc = { position: 0, at: new Date(0).toISOString(), epoch: 0 };

export const readProgress = async (documents: Documents, projection: string): Promise<ProgressDoc> => {
  const found = await documents.collection<ProgressDoc>('progress').getMany([projection]);
  return found.get(projection)?.doc ?? none;
};

/**
 * Changes `progress/<projection>` by compare-and-set, unless `change` returns undefined.
 * @returns the current document
 */
export const changeProgress = async (
  documents: Documents,
  projection: string,
  change: (now: ProgressDoc) => Partial<ProgressDoc> | undefined,
): Promise<ProgressDoc> => {
  const collection = documents.collection<ProgressDoc>('progress');
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
