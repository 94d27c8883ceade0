import { type Logger, RookeryError, unavailable } from '@rookery/service';
import type { Collection, CollectionName, Documents, Shapes } from '@rookery/stores/documents';

/** A collection, to those who only read. */
export type ReadCollection<T> = Pick<Collection<T>, 'getMany' | 'page'>;

/** The documents, to those who only read. */
export interface Reader {
  collection<N extends CollectionName>(name: N): ReadCollection<Shapes[N]>;
}

/** Shows the client a store that doesn't answer as what it is, and the log why. */
export const orUnavailable = async <T>(log: Logger, read: () => Promise<T>): Promise<T> => {
  try {
    return await read();
  } catch (error) {
    if (error instanceof RookeryError) throw error;
    log.warn({ error }, 'documents failed');
    throw unavailable();
  }
};

/**
 * The documents as one request sees them. Every read waits first for `before` (the viewer's own writes), here and
 * nowhere else, so that no read can forget to.
 */
export const createReader = (documents: Documents, before: () => Promise<void>, log: Logger): Reader => ({
  collection<N extends CollectionName>(name: N): ReadCollection<Shapes[N]> {
    const collection = documents.collection<Shapes[N]>(name);
    const read = async <T>(call: () => Promise<T>): Promise<T> => {
      await before();
      return orUnavailable(log, call);
    };
    return {
      getMany: (ids) => read(() => collection.getMany(ids)),
      page: (request) => read(() => collection.page(request)),
    };
  },
});
