import { execFileSync } from 'node:child_process';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InputError } from '@rookery/command-line';
import type { SubgraphSdls } from './compose.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = 'schema/graphql';

const git = (...args: string[]): string =>
  execFileSync('git', ['-C', root, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });

const isCommit = (ref: string): boolean => {
  try {
    git('rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`);
    return true;
  } catch {
    return false;
  }
};

/** Returns the default commit to compare with: the main branch, otherwise the previous commit, if any. */
export const defaultBase = (): string | undefined => ['origin/main', 'HEAD~1'].find(isCommit);

/**
 * Reads the SDL files of a commit; undefined if it has none.
 * @throws InputError if there is no such commit
 */
export const sdlsAt = (ref: string): SubgraphSdls | undefined => {
  if (!isCommit(ref)) throw new InputError(`no such commit: ${ref}`);
  const paths = git('ls-tree', '--name-only', ref, `${folder}/`)
    .split('\n')
    .filter((path) => path.endsWith('.graphql'));
  if (paths.length === 0) return undefined;
  return Object.fromEntries(paths.map((path) => [basename(path, '.graphql'), git('show', `${ref}:${path}`)]));
};
