import { type Change, CriticalityLevel, diff } from '@graphql-inspector/core';
import type { GraphQLSchema } from 'graphql';

/** What one difference means for clients that exist. */
export type Severity = 'breaking' | 'dangerous' | 'safe';

export interface SchemaChange {
  readonly severity: Severity;
  /** Where: `Type.field.argument`. */
  readonly path: string;
  readonly message: string;
  readonly reason?: string;
  /** Why the change is made although it breaks clients; absent unless it was reviewed. */
  readonly accepted?: string;
}

export const severities: readonly Severity[] = ['breaking', 'dangerous', 'safe'];

const severityOf: Readonly<Record<CriticalityLevel, Severity>> = {
  [CriticalityLevel.Breaking]: 'breaking',
  [CriticalityLevel.Dangerous]: 'dangerous',
  [CriticalityLevel.NonBreaking]: 'safe',
};

const present = ({ criticality, path, message }: Change): SchemaChange => ({
  severity: severityOf[criticality.level],
  path: path ?? '',
  message,
  ...(criticality.reason === undefined ? {} : { reason: criticality.reason }),
});

/** What differs for clients between two API schemas; the worst first, then by place. */
export const changesBetween = async (base: GraphQLSchema, head: GraphQLSchema): Promise<SchemaChange[]> =>
  (await diff(base, head))
    .map(present)
    .sort(
      (a, b) =>
        severities.indexOf(a.severity) - severities.indexOf(b.severity) ||
        (a.path < b.path ? -1 : a.path > b.path ? 1 : 0),
    );
