import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { Worker } from 'node:worker_threads';
import { exitCodes, UsageError } from '@rookery/command-line';
import { cloneDir, spawnChild } from '@rookery/stack';
import { type FlakyArguments, readArguments, usage } from './arguments.ts';
import { Tally, type VitestReport } from './tally.ts';

const say = (line: string): void => console.error(line);
const seconds = (since: number): string => `${((performance.now() - since) / 1_000).toFixed(0)} s`;

interface Run {
  readonly code: number | null;
  /** Missing if vitest ended without one. */
  readonly report?: VitestReport;
}

/** Runs the tests once, in a process that ends with this one. */
const runOnce = async (args: readonly string[], dir: string, logFile: string): Promise<Run> => {
  const file = join(dir, 'report.json');
  rmSync(file, { force: true });
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
  const child = await spawnChild({
    name: 'vitest',
    command: process.execPath,
    args: [join(cloneDir, 'tests/run.ts'), ...args, ...reporters],
    cwd: cloneDir,
    logFile,
  });
  const { code } = await child.exited;
  if (!existsSync(file)) return { code };
  const { testResults } = JSON.parse(readFileSync(file, 'utf8')) as VitestReport;
  const named = testResults.map((result) => ({ ...result, name: relative(cloneDir, result.name) }));
  return { code, report: { testResults: named } };
};

const firstLine = (text: string): string => text.trim().split('\n', 1)[0] ?? '';

/** Runs the tests once more. Returns whether they passed, and says why not. */
const runAndSay = async (
  vitest: readonly string[],
  dir: string,
  run: number,
  tally: Tally,
): Promise<boolean> => {
  const logFile = join(dir, `run-${run}.log`);
  const { code, report } = await runOnce(vitest, dir, logFile);
  const failures = report === undefined ? [] : tally.add(report);
  if (code === 0 && failures.length === 0) return true;
  if (failures.length === 0) say(`  exit code ${code} without a failed test`);
  for (const { file, test, message } of failures) say(`  ${file} > ${test}\n    ${firstLine(message)}`);
  say(`  output: ${logFile}`);
  return false;
};

const runAll = async ({ times, load, json, vitest }: FlakyArguments): Promise<number> => {
  const dir = mkdtempSync(join(tmpdir(), 'rookery-flaky-'));
  const workers = Array.from({ length: load }, () => new Worker(new URL('./busy.ts', import.meta.url)));
  const tally = new Tally();
  const began = performance.now();
  let failedRuns = 0;
  for (let run = 1; run <= times; run++) {
    const start = performance.now();
    const passed = await runAndSay(vitest, dir, run, tally);
    if (!passed) failedRuns++;
    say(
      `run ${run} of ${times}: ${passed ? 'passed' : 'FAILED'} in ${seconds(start)}; ${failedRuns} failed so far`,
    );
  }
  await Promise.all(workers.map((worker) => worker.terminate()));
  if (failedRuns === 0) rmSync(dir, { recursive: true, force: true });

  const took = Math.round((performance.now() - began) / 1_000);
  console.log(
    json
      ? JSON.stringify(
          { runs: times, failedRuns, load, seconds: took, tests: tally.tests, rates: tally.all() },
          null,
          2,
        )
      : textOf(tally, failedRuns, times),
  );
  if (tally.tests === 0) return exitCodes.couldNotRun;
  return failedRuns > 0 ? exitCodes.problem : exitCodes.ok;
};

const textOf = (tally: Tally, failedRuns: number, times: number): string => {
  const failed = tally.failed();
  const rates = failed.map(
    ({ file, test, runs, failures }) =>
      `${failures} of ${runs} (${((100 * failures) / runs).toFixed(1)} %): ${file} > ${test}`,
  );
  return [...rates, `${failedRuns} of ${times} runs failed, ${failed.length} of ${tally.tests} tests`].join(
    '\n',
  );
};

const main = async (): Promise<number> => {
  try {
    const given = readArguments(process.argv.slice(2));
    if (!given.help) return await runAll(given);
    console.log(usage);
    return exitCodes.ok;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(`${error.message}\n\n${usage}`);
    return exitCodes.usage;
  }
};

process.exit(await main());
