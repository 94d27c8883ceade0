import type { Stored } from '@rookery/document-store';
import { errorCodeOf, unavailable } from '@rookery/graphql-server';
import type { CollectionName, Shapes } from '@rookery/read-models';
import type { Logger } from '@rookery/runtime';
import type { QueryReplica } from './query-replica.ts';
import type { ReadCollection, Reader } from './read-store.ts';

/**
 * Calls the replica that a request, or one step of a subscription, reads. If it fails, calls the alternative,
 * if there is one; if that fails too, the client gets a clear error, and the log the reason.
 * @throws RookeryError SERVICE_UNAVAILABLE
 */
export type Calls = <T>(call: (replica: QueryReplica) => Promise<T>) => Promise<T>;

export interface CallsOptions {
  readonly replica: () => QueryReplica;
  /** Fails over to another replica. Returns false if there is none. */
  readonly failOver: (from: QueryReplica) => boolean;
  readonly log: Logger;
}

export const createCalls = ({ replica, failOver, log }: CallsOptions): Calls => {
  return async (call) => {
    for (const tried = new Set<QueryReplica>(); ; ) {
      const at = replica();
      tried.add(at);
      try {
        at.health.demandWhole();
        return await call(at);
      } catch (error) {
        if (errorCodeOf(error) !== undefined) throw error;
        log.warn({ error, replica: at.name }, 'documents failed');
        if (!failOver(at) || tried.has(replica())) throw unavailable();
      }
    }
  };
};

/** Collections whose documents don't go: one that is missing makes one ask whether the store is whole. */
const lasting: ReadonlySet<CollectionName> = new Set(['users', 'posts', 'items']);

/** Nothing is taken for absent before the store has been found to have lost nothing. */
const confirm = async (replica: QueryReplica): Promise<void> => {
  await replica.progress.read();
  replica.health.demandWhole();
};

/**
 * The documents as one request sees them. Every read waits first for `before` (the viewer's own writes), here and
 * nowhere else, so that no read can forget to.
 */
export const createReader = (calls: Calls, before: () => Promise<void>): Reader => ({
  collection<N extends CollectionName>(name: N): ReadCollection<Shapes[N]> {
    const read = <T>(
      call: (collection: ReadCollection<Shapes[N]>) => Promise<T>,
      lacks: (found: T) => boolean,
    ): Promise<T> =>
      calls(async (replica) => {
        await before();
        const found = await call(replica.documents.collection<Shapes[N]>(name));
        if (lacks(found)) await confirm(replica);
        return found;
      });
    return {
      getMany: (ids) =>
        read(
          (collection) => collection.getMany(ids),
          (found: Map<string, Stored<Shapes[N]>>) => lasting.has(name) && found.size < new Set(ids).size,
        ),
      page: (request) =>
        read(
          (collection) => collection.page(request),
          (found: Stored<Shapes[N]>[]) => found.length === 0 && request.after === undefined,
        ),
    };
  },
});
