import type { Documents } from '@rookery/document-store';
import { handlesIn, type UserDoc } from '@rookery/read-models';
import type { Logger } from '@rookery/runtime';

/**
 * Returns the ids of the users whom a text mentions, in the order of their first mention: also of those whom a block hides, because
 * the rules decide at each read. A handle that nobody is found for, or whose documents do not answer, is text.
 */
export type FindMentions = (text: string) => Promise<readonly string[]>;

/**
 * Creates a lookup of mentions that reads the documents.
 * @param execute calls the documents by the policy of their link
 */
export const createFindMentions =
  (
    documents: Pick<Documents, 'collection'>,
    execute: <T>(call: () => Promise<T>) => Promise<T>,
    log: Logger,
  ): FindMentions =>
  async (text) => {
    const handles = handlesIn(text);
    if (handles.length === 0) return [];
    try {
      const found = await execute(() =>
        documents.collection<UserDoc>('users').page({
          where: { handle: handles },
          orderBy: 'joinedPosition',
          direction: 'asc',
          limit: handles.length,
        }),
      );
      const ids = new Map(found.map(({ id, doc }) => [doc.handle, id]));
      return handles.flatMap((handle) => ids.get(handle) ?? []);
    } catch (error) {
      log.debug({ error, collection: 'users' }, 'documents did not answer');
      return [];
    }
  };
