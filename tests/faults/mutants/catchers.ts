import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Catcher } from './mutants.ts';
import { roundsOf } from './rounds.ts';
import { runIn } from './run-in.ts';

type TestCatcher = Extract<Catcher, { readonly tests: string }>;

/** Result of a catcher in a copy. */
export interface Verdict {
  /** sound: all of it passed. noticed: it ran and failed. neither: it did not come so far, or there is no such test. */
  readonly outcome: 'sound' | 'noticed' | 'neither';
  /** End of its output. */
  readonly said: string;
}

export const nameOf = (catcher: Catcher): string =>
  'fault' in catcher ? `fault ${catcher.fault}: ${catcher.breaks}` : `${catcher.tests}: ${catcher.named}`;

const lastLines = (text: string): string => text.trim().split('\n').slice(-40).join('\n');

/** Arguments of the harness for these faults. */
const faultArgs = (names: readonly string[]): string[] => [
  'tests/faults/main.ts',
  ...names.flatMap((name) => ['--fault', name]),
  ...['--pace', '0.2', '--seed', '1'],
];

/** 1 is a broken promise, which must be the one that is meant; whatever else is not 0 says that it could not run. */
const ofFault = (code: number | null, said: string, breaks: string): Verdict['outcome'] =>
  code === 0 ? 'sound' : code === 1 && said.includes(`BROKEN ${breaks} `) ? 'noticed' : 'neither';

interface TestReport {
  readonly testResults: readonly {
    readonly name: string;
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
}

const literally = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

interface TestOutcome {
  readonly outcome: Verdict['outcome'];
  /** True if no other test of its files ran. */
  readonly isAlone: boolean;
}

/** Runs tests by their files and names, in one go. Answers what became of each that a catcher means. */
const runTests = async (
  dir: string,
  catchers: readonly TestCatcher[],
  more: readonly string[] = [],
): Promise<{ readonly outcomes: readonly TestOutcome[]; readonly said: string }> => {
  const report = join(dir, 'tests.json');
  rmSync(report, { force: true });
  const names = [...new Set(catchers.map(({ named }) => literally(named)))];
  const { said } = await runIn(dir, 'tests', [
    'tests/run.ts',
    ...new Set(catchers.map(({ tests }) => tests)),
    ...['-t', names.join('|'), '--reporter=default', '--reporter=json', `--outputFile.json=${report}`],
    ...more,
  ]);
  const { testResults } = existsSync(report)
    ? (JSON.parse(readFileSync(report, 'utf8')) as TestReport)
    : { testResults: [] };
  const outcomes = catchers.map(({ tests, named }): TestOutcome => {
    const ran = testResults
      .filter(({ name }) => name.includes(tests))
      .flatMap(({ assertionResults }) => assertionResults)
      // A test of several engines is skipped for the one that it does not concern.
      .filter(({ status }) => !['pending', 'skipped'].includes(status));
    const meant = ran.filter(({ fullName }) => fullName.includes(named));
    const isAlone = meant.length === ran.length;
    if (meant.some(({ status }) => status === 'failed')) return { outcome: 'noticed', isAlone };
    const isSound = meant.length > 0 && meant.every(({ status }) => status === 'passed');
    return { outcome: isSound ? 'sound' : 'neither', isAlone };
  });
  return { outcomes, said };
};

/** Runs one catcher in a copy. */
export const runCatcher = async (dir: string, catcher: Catcher): Promise<Verdict> => {
  if ('fault' in catcher) {
    const { code, said } = await runIn(dir, nameOf(catcher), faultArgs([catcher.fault]));
    return { outcome: ofFault(code, said, catcher.breaks), said: lastLines(said) };
  }
  const { outcomes, said } = await runTests(dir, [catcher], ['--bail=1']);
  return { outcome: outcomes[0]?.outcome ?? 'neither', said: lastLines(said) };
};

/**
 * Runs these in an unspoilt copy: the tests in rounds, in which each is the only one of its file, and all faults in one go. Those that
 * did not pass, and tests beside which others of their files ran because of their names, run once more by themselves. Answers what each
 * said that does not pass: it can catch nothing.
 */
export const unsound = async (
  dir: string,
  catchers: readonly Catcher[],
): Promise<ReadonlyMap<string, string>> => {
  const different = [...new Map(catchers.map((one) => [nameOf(one), one])).values()];
  const tests = different.flatMap((one) => ('tests' in one ? [one] : []));
  const faults = different.flatMap((one) => ('fault' in one ? [one] : []));
  const open: Catcher[] = [];
  for (const round of roundsOf(tests)) {
    const { outcomes } = await runTests(dir, round);
    open.push(...round.filter((_, i) => !(outcomes[i]?.outcome === 'sound' && outcomes[i].isAlone)));
  }
  if (faults.length > 0) {
    const all = faults.map(({ fault }) => fault);
    const { code } = await runIn(dir, 'faults', faultArgs(all));
    if (code !== 0) open.push(...faults);
  }
  const failing = new Map<string, string>();
  for (const one of open) {
    const { outcome, said } = await runCatcher(dir, one);
    if (outcome !== 'sound') failing.set(nameOf(one), said);
  }
  return failing;
};
