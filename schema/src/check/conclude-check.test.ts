import { InputError, UsageError } from '@rookery/command-line';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CompositionError, SdlSyntaxError } from '../compose/composition-error.ts';
import type { DecidedChange, SdlPosition } from '../model/change.ts';
import type { Comparison, CompositionProblem, Findings } from '../model/check-report.ts';
import type { OperationVerdict } from '../model/operation-verdict.ts';
import { type FailedOutcome, outcomes } from '../model/outcome.ts';
import { concludeCheck, reportOfError } from './conclude-check.ts';
import { githubReport } from './formats/github.ts';
import { gitlabReport } from './formats/gitlab.ts';
import { markdownReport } from './formats/markdown.ts';
import { sarifReport } from './formats/sarif.ts';
import { textReport } from './formats/text.ts';

const position: fc.Arbitrary<SdlPosition> = fc.record({
  subgraph: fc.constantFrom('query', 'reviews'),
  file: fc.constantFrom('schema/graphql/query.graphql', 'a,b:c%.graphql'),
  line: fc.integer({ min: 1, max: 99 }),
  column: fc.integer({ min: 1, max: 99 }),
});
const text = fc.string({ minLength: 1, maxLength: 40 });
const problem: fc.Arbitrary<CompositionProblem> = fc.record({
  code: fc.constantFrom('SATISFIABILITY_ERROR', 'INVALID_FIELD_SHARING'),
  message: text,
  positions: fc.array(position, { maxLength: 2 }),
});
const change: fc.Arbitrary<DecidedChange> = fc.record({
  kind: fc.constantFrom('FIELD_REMOVED', 'AUTHENTICATED_REMOVED'),
  criticality: fc.constantFrom('safe', 'dangerous', 'breaking'),
  security: fc.boolean(),
  coordinate: fc.constantFrom('User.name', 'Query'),
  routing: fc.boolean(),
  position: fc.option(position),
  message: text,
  decision: fc.constantFrom('allowed', 'accepted', 'unused', 'refused'),
});
const operation: fc.Arbitrary<OperationVerdict> = fc.record({
  id: text,
  name: fc.constantFrom('Feed', 'Me'),
  kind: fc.constantFrom('query', 'subscription'),
  effect: fc.constantFrom('broken', 'possibly-affected'),
  document: fc.constantFrom('query Feed {\n  me {\n    name\n  }\n}'),
  causes: fc.array(
    fc.record({
      coordinates: fc.subarray(['User.name']),
      message: text,
      line: fc.integer({ min: 1, max: 9 }),
      column: fc.integer({ min: 1, max: 9 }),
    }),
    { maxLength: 2 },
  ),
  clients: fc.constant([{ name: 'web', version: '1', count: 3, lastSeen: null, openSubscriptions: 0 }]),
  count: fc.nat(),
  lastSeen: fc.constant(null),
  openSubscriptions: fc.nat({ max: 2 }),
  trusted: fc.boolean(),
  refused: fc.boolean(),
});
const few = { maxLength: 2 };
const comparison = {
  compositionErrors: fc.array(problem, few),
  changes: fc.array(change, few),
  operations: fc.array(operation, few),
  unaffectedOperations: fc.nat(),
  openSubscriptions: fc.constant([]),
  appVersions: fc.constant([]),
};
const findings: fc.Arbitrary<Findings> = fc.record({
  ...comparison,
  base: fc.constant('main'),
  comparison: fc.constantFrom('compared', 'new', 'broken', 'skipped'),
  contracts: fc.array(fc.record({ ...comparison, name: fc.constantFrom('partner', 'public') }), few),
  usage: fc.constant(null),
  drift: fc.subarray(['schema/supergraph.graphql']),
  unusedAcceptances: fc.constant([]),
  probes: fc.array(
    fc.record({
      what: fc.constantFrom('health', 'queries'),
      address: fc.constant('http://x'),
      ok: fc.boolean(),
      detail: text,
    }),
    few,
  ),
  lint: fc.array(
    fc.record({
      rule: fc.constantFrom('naming-convention', 'require-description'),
      severity: fc.constantFrom('error', 'warning'),
      message: text,
      coordinate: fc.constant('User.name'),
      position,
    }),
    few,
  ),
});

const isBad = ({ compositionErrors, changes, operations }: Comparison): boolean =>
  compositionErrors.length > 0 ||
  changes.some(({ decision }) => decision === 'refused') ||
  operations.some(({ refused }) => refused);

const partsOfComparison = ['compositionErrors', 'changes', 'operations'] as const;

/** Returns a comparison in which nothing is bad but this part. */
const withoutBad = <C extends Comparison>(found: C, but?: (typeof partsOfComparison)[number]): C => ({
  ...found,
  compositionErrors: [],
  changes: found.changes.map((one) => ({ ...one, decision: 'accepted' })),
  operations: found.operations.map((one) => ({ ...one, refused: false })),
  ...(but && { [but]: found[but] }),
});

