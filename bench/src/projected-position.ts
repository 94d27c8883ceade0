import type { Documents } from '@rookery/document-store';
import type { CheckpointDoc } from '@rookery/read-models';
import { projectionNames } from '@rookery/read-models/reducers';

/** Returns the position that all projections have reached. */
export const projectedPosition = async (documents: Documents): Promise<number> => {
  const found = await documents.collection<CheckpointDoc>('progress').getMany(projectionNames);
  return Math.min(...projectionNames.map((name) => found.get(name)?.doc.position ?? 0));
};
