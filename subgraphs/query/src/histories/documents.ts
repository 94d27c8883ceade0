import type { PageRequest, Stored, Where } from '@rookery/document-store';
import { type CollectionName, countId } from '@rookery/read-models';
import { project, projections } from '@rookery/read-models/reducers';
import type { RecordedEvent } from '@rookery/schema/events';
import type { QueryContext } from '../context.ts';
import type { Cursors } from '../cursor.ts';
import { createLoaders } from '../loaders.ts';
import type { Progress } from '../progress.ts';
import type { Reader } from '../read-store.ts';

/* Documents of events in memory, and the product's reads of them: hundreds of histories in a second. */

export type Documents = ReadonlyMap<string, ReadonlyMap<string, unknown>>;
type Doc = Readonly<Record<string, unknown>>;

/** @param before documents of earlier events */
export const applied = (events: readonly RecordedEvent[], before?: Documents): Documents =>
  new Map(projections.flatMap((projection) => [...project(projection, events, before)]));

/** A field with several values, as the words of a text, has each of them. */
const hasValue = (value: unknown, wanted: unknown): boolean =>
  Array.isArray(value) ? value.includes(wanted) : (value ?? null) === wanted;

const matches = (doc: Doc, where: Where): boolean =>
  Object.entries(where).every(([field, wanted]) =>
    Array.isArray(wanted) ? wanted.includes(doc[field]) : hasValue(doc[field], wanted),
  );

/** Returns the documents with the sizes of the sets that the stores count. */
export const withCounts = (documents: Documents): Documents => {
  const counts = new Map<string, { readonly n: number }>();
  for (const { collection, counts: sets } of projections.flatMap(({ merges }) => merges))
    for (const doc of documents.get(collection)?.values() ?? [])
      for (const { kind, field, where } of sets) {
        const value = (doc as Doc)[field];
        if (typeof value !== 'string' || !matches(doc as Doc, where)) continue;
        const id = countId(kind, value);
        counts.set(id, { n: (counts.get(id)?.n ?? 0) + 1 });
      }
  return new Map([...documents, ['counts', counts]]);
};

/** The documents as a store returns them. */
export const readerOf = (documents: Documents): Reader => {
  const docsOf = (name: string) => documents.get(name) ?? new Map<string, unknown>();
  const valuesAmong = ({ collection, values, where }: NonNullable<PageRequest['among']>): Set<unknown> =>
    new Set(
      [...docsOf(collection).values()].flatMap((doc) =>
        matches(doc as Doc, where) ? [(doc as Doc)[values]] : [],
      ),
    );
  const collection = (name: CollectionName) => {
    const docs = docsOf(name);
    const stored = (id: string): Stored<Doc> => ({ id, revision: 1, doc: docs.get(id) as Doc });
    return {
      getMany: async (ids: readonly string[]) =>
        new Map(ids.flatMap((id) => (docs.has(id) ? [[id, stored(id)] as const] : []))),
      page: async ({ where, among, orderBy, direction, after, limit }: PageRequest) => {
        const sign = direction === 'asc' ? 1 : -1;
        const keyOf = ({ doc }: Stored<Doc>) => sign * Number(doc[orderBy]);
        const values = among && valuesAmong(among);
        return [...docs.keys()]
          .map(stored)
          .filter(({ doc }) => matches(doc, where) && typeof doc[orderBy] === 'number')
          .filter(({ doc }) => !among || values?.has(doc[among.field]))
          .filter((one) => after === undefined || keyOf(one) > sign * after)
          .sort((a, b) => keyOf(a) - keyOf(b))
          .slice(0, limit);
      },
    };
  };
  return { collection } as unknown as Reader;
};

/** Nobody reads a second page: to sign each cursor would take longer than all else. */
const cursors: Cursors = { write: (_kind, _owner, position) => String(position), read: () => undefined };
/** Everything is projected. */
const progress: Pick<Progress, 'upTo'> = { upTo: () => Number.MAX_SAFE_INTEGER - 1 };

/** The parts of a context that reads of documents need. Everybody may moderate. */
export const contextOf = (reader: Reader, viewer: string | null): QueryContext =>
  ({
    ...{ reader, loaders: createLoaders(reader, viewer), viewer, scopes: new Set(['moderate']) },
    ...{ sources: { cursors }, progress: async () => progress },
    onOneReplica: async <T>(read: () => Promise<T>) => read(),
  }) as unknown as QueryContext;
