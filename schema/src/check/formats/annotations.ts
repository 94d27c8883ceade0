import { type SdlPosition, severityOf } from '../../model/change.ts';
import type { CheckReport, Comparison } from '../../model/check-report.ts';

/** One remark on a place in the SDL: what GitHub shows in a diff, and a result of SARIF. */
export interface Annotation {
  readonly level: 'error' | 'warning';
  /** Kind of the change, or code of the composition error. */
  readonly rule: string;
  readonly message: string;
  /** Null if there is no place. */
  readonly position: SdlPosition | null;
  readonly otherPositions: readonly SdlPosition[];
}

const brokenBy = ({ operations }: Comparison, coordinate: string): string => {
  const names = operations
    .filter(({ causes }) => causes.some(({ coordinates }) => coordinates.includes(coordinate)))
    .map(({ name, clients }) => `${name} (${clients.map((client) => client.name).join(', ')})`);
  return names.length === 0 ? '' : ` Used by ${[...new Set(names)].slice(0, 10).join(', ')}.`;
};

const ofProblems = ({ compositionErrors }: Comparison): Annotation[] =>
  compositionErrors.map(({ code, message, hint, positions: [first, ...others] }) => ({
    level: 'error',
    rule: code,
    message: hint === undefined ? message : `${message} ${hint}`,
    position: first ?? null,
    otherPositions: others,
  }));

const ofChanges = (comparison: Comparison): Annotation[] =>
  comparison.changes
    .filter((change) => change.decision === 'refused' || severityOf(change) === 'dangerous')
    .map((change) => ({
      level: change.decision === 'refused' ? 'error' : 'warning',
      rule: change.kind,
      message: `${change.message}${brokenBy(comparison, change.coordinate)}${change.security ? ' Security-relevant.' : ''}`,
      position: change.position,
      otherPositions: [],
    }));

/** Returns the broken operations that no refused change stands for: they would otherwise be missing. */
const ofOperations = ({ operations, changes }: Comparison): Annotation[] => {
  const refused = new Set(
    changes.filter(({ decision }) => decision === 'refused').map(({ coordinate }) => coordinate),
  );
  return operations
    .filter((operation) => operation.refused)
    .filter(({ causes }) => !causes.some(({ coordinates }) => coordinates.some((one) => refused.has(one))))
    .map(({ name, causes: [cause] }) => ({
      level: 'error' as const,
      rule: 'OPERATION_BROKEN',
      message: `Operation ${name} would break: ${cause?.message ?? ''}`,
      position: changes.find(({ coordinate }) => cause?.coordinates.includes(coordinate))?.position ?? null,
      otherPositions: [],
    }));
};

const ofComparison = (comparison: Comparison): Annotation[] => [
  ...ofProblems(comparison),
  ...ofChanges(comparison),
  ...ofOperations(comparison),
];

const ofLint = ({ lint }: CheckReport): Annotation[] =>
  lint.map(({ rule, severity, message, position }) => ({
    level: severity,
    rule,
    message,
    position,
    otherPositions: [],
  }));

/** Returns all remarks of a report; with a failure that has no place, at least one without a place. */
export const annotationsOf = (report: CheckReport): Annotation[] => {
  const annotations: Annotation[] = [
    ...ofComparison(report),
    ...ofLint(report),
    ...report.contracts.flatMap((contract) =>
      ofComparison(contract).map((one) => ({ ...one, message: `Contract ${contract.name}: ${one.message}` })),
    ),
  ];
  const placed = new Set([
    'composition-failed',
    'change-refused',
    'operation-broken',
    'contract-failed',
    'lint-failed',
  ]);
  const others = report.failures
    .filter(
      ({ outcome }) => !placed.has(outcome) && annotations.every(({ rule }) => rule !== 'SDL_SYNTAX_ERROR'),
    )
    .map(({ outcome, message }) => ({
      level: 'error' as const,
      rule: outcome,
      message,
      position: null,
      otherPositions: [],
    }));
  return [...annotations, ...others];
};
