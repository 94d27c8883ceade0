import { type Change, CriticalityLevel, diff } from '@graphql-inspector/core';
import { apiSchemaOf, type Composed } from './compose.ts';
import { directiveChanges } from './directives/changes.ts';

/**
 * Severity of a difference. `breaking`: a working operation fails. `security`: a refused operation becomes
 * possible. `dangerous`: operations work with possibly surprising results. `safe`: no visible effect.
 */
export type Severity = 'breaking' | 'security' | 'dangerous' | 'safe';

export interface SchemaChange {
  readonly severity: Severity;
  /** `Type.field.argument`, `schema`, or the name of a subgraph. */
  readonly path: string;
  readonly message: string;
  readonly reason?: string;
  /** Why the change is made all the same; absent unless it was reviewed. */
  readonly accepted?: string;
}

export const severities: readonly Severity[] = ['breaking', 'security', 'dangerous', 'safe'];

/** True if the change must be accepted in `accepted-changes.json` before it can be made. */
export const needsAcceptance = ({ severity }: Pick<SchemaChange, 'severity'>): boolean =>
  severity === 'breaking' || severity === 'security';

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

/** Returns all that differs between two compositions; the worst first, then by place. */
export const changesBetween = async (base: Composed, head: Composed): Promise<SchemaChange[]> =>
  [
    ...(await diff(apiSchemaOf(base.supergraphSdl), apiSchemaOf(head.supergraphSdl))).map(present),
    ...directiveChanges(base, head),
  ].sort(
    (a, b) =>
      severities.indexOf(a.severity) - severities.indexOf(b.severity) ||
      (a.path < b.path ? -1 : a.path > b.path ? 1 : 0),
  );
