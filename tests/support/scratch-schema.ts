import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type CapturedOutput, captureOutput } from './captured-output.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const copied = [
  'schema',
  'subgraphs/mutation/generated',
  'subgraphs/query/generated',
  'docs/reference/graphql.md',
];

/** A repository with nothing but the schema in it, for tests: its first commit is empty, its second has the schema. */
export interface ScratchSchema extends Disposable {
  readonly dir: string;
  /** The commit without a schema. */
  readonly empty: string;
  /** The commit with the schema. */
  readonly base: string;
  /** Takes back whatever a test has changed or committed. */
  reset(): void;
  /** Commits the work tree and returns the commit. */
  commit(): string;
  /** Runs a schema command in this process, on the repository. */
  run(command: string, ...args: string[]): Promise<CapturedOutput>;
  /** Runs a schema command as a process, which takes a second longer. */
  spawn(command: string, ...args: string[]): Omit<CapturedOutput, 'status'> & { status: number | null };
  write(path: string, text: string): void;
  remove(path: string): void;
  /** Replaces text in the SDL of a subgraph. @throws Error if it is not there */
  change(subgraph: string, from: string, to: string): void;
  /** Writes the file of accepted changes. */
  accept(entries: unknown): void;
}

export const createScratchSchema = (): ScratchSchema => {
  const dir = mkdtempSync(join(tmpdir(), 'rookery-schema-'));
  const git = (...args: string[]): string =>
    execFileSync('git', ['-c', 'user.name=test', '-c', 'user.email=test@example.org', ...args], {
      cwd: dir,
      encoding: 'utf8',
    }).trim();
  const write = (path: string, text: string) => writeFileSync(join(dir, path), text);
  const accept = (entries: unknown) => write('schema/accepted-changes.json', JSON.stringify(entries));

  git('init', '--quiet');
  git('commit', '--quiet', '--allow-empty', '-m', 'empty');
  const empty = git('rev-parse', 'HEAD');
  for (const folder of copied)
    cpSync(join(root, folder), join(dir, folder), {
      recursive: true,
      filter: (path) => !path.endsWith('node_modules'),
    });
  write('.gitignore', 'node_modules\n');
  symlinkSync(join(root, 'schema/node_modules'), join(dir, 'schema/node_modules'));
  accept([]);
  const commit = () => {
    git('add', '.');
    git('commit', '--quiet', '-m', 'schema');
    return git('rev-parse', 'HEAD');
  };
  const base = commit();

  return {
    dir,
    empty,
    base,
    reset: () => {
      git('reset', '--quiet', '--hard', base);
      git('clean', '--quiet', '-fd');
    },
    commit,
    run: async (command, ...args) => {
      // The sources of the repository itself, so that it is the one that they find around them.
      const { runSchema } = await import(pathToFileURL(join(dir, 'schema/src/cli/run.ts')).href);
      return captureOutput(() => runSchema([command, ...args]), { INIT_CWD: dir });
    },
    spawn: (command, ...args) => {
      const { status, stdout, stderr } = spawnSync(
        process.execPath,
        [join(dir, 'schema/src/cli/main.ts'), command, ...args],
        { cwd: dir, encoding: 'utf8' },
      );
      return { status, stdout, stderr };
    },
    write,
    remove: (path) => rmSync(join(dir, path)),
    change: (subgraph, from, to) => {
      const path = `schema/graphql/${subgraph}.graphql`;
      const before = readFileSync(join(dir, path), 'utf8');
      if (!before.includes(from)) throw new Error(`${path} does not contain ${from}`);
      write(path, before.replace(from, to));
    },
    accept,
    [Symbol.dispose]: () => rmSync(dir, { recursive: true, force: true }),
  };
};
