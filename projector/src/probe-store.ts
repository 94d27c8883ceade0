import type { Documents } from '@rookery/document-store';
import { countId } from '@rookery/read-models';
import type { Projection } from '@rookery/read-models/reducers';

/**
 * Executes a nearly free statement on each collection that a projection writes. If one times out, the store
 * is slow as a whole or a table is locked, and no event is to blame.
 */
export const probeStore = async (
  documents: Documents,
  { merges }: Pick<Projection, 'merges'>,
): Promise<void> => {
  const nothing = (name: string, id: string) => documents.collection(name).removeMany([{ id, revision: 0 }]);
  await Promise.all(
    merges.flatMap(({ collection, counts = [] }) => [
      nothing(collection, 'probe'),
      ...counts.map(({ kind }) => nothing('counts', countId(kind, 'probe'))),
    ]),
  );
};
