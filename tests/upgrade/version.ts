import { execFileSync } from 'node:child_process';
import { cloneDir } from '@rookery/stack';
import { makeScratch, type Scratch } from '../support/scratch.ts';

const git = (...args: readonly string[]): string =>
  execFileSync('git', args, { cwd: cloneDir, encoding: 'utf8', maxBuffer: 1 << 26 });

/**
 * Copies the version of a commit. It has the packages of this clone if they are its own as well; otherwise they are installed as its
 * lockfile says, since it may use one that was removed later.
 * @throws Error with the output of the installation if it fails
 */
export const checkOutVersion = (revision: string): Scratch => {
  const commit = git('rev-parse', '--verify', `${revision}^{commit}`).trim();
  const hasSamePackages =
    git('rev-parse', `${commit}:pnpm-lock.yaml`) === git('hash-object', '--', 'pnpm-lock.yaml');
  const version = makeScratch(cloneDir, commit, hasSamePackages ? 'linked' : 'none');
  try {
    if (!hasSamePackages) installPackages(version.dir);
    return version;
  } catch (error) {
    version[Symbol.dispose]();
    const { stderr = '' } = error as { readonly stderr?: string };
    throw new Error(`the packages of ${revision} could not be installed:\n${stderr.slice(-2_000)}`, {
      cause: error,
    });
  }
};

/** Every command of a version installs its packages first. */
const installPackages = (dir: string): void => {
  execFileSync(process.execPath, ['bootstrap.mjs', 'schema', '--help'], {
    cwd: dir,
    encoding: 'utf8',
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: 600_000,
  });
};
