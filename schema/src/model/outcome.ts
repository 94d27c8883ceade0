/**
 * Every way in which a schema command can end, with its exit code. This table is the only place that decides them: 0 is
 * for `passed` alone, 1 for what a command looks for, 2 for input that cannot be used, 3 if it could not find out.
 */
export const outcomes = {
  passed: { exitCode: 0, meaning: 'Nothing speaks against the change.' },
  'change-refused': {
    exitCode: 1,
    meaning:
      'A change is breaking, widens access, or is refused by a rule, and is neither accepted nor unused.',
  },
  'operation-broken': { exitCode: 1, meaning: 'An operation that is live no longer validates.' },
  'contract-failed': { exitCode: 1, meaning: 'A contract does not compose, or a change in it is refused.' },
  'lint-failed': { exitCode: 1, meaning: 'A lint rule objects to SDL that changed.' },
  'generated-out-of-step': { exitCode: 1, meaning: 'A generated file differs from its sources.' },
  'subgraph-unreachable': { exitCode: 1, meaning: 'The address of a subgraph does not answer as required.' },
  'composition-failed': { exitCode: 1, meaning: 'The subgraphs do not compose.' },
  'launch-refused': { exitCode: 1, meaning: 'A gateway refuses to serve the launch.' },
  'launch-unfinished': {
    exitCode: 1,
    meaning: 'Some gateways have not answered the launch in time, or another launch replaced it.',
  },
  conflict: { exitCode: 1, meaning: 'The registry has stored something that excludes it.' },
  'invalid-arguments': { exitCode: 2, meaning: 'The command does not understand its arguments.' },
  'unusable-input': { exitCode: 2, meaning: 'A file, a commit or an address cannot be used.' },
  'access-denied': { exitCode: 2, meaning: 'The token is missing, is not valid, or lacks a scope.' },
  'registry-unavailable': { exitCode: 3, meaning: 'The registry does not answer in time, or fails.' },
  'could-not-run': { exitCode: 3, meaning: 'The command met an unexpected error.' },
} as const;

/** Ways to end, the worst last. */
type Outcome = keyof typeof outcomes;
export type FailedOutcome = Exclude<Outcome, 'passed'>;

export const isFailedOutcome = (text: string): text is FailedOutcome =>
  text !== 'passed' && Object.hasOwn(outcomes, text);

/** One reason why a command fails. */
export interface Failure {
  readonly outcome: FailedOutcome;
  readonly message: string;
}

/** A failure that ends a command with one line. The message says what failed, and what to do. */
export class CommandError extends Error {
  override name = 'CommandError';
  readonly outcome: FailedOutcome;

  constructor(outcome: FailedOutcome, message: string, options?: ErrorOptions) {
    super(message, options);
    this.outcome = outcome;
  }
}

/** The conclusion of a command: the same in its exit code and in its JSON. */
export interface Conclusion {
  readonly ok: boolean;
  readonly outcome: Outcome;
  readonly exitCode: (typeof outcomes)[Outcome]['exitCode'];
  readonly failures: readonly Failure[];
}

const ranking = Object.keys(outcomes) as Outcome[];

/** Concludes from all failures: the command passes if there are none, and otherwise ends like the worst. */
export const conclude = (failures: readonly Failure[]): Conclusion => {
  const outcome = failures.reduce<Outcome>(
    (worst, failure) => (ranking.indexOf(failure.outcome) > ranking.indexOf(worst) ? failure.outcome : worst),
    'passed',
  );
  return { ok: failures.length === 0, outcome, exitCode: outcomes[outcome].exitCode, failures };
};
