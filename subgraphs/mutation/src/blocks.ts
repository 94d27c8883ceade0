import type { Documents } from '@rookery/document-store';
import { type RelationDoc, relationId } from '@rookery/read-models';
import type { Logger } from '@rookery/runtime';

/** Returns whether one of two users blocks the other. */
export type AreBlocked = (one: string, other: string) => Promise<boolean>;

/**
 * Creates a check that reads the documents. If they do not answer, the command goes on as if there were no block: reads hide
 * the one from the other all the same, and a follow during a block has no effect.
 * @param execute calls the documents by the policy of their link
 */
export const createBlockCheck =
  (
    documents: Pick<Documents, 'collection'>,
    execute: <T>(call: () => Promise<T>) => Promise<T>,
    log: Logger,
  ): AreBlocked =>
  async (one, other) => {
    if (one === other) return false;
    const ids = [relationId(one, other), relationId(other, one)];
    try {
      const found = await execute(() => documents.collection<RelationDoc>('blocks').getMany(ids));
      return [...found.values()].some(({ doc }) => doc.active);
    } catch (error) {
      log.debug({ error, collection: 'blocks' }, 'documents did not answer');
      return false;
    }
  };
