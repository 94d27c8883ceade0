import { execFileSync } from 'node:child_process';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
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

/** No such commit in this clone. */
export class UnknownBase extends Error {
  override name = 'UnknownBase';
}

/** What to compare with where nothing is named: the main branch, else the commit before, else nothing. */
export const defaultBase = (): string | undefined => ['origin/main', 'HEAD~1'].find(isCommit);

/**
 * The SDL files as a commit has them; undefined where it has none.
 * @throws UnknownBase
 */
export const sdlsAt = (ref: string): SubgraphSdls | undefined => {
  if (!isCommit(ref)) throw new UnknownBase(`no such commit: ${ref}`);
  const paths = git('ls-tree', '--name-only', ref, `${folder}/`)
    .split('\n')
    .filter((path) => path.endsWith('.graphql'));
  if (paths.length === 0) return undefined;
  return Object.fromEntries(paths.map((path) => [basename(path, '.graphql'), git('show', `${ref}:${path}`)]));
};
