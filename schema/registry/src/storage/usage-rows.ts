import { type OperationUsage, sha256 } from '@rookery/registry-protocol';
import type { Queryable } from './database.ts';

/** Lock of whoever deletes documents; the number is arbitrary. */
export const documentsLock = 7_201_117;

/** The part that is the same in every report of an operation of a client. */
type Reported = Pick<OperationUsage, 'document' | 'operationName' | 'client' | 'inputs'>;

/** Names in a row; an unknown one is empty. */
export interface RowNames {
  readonly operation: string;
  readonly client: string;
  readonly version: string;
}

/** Columns that distinguish one row from others, besides environment and time. */
interface RowKey extends RowNames {
  /** Hash of the document. */
  readonly id: string;
}

const keyOf = ({ document, operationName, client }: Reported): RowKey => ({
  id: sha256(document),
  operation: operationName ?? '',
  client: client.name ?? '',
  version: client.version ?? '',
});

/** Returns the names of a row for people and other programs. */
export const shownNames = ({ operation, client, version }: RowNames) => ({
  operationName: operation === '' ? null : operation,
  client: { name: client === '' ? '(unknown)' : client, version: version === '' ? null : version },
});

/**
 * Adds up what belongs to one row, since one statement cannot change a row twice.
 * @param sumsOf returns the sums of reports that belong to one row
 */
export const rowsOf = <T extends Reported, Sums extends object>(
  reported: readonly T[],
  sumsOf: (same: readonly T[]) => Sums,
): (RowKey & { readonly inputs: readonly string[] } & Sums)[] =>
  [...Map.groupBy(reported, (one) => JSON.stringify(keyOf(one))).entries()]
    // In one order, so that two reports never wait for each other.
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, same]) => ({
      ...(JSON.parse(key) as RowKey),
      inputs: [...new Set(same.flatMap(({ inputs }) => inputs))],
      ...sumsOf(same),
    }));

export const sumOf = <Key extends string>(all: readonly Readonly<Record<Key, number>>[], key: Key): number =>
  all.reduce((sum, one) => sum + one[key], 0);

/**
 * Stores documents that are not known yet, and keeps all of them from being pruned before something refers to them: until
 * the transaction ends.
 */
export const storeDocuments = async (client: Queryable, reported: readonly Reported[]): Promise<void> => {
  await client.query(`select pg_advisory_xact_lock_shared(${documentsLock})`);
  const documents = reported.map(({ document }) => document);
  await client.query(
    `insert into registry.usage_documents (id, document)
     select distinct on (1) * from unnest($1::text[], $2::text[]) order by 1 on conflict do nothing`,
    [documents.map(sha256), documents],
  );
};