/** Returns findings in which nothing is bad. */
const passing = (found: Findings): Findings => ({
  ...withoutBad(found),
  contracts: found.contracts.map((contract) => withoutBad(contract)),
  drift: [],
  probes: found.probes.map((probe) => ({ ...probe, ok: true })),
  lint: found.lint.map((one) => ({ ...one, severity: 'warning' })),
});

/** Findings of which one part alone may be bad, so that the conclusion depends on it; besides those in which any may be. */
const oneMayBeBad: readonly ((found: Findings) => Findings)[] = [
  (found) => found,
  passing,
  ...partsOfComparison.flatMap((part) => [
    (found: Findings) => ({ ...passing(found), [part]: found[part] }),
    (found: Findings) => ({
      ...passing(found),
      contracts: found.contracts.map((contract) => withoutBad(contract, part)),
    }),
  ]),
  ...(['drift', 'probes', 'lint'] as const).map((part) => (found: Findings) => ({
    ...passing(found),
    [part]: found[part],
  })),
];
const anyFindings = fc.tuple(findings, fc.constantFrom(...oneMayBeBad)).map(([found, limit]) => limit(found));

const fails = (found: Findings): boolean =>
  isBad(found) ||
  found.contracts.some(isBad) ||
  found.drift.length > 0 ||
  found.probes.some(({ ok }) => !ok) ||
  found.lint.some(({ severity }) => severity === 'error');

describe('the conclusion of a check', () => {
  test('is 0 if and only if nothing fails, and JSON has all that was found', () => {
    fc.assert(
      fc.property(anyFindings, (found) => {
        const report = concludeCheck(found);
        expect(report.exitCode === 0).toBe(!fails(found));
        expect(report.ok).toBe(report.exitCode === 0);
        expect(report.exitCode).toBe(outcomes[report.outcome].exitCode);
        expect(JSON.parse(JSON.stringify(report))).toMatchObject(JSON.parse(JSON.stringify(found)));
      }),
      { numRuns: 500 },
    );
  });

  test('of a failure is shown as an error in every format', () => {
    fc.assert(
      fc.property(anyFindings, (found) => {
        const report = concludeCheck(found);
        const sarif = JSON.parse(sarifReport(report)).runs[0];
        const levels = sarif.results.map(({ level }: { level: string }) => level);
        const shown = {
          github: /^::error [^\n]*title=/m.test(githubReport(report)),
          gitlab: gitlabReport(report).includes('"severity": "blocker"'),
          sarif: levels.includes('error'),
          markdown: markdownReport(report, 'main').startsWith('### Schema check: failed'),
        };
        const isFailed = fails(found);
        expect(shown).toEqual({
          ...{ github: isFailed, gitlab: isFailed },
          ...{ sarif: isFailed, markdown: isFailed },
        });
        expect(sarif.invocations[0].exitCode).toBe(report.exitCode);
        const plain = textReport(report, { against: 'base main', checksDrift: true, isColored: false });
        expect(/failed: |do not compose/.test(plain)).toBe(isFailed);
      }),
      { numRuns: 300 },
    );
  });

  const syntax: CompositionProblem = {
    code: 'SDL_SYNTAX_ERROR',
    message: 'Syntax Error: Expected Name, found "}".',
    positions: [{ subgraph: 'query', file: 'schema/graphql/query.graphql', line: 3, column: 7 }],
  };
  test.each<[error: unknown, outcome: FailedOutcome, exitCode: number]>([
    [new UsageError('Unknown option'), 'invalid-arguments', 2],
    [new InputError('no such commit: x'), 'unusable-input', 2],
    [new SdlSyntaxError([syntax]), 'unusable-input', 2],
    [new CompositionError([syntax]), 'composition-failed', 1],
    [new TypeError('x is undefined'), 'could-not-run', 3],
    ['thrown text', 'could-not-run', 3],
  ])('of %s is %s with exit code %d', (error, outcome, exitCode) => {
    const report = reportOfError(error);
    expect(report).toMatchObject({ ok: false, outcome, exitCode, changes: [], contracts: [] });
    const isAboutSdl = error instanceof SdlSyntaxError || error instanceof CompositionError;
    expect(report.compositionErrors).toEqual(isAboutSdl ? [syntax] : []);
    expect(githubReport(report)).toMatch(isAboutSdl ? /^::error file=.*,line=3,col=7,/ : /^::error title=/);
  });
});

test('only `passed` has exit code 0', () => {
  const zero = Object.entries(outcomes).filter(([, { exitCode }]) => exitCode === 0);
  expect(zero.map(([name]) => name)).toEqual(['passed']);
});
