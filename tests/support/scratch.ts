import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';

/** A copy of the tracked files that may be spoilt, with the packages of the clone. */
export interface Scratch extends Disposable {
  readonly dir: string;
}

/** Links a folder of packages: what comes from outside as it is, what belongs to the workspace to its copy. */
const linkPackages = (from: string, to: string, clone: string, copy: string): void => {
  mkdirSync(to, { recursive: true });
  // Caches and pnpm's own files stay with the clone: nobody may install into what is shared, nor cache what is spoilt.
  for (const name of readdirSync(from).filter((name) => !name.startsWith('.') || name === '.bin')) {
    const entry = join(from, name);
    if (name.startsWith('@') && lstatSync(entry).isDirectory()) {
      linkPackages(entry, join(to, name), clone, copy);
      continue;
    }
    const real = realpathSync(entry);
    const inside = relative(clone, real);
    const ours = !inside.startsWith('..') && !inside.split('/').includes('node_modules');
    symlinkSync(ours ? join(copy, inside) : real, join(to, name));
  }
};

const linkAllPackages = (clone: string, copy: string): void => {
  const folders = readdirSync(copy, { recursive: true, encoding: 'utf8' })
    .filter((file) => basename(file) === 'package.json')
    .map((file) => dirname(file));
  for (const folder of folders) {
    const modules = join(clone, folder, 'node_modules');
    if (existsSync(modules)) linkPackages(modules, join(copy, folder, 'node_modules'), clone, copy);
  }
};

const copyTracked = (clone: string, dir: string): void => {
  const tracked = execFileSync('git', ['ls-files', '-z'], { cwd: clone, maxBuffer: 1 << 26 }).toString();
  for (const file of tracked.split('\0').filter((name) => name !== '' && existsSync(join(clone, name)))) {
    mkdirSync(join(dir, dirname(file)), { recursive: true });
    cpSync(join(clone, file), join(dir, file));
  }
};

const copyCommitted = (clone: string, dir: string, commit: string): void => {
  execFileSync('sh', ['-c', 'git archive "$2" | tar -x -C "$1"', 'sh', dir, commit], { cwd: clone });
};

/**
 * Copies what git tracks, as it lies in the work tree or as it was committed. Servers that were downloaded are shared.
 * @param clone absolute path of the clone
 * @param commit undefined: the work tree
 * @param packages whether it has the packages of the clone, or is to get its own
 */
export const makeScratch = (
  clone: string,
  commit?: string,
  packages: 'linked' | 'none' = 'linked',
): Scratch => {
  const dir = mkdtempSync(join(tmpdir(), 'rookery-scratch-'));
  if (commit === undefined) copyTracked(clone, dir);
  else copyCommitted(clone, dir, commit);
  if (packages === 'linked') linkAllPackages(clone, dir);
  const servers = join(clone, '.rookery', 'servers');
  mkdirSync(join(dir, '.rookery'), { recursive: true });
  if (existsSync(servers)) symlinkSync(servers, join(dir, '.rookery', 'servers'));
  return {
    dir,
    [Symbol.dispose]: () => rmSync(dir, { recursive: true, force: true }),
  };
};
