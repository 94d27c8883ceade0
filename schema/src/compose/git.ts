import { execFileSync } from 'node:child_process';
import { basename } from 'node:path';
import { InputError } from '@rookery/command-line';
import type { SubgraphFiles, SubgraphSdls } from './compose.ts';
import type { SubgraphSources } from './subgraph-files.ts';

const git = (root: string, ...args: string[]): string =>
  execFileSync('git', ['-C', root, ...args], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'ignore'],
  });

const tryGit = (root: string, ...args: string[]): string | undefined => {
  try {
    return git(root, ...args).trim() || undefined;
  } catch {
    return undefined;
  }
};

const isCommit = (root: string, ref: string): boolean =>
  tryGit(root, 'rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`) !== undefined;

/** Returns the default commit to compare with: the main branch, otherwise the previous commit, if any. */
export const defaultBase = (root: string): string | undefined =>
  ['origin/main', 'HEAD~1'].find((ref) => isCommit(root, ref));

/** @throws InputError if there is no such commit */
export const requireCommit = (root: string, ref: string): void => {
  if (!isCommit(root, ref)) throw new InputError(`no such commit: ${ref}`);
};

/** Returns the text of a file in a commit; undefined if it has none. @param path relative to `root` */
export const fileAt = (root: string, ref: string, path: string): string | undefined => {
  try {
    return git(root, 'show', `${ref}:./${path}`);
  } catch {
    return undefined;
  }
};

/** Reads the SDL files of a folder in a commit. */
export const folderAt = (root: string, ref: string, folder: string): SubgraphSources => {
  const paths = git(root, 'ls-tree', '--name-only', ref, `${folder}/`)
    .split('\n')
    .filter((path) => path.endsWith('.graphql'));
  return filesAt(root, ref, Object.fromEntries(paths.map((path) => [basename(path, '.graphql'), path])));
};

/**
 * Reads files in a commit, in the order of their paths; undefined for one that it lacks. One process reads all of them: a supergraph
 * may have hundreds.
 */
const blobsAt = (root: string, ref: string, paths: readonly string[]): (string | undefined)[] => {
  const answer = execFileSync('git', ['-C', root, 'cat-file', '--batch'], {
    input: paths.map((path) => `${ref}:./${path}\n`).join(''),
    maxBuffer: 1 << 28,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  let at = 0;
  return paths.map(() => {
    const end = answer.indexOf('\n', at);
    const [, size] = / blob (\d+)$/.exec(answer.toString('utf8', at, end)) ?? [];
    const start = end + 1;
    at = size === undefined ? start : start + Number(size) + 1;
    return size === undefined ? undefined : answer.toString('utf8', start, start + Number(size));
  });
};

/** Reads SDL files in a commit; those that it lacks are left out. */
export const filesAt = (root: string, ref: string, files: SubgraphFiles): SubgraphSources => {
  const names = Object.keys(files);
  const blobs = blobsAt(root, ref, Object.values(files));
  const sdls: SubgraphSdls = Object.fromEntries(
    names.flatMap((name, i) => (blobs[i] === undefined ? [] : [[name, blobs[i]] as const])),
  );
  return { sdls, files };
};

/** Returns the commit of the work tree; undefined without a repository. */
export const headCommit = (root: string): string | undefined =>
  tryGit(root, 'rev-parse', '--verify', '--quiet', 'HEAD');

/** Returns the path of the repository at its host, such as `acme/reviews`; undefined without a remote called origin. */
export const originPath = (root: string): string | undefined => {
  const [, path] =
    /^(?:[a-z+]+:\/\/[^/]+\/|[^/:]+:)\/*(.+?)(?:\.git)?\/*$/.exec(
      tryGit(root, 'remote', 'get-url', 'origin') ?? '',
    ) ?? [];
  return path;
};

/** Returns the name of whoever works here, or of whoever made the last commit. */
export const gitUser = (root: string): string | undefined =>
  tryGit(root, 'config', 'user.name') ?? tryGit(root, 'log', '-1', '--format=%an');
