import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cloneDir } from '@rookery/stack';
import { makeScratch } from '../support/scratch.ts';
import { blocksOf } from '../support/tour.ts';

/** The guides to change the code, pages of docs/how-to. The last one continues the one before. */
export const guides = ['add-a-field.md', 'add-an-event-and-its-command.md', 'add-a-read-model.md'] as const;

/** Output of a command that has succeeded or failed. */
interface Ran {
  readonly code: number | null;
  readonly output: string;
}

/** A copy of the repository in which the changes of some guides were made. */
export interface ChangedCopy extends Disposable {
  /** Files that the guides change or add, as paths from the root. */
  readonly files: readonly string[];
  /** Arguments of each `npm test` of the guides, in their order. */
  readonly tests: readonly (readonly string[])[];
  /** Runs a program of Node's, by its path from the root. */
  run(program: string, ...args: readonly string[]): Ran;
}

/**
 * Makes the changes of these guides, one after the other: applies each `diff` block and writes each block that names a
 * file. Generates once, at the end, if a guide says so: that takes seconds, and nothing in between reads its result.
 * @param pages names of the pages in docs/how-to
 */
export const followChanges = (...pages: readonly string[]): ChangedCopy => {
  using undo = new DisposableStack();
  const { dir } = undo.use(makeScratch(cloneDir));
  const files = new Set<string>();
  const tests: string[][] = [];
  let generates = false;
  const run = (program: string, ...args: readonly string[]): Ran => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [join(dir, program), ...args], {
      cwd: dir,
      encoding: 'utf8',
      maxBuffer: 1 << 26,
      timeout: 900_000,
      env: { ...process.env, ROOKERY_LIFELINE: '' },
    });
    return { code: status, output: stdout + stderr };
  };
  const apply = (diff: string, where: string): void => {
    const { status, stderr } = spawnSync('git', ['apply', '--recount', '-C1', '-'], {
      cwd: dir,
      encoding: 'utf8',
      input: `${diff}\n`,
    });
    if (status !== 0) throw new Error(`${where} does not apply: ${stderr}`);
    const [, file] = /^\+\+\+ b\/(.*)$/m.exec(diff) ?? [];
    files.add(file ?? '');
  };
  const command = (line: string, where: string): void => {
    if (line === 'npm run schema:generate') generates = true;
    else if (line.startsWith('npm test -- ')) tests.push(line.split(' ').slice(3));
    else throw new Error(`${where}: this test does not know the command ${line}`);
  };
  for (const page of pages) {
    const markdown = readFileSync(join(cloneDir, 'docs/how-to', page), 'utf8');
    for (const { line, info, text } of blocksOf(markdown)) {
      const where = `${page}, line ${line}`;
      const [language, file] = info.split(' ');
      if (language === 'diff') apply(text, where);
      else if (language === 'bash') for (const one of text.split('\n')) command(one, where);
      else if (file !== undefined) {
        mkdirSync(dirname(join(dir, file)), { recursive: true });
        writeFileSync(join(dir, file), `${text}\n`);
        files.add(file);
      }
    }
  }
  if (generates) {
    const { code, output } = run('schema/src/cli/main.ts', 'generate');
    if (code !== 0) throw new Error(`npm run schema:generate: ${output}`);
  }
  const resources = undo.move();
  return { files: [...files], tests, run, [Symbol.dispose]: () => resources.dispose() };
};

const fails = ({ code, output }: Ran): string =>
  code === 0 ? '' : output || `it ended with ${code} and printed nothing`;

/** Returns what the formatter and linter say about what the guides have changed; empty if all is well. */
export const formatComplaintsOf = ({ run, files }: ChangedCopy): string =>
  fails(run('node_modules/@biomejs/biome/bin/biome', 'ci', '--vcs-enabled=false', ...files));

/** Returns the type errors of a changed copy; empty if there are none. */
export const typeErrorsOf = ({ run }: ChangedCopy): string =>
  fails(run('node_modules/typescript/bin/tsc', '-p', 'tsconfig.json'));

/** Projects of vitest that a guide's change has to pass. Long tests in the named folders would take an hour. */
const shortTier = ['--project', 'unit', '--project', 'servers'] as const;

/** Runs tests of the short tier in a changed copy. Returns their output if they fail. */
export const failuresOf = ({ run }: ChangedCopy, ...filters: readonly string[]): string =>
  fails(run('node_modules/vitest/vitest.mjs', 'run', ...shortTier, ...filters));
