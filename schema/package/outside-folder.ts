import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** An empty folder outside of this repository, for tests of the package. */
export interface OutsideFolder extends Disposable {
  readonly dir: string;
  write(name: string, text: string): void;
  remove(name: string): void;
  /** Commits all files to a repository in the folder. */
  commit(): void;
  /** Runs a command in the folder, on this Node, without the settings of whoever runs the tests. */
  run(command: string, ...args: string[]): Ran;
}

export const createOutsideFolder = (): OutsideFolder => {
  const dir = mkdtempSync(join(tmpdir(), 'rookery-outside-'));
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=test', '-c', 'user.email=test@example.org', ...args], { cwd: dir });
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(npm_|INIT_CWD$|VITEST|NODE_ENV$|NODE_OPTIONS$|REGISTRY_)/i.test(name),
  );
  const env = {
    ...Object.fromEntries(inherited),
    PATH: `${dirname(process.execPath)}:${process.env.PATH}`,
    NPM_CONFIG_UPDATE_NOTIFIER: 'false',
  };
  return {
    dir,
    write: (name, text) => writeFileSync(join(dir, name), text),
    remove: (name) => rmSync(join(dir, name)),
    commit: () => {
      git('init', '--quiet');
      git('add', '.');
      git('commit', '--quiet', '--message', 'schema');
    },
    run: (command, ...args) => {
      const { status, stdout, stderr } = spawnSync(command, args, { cwd: dir, env, encoding: 'utf8' });
      return { status, stdout, stderr };
    },
    [Symbol.dispose]: () => rmSync(dir, { recursive: true, force: true }),
  };
};

/** Builds the package in a folder. */
export const buildPackage = (folder: string): void => {
  const script = fileURLToPath(new URL('build.ts', import.meta.url));
  execFileSync(process.execPath, [script, folder], { stdio: 'pipe' });
};

export const shopConfig = JSON.stringify({ subgraphs: { shop: { sdl: 'shop.graphql' } } });
export const shopSdl = `type Query {
  items: [Int]
  price(of: ID!): Int
}
`;
