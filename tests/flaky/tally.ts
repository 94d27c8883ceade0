/** The part of vitest's JSON report that is read here. */
export interface VitestReport {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message?: string;
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: string;
      readonly failureMessages?: readonly string[] | null;
    }[];
  }[];
}

/** Number of failures of a test, and the reason of the first one. */
export interface TestRate {
  readonly file: string;
  readonly test: string;
  readonly runs: number;
  readonly failures: number;
  readonly firstFailure?: string;
}

export interface Failure {
  readonly file: string;
  readonly test: string;
  readonly message: string;
}

/** Name of what fails in a file apart from its tests: a hook, an import, a leaked resource. */
export const outsideTests = '(outside its tests)';

/** Adds up the reports of repeated runs. */
export class Tally {
  readonly #rates = new Map<string, TestRate>();

  /** Returns the failures of this run. */
  add(report: VitestReport): Failure[] {
    const failures = report.testResults.flatMap(failuresIn);
    for (const { name: file, assertionResults } of report.testResults) {
      for (const { fullName: test, status } of assertionResults)
        if (status === 'passed') this.#count(file, test);
      if (!failures.some((failure) => failure.file === file && failure.test === outsideTests))
        this.#count(file, outsideTests);
    }
    for (const failure of failures) this.#count(failure.file, failure.test, failure.message);
    return failures;
  }

  /** Number of tests that ran at least once. */
  get tests(): number {
    return this.all().filter(({ test }) => test !== outsideTests).length;
  }

  /** Rates of all tests, the least reliable first. */
  all(): TestRate[] {
    return [...this.#rates.values()].sort(
      (a, b) => b.failures / b.runs - a.failures / a.runs || a.file.localeCompare(b.file),
    );
  }

  /** Rates of the tests that failed at least once, the least reliable first. */
  failed(): TestRate[] {
    return this.all().filter(({ failures }) => failures > 0);
  }

  #count(file: string, test: string, failure?: string): void {
    const key = `${file}\0${test}`;
    const { runs = 0, failures = 0, firstFailure = failure } = this.#rates.get(key) ?? {};
    this.#rates.set(key, {
      file,
      test,
      runs: runs + 1,
      failures: failures + (failure === undefined ? 0 : 1),
      ...(firstFailure === undefined ? {} : { firstFailure }),
    });
  }
}

/** Returns the failures in one file. */
const failuresIn = ({
  name: file,
  status,
  message,
  assertionResults,
}: VitestReport['testResults'][number]): Failure[] => {
  const failed = assertionResults.filter((one) => one.status === 'failed');
  if (status === 'failed' && failed.length === 0)
    return [{ file, test: outsideTests, message: message || 'no message' }];
  return failed.map(({ fullName, failureMessages }) => ({
    file,
    test: fullName,
    message: failureMessages?.[0] ?? 'no message',
  }));
};
