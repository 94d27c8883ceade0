import { GraphQLError } from 'graphql';
import { type OperationDocument, readOperation } from '../../model/operation-document.ts';
import type { ClientUsage } from '../../model/operation-verdict.ts';
import type { OperationUsage, TrustedDocument, UsageReport } from '../../model/usage.ts';
import type { ClientPattern } from '../rules.ts';

/** An operation that somebody sends, or that an app version ships with. */
export interface LiveOperation extends OperationDocument {
  readonly clients: readonly ClientUsage[];
  readonly count: number;
  readonly lastSeen: string | null;
  readonly openSubscriptions: number;
  readonly trusted: boolean;
  /** Coordinates that variables held; undefined if some client did not record them. */
  readonly inputs: ReadonlySet<string> | undefined;
}

/** A recorded document that cannot be read. */
interface UnreadableOperation {
  readonly document: string;
  readonly reason: string;
}

export interface LiveOperations {
  readonly operations: readonly LiveOperation[];
  readonly unreadable: readonly UnreadableOperation[];
  /** Requests of all operations. */
  readonly requests: number;
}

const isExcluded = (
  { name, version }: { readonly name: string; readonly version: string | null },
  excluded: readonly ClientPattern[],
): boolean =>
  excluded.some(
    (pattern) => pattern.name === name && (pattern.version === undefined || pattern.version === version),
  );

type Seen =
  | Omit<OperationUsage, 'document' | 'operationName'>
  | { readonly client: TrustedDocument['client'] };

interface Sighting {
  readonly operation: OperationDocument;
  readonly seen: Seen;
}

const latest = (times: readonly (string | null)[]): string | null =>
  times.reduce((last, time) => (time !== null && (last === null || time > last) ? time : last), null);

const openIn = (sightings: readonly Sighting[]): number =>
  sightings.reduce((sum, { seen }) => sum + ('count' in seen ? (seen.openSubscriptions ?? 0) : 0), 0);

const clientsOf = (sightings: readonly Sighting[]): ClientUsage[] =>
  [...Map.groupBy(sightings, ({ seen }) => `${seen.client.name}\0${seen.client.version ?? ''}`).values()]
    .map((group) => {
      const [first] = group;
      return {
        name: first?.seen.client.name ?? '',
        version: first?.seen.client.version ?? null,
        count: group.reduce((sum, { seen }) => sum + ('count' in seen ? seen.count : 0), 0),
        lastSeen: latest(group.map(({ seen }) => ('lastSeen' in seen ? seen.lastSeen : null))),
        openSubscriptions: openIn(group),
      };
    })
    .sort((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1));

const inputsOf = (sightings: readonly Sighting[]): ReadonlySet<string> | undefined => {
  const recorded = sightings.map(({ seen }) => ('inputs' in seen ? seen.inputs : undefined));
  return recorded.includes(undefined) ? undefined : new Set(recorded.flatMap((inputs) => inputs ?? []));
};

const merge = (sightings: readonly Sighting[]): LiveOperation[] => {
  const [first] = sightings;
  if (first === undefined) return [];
  const clients = clientsOf(sightings);
  return [
    {
      ...first.operation,
      clients,
      count: clients.reduce((sum, { count }) => sum + count, 0),
      lastSeen: latest(clients.map(({ lastSeen }) => lastSeen)),
      openSubscriptions: openIn(sightings),
      trusted: sightings.some(({ seen }) => !('count' in seen)),
      inputs: inputsOf(sightings),
    },
  ];
};

/**
 * Joins recorded traffic and trusted documents into one list of operations, the busiest first. A trusted document is live
 * without traffic.
 */
export const liveOperations = (
  report: Pick<UsageReport, 'operations'> | undefined,
  trusted: readonly TrustedDocument[],
  excluded: readonly ClientPattern[],
): LiveOperations => {
  const unreadable: UnreadableOperation[] = [];
  const sight = (document: string, operationName: string | null | undefined, seen: Seen): Sighting[] => {
    if (isExcluded(seen.client, excluded)) return [];
    try {
      return [{ operation: readOperation(document, operationName), seen }];
    } catch (error) {
      const reason = error instanceof GraphQLError ? (error.message.split('\n')[0] ?? '') : String(error);
      unreadable.push({ document, reason });
      return [];
    }
  };
  const sightings = [
    ...(report?.operations ?? []).flatMap(({ document, operationName, ...seen }) =>
      sight(document, operationName, seen),
    ),
    ...trusted.flatMap(({ document, client }) => sight(document, undefined, { client })),
  ];
  const operations = [...Map.groupBy(sightings, ({ operation }) => operation.id).values()]
    .flatMap(merge)
    .sort((a, b) => b.count - a.count || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  return { operations, unreadable, requests: operations.reduce((sum, { count }) => sum + count, 0) };
};
