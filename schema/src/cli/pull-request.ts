import { UsageError } from '@rookery/command-line';
import { originPath } from '../compose/git.ts';
import { callerFolder } from '../model/installation.ts';

export const pullRequestUsage =
  '  --pull-request NUMBER in a registry, the pull or merge request whose approvals hold as well; default: that of the CI pipeline';

const setting = (name: string): string | undefined => process.env[name] || undefined;

/** Returns the repository of a pull request: as CI names it, or as git does. */
const repository = (): string | undefined =>
  setting('GITHUB_REPOSITORY') ??
  setting('CI_MERGE_REQUEST_PROJECT_PATH') ??
  setting('CI_PROJECT_PATH') ??
  originPath(callerFolder());

/** Returns the name of a pull request. Hosts disregard letter case in the path of a repository. */
const named = (path: string, number: string): string => `${path.toLowerCase()}#${number}`;

/**
 * Reads the pull request that an option names: a number in this repository, or `acme/reviews#12`.
 * @throws UsageError
 */
export const readPullRequest = (text: string): string => {
  const [, path = repository(), number] = /^(?:(\S+)#)?(\d+)$/.exec(text) ?? [];
  if (number === undefined)
    throw new UsageError(`--pull-request must be a number, or such as acme/reviews#12, and is "${text}"`);
  if (path === undefined)
    throw new UsageError(`name the repository of the pull request: --pull-request acme/reviews#${number}`);
  return named(path, number);
};

/** Returns the pull or merge request for which a CI pipeline runs; undefined if there is none. */
export const pullRequestOfCi = (): string | undefined => {
  const [, number = setting('CI_MERGE_REQUEST_IID')] =
    /^refs\/pull\/(\d+)\//.exec(process.env.GITHUB_REF ?? '') ?? [];
  if (number === undefined) return undefined;
  const path = repository();
  return path === undefined ? undefined : named(path, number);
};
