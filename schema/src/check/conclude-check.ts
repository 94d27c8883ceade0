import { InputError, UsageError } from '@rookery/command-line';
import { CompositionError, SdlSyntaxError } from '../compose/composition-error.ts';
import type { CheckReport, CompositionProblem, Findings } from '../model/check-report.ts';
import { CommandError, conclude, type FailedOutcome, type Failure } from '../model/outcome.ts';
import { noFindings } from './check.ts';

const counted = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`;

type Part = Pick<Findings, 'compositionErrors' | 'changes' | 'operations'>;

const refusedIn = ({ changes, operations }: Part) => ({
  changes: changes.filter(({ decision }) => decision === 'refused').length,
  operations: operations.filter(({ refused }) => refused).length,
});

const isContractBad = (part: Part): boolean => {
  const { changes, operations } = refusedIn(part);
  return part.compositionErrors.length + changes + operations > 0;
};

/** Returns every reason why findings do not pass. This is the only place that reads findings as good or bad. */
const failuresOf = (found: Findings): Failure[] => {
  const failures: Failure[] = [];
  const fail = (isFailed: boolean, outcome: FailedOutcome, message: string) => {
    if (isFailed) failures.push({ outcome, message });
  };
  const { compositionErrors, contracts, drift, probes, lint } = found;
  const { changes, operations } = refusedIn(found);
  const lintErrors = lint.filter(({ severity }) => severity === 'error').length;
  const silent = probes.filter(({ ok }) => !ok).length;
  fail(
    compositionErrors.length > 0,
    'composition-failed',
    `the subgraphs do not compose: ${counted(compositionErrors.length, 'error', 'errors')}`,
  );
  fail(changes > 0, 'change-refused', `${counted(changes, 'change is', 'changes are')} refused`);
  fail(operations > 0, 'operation-broken', `${counted(operations, 'operation', 'operations')} would break`);
  for (const contract of contracts)
    fail(isContractBad(contract), 'contract-failed', `contract ${contract.name} fails`);
  fail(
    lintErrors > 0,
    'lint-failed',
    `lint rules object to what changed: ${counted(lintErrors, 'error', 'errors')}`,
  );
  fail(drift.length > 0, 'generated-out-of-step', `out of step with the SDL: ${drift.join(', ')}`);
  fail(silent > 0, 'subgraph-unreachable', `${counted(silent, 'address does', 'addresses do')} not answer`);
  return failures;
};

/**
 * Returns the report of a check that ran to its end.
 * @param others failures that the findings do not show
 */
export const concludeCheck = (found: Findings, others: readonly Failure[] = []): CheckReport => {
  const own = failuresOf(found);
  const isNew = ({ outcome, message }: Failure) =>
    !own.some((known) => known.outcome === outcome && known.message === message);
  return { version: 1, ...conclude([...own, ...others.filter(isNew)]), ...found };
};

/** Returns which failure an error is. An unexpected error is one too. */
export const failureOf = (error: unknown): Failure => {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof CommandError) return { outcome: error.outcome, message };
  if (error instanceof UsageError) return { outcome: 'invalid-arguments', message };
  if (error instanceof InputError) return { outcome: 'unusable-input', message };
  if (error instanceof CompositionError) return { outcome: 'composition-failed', message };
  return { outcome: 'could-not-run', message };
};

/** Returns the composition errors that an error carries. */
export const compositionErrorsOf = (error: unknown): readonly CompositionProblem[] =>
  error instanceof SdlSyntaxError || error instanceof CompositionError ? error.problems : [];

/** Returns the report of a check that an error ended. */
export const reportOfError = (error: unknown, found: Findings = noFindings): CheckReport => ({
  version: 1,
  ...conclude([failureOf(error)]),
  ...found,
  compositionErrors: [...found.compositionErrors, ...compositionErrorsOf(error)],
});
