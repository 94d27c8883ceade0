import type { PageRequest, Stored } from '@rookery/document-store';
import { errorCodeOf, unavailable } from '@rookery/graphql-server';
import type { CollectionName, Shapes } from '@rookery/read-models';
import { isTracing, type Logger, type SpanOptions, traced } from '@rookery/runtime';
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

/** Name and options of the span of one read. https://opentelemetry.io/docs/specs/semconv/database/database-spans/ */
const databaseSpan = (
  system: QueryReplica['system'],
  collection: CollectionName,
  parent: string,
): [name: string, options: SpanOptions] => {
  const operation = system === 'mongodb' ? 'find' : 'SELECT';
  return [
    `${operation} ${collection}`,
    {
      parent,
      kind: 'CLIENT',
      attributes: {
        'db.system.name': system,
        'db.operation.name': operation,
        'db.collection.name': collection,
      },
    },
  ];
};

export interface ReaderOptions {
  /** Waits for the viewer's own writes. */
  readonly before: () => Promise<void>;
  /** Trace context of the request. Absent for a subscription, whose reads belong to no single request. */
  readonly traceparent?: string | undefined;
}

/**
 * The documents as one request sees them. Every read waits first for `before`, here and nowhere else, so that no read can
 * forget to. Each call of the store is a span by OpenTelemetry's semantic conventions for databases.
 */
export const createReader = (calls: Calls, { before, traceparent: parent }: ReaderOptions): Reader => ({
  collection<N extends CollectionName>(name: N): ReadCollection<Shapes[N]> {
    const read = <T>(
      call: (collection: ReadCollection<Shapes[N]>) => Promise<T>,
      lacks: (found: T) => boolean,
    ): Promise<T> =>
      calls(async (replica) => {
        await before();
        const ask = () => call(replica.documents.collection<Shapes[N]>(name));
        const found = await (parent === undefined || !isTracing()
          ? ask()
          : traced(...databaseSpan(replica.system, name, parent), ask));
        if (lacks(found)) await confirm(replica);
        return found;
      });
    const isEmpty = (found: readonly unknown[], { after }: PageRequest): boolean =>
      found.length === 0 && after === undefined;
    return {
      getMany: (ids) =>
        read(
          (collection) => collection.getMany(ids),
          (found: Map<string, Stored<Shapes[N]>>) => lasting.has(name) && found.size < new Set(ids).size,
        ),
      page: (request) =>
        read(
          (collection) => collection.page(request),
          (found) => isEmpty(found, request),
        ),
      pageOf: (fields, request) =>
        read(
          (collection) => collection.pageOf(fields, request),
          (found) => isEmpty(found, request),
        ),
    };
  },
});
