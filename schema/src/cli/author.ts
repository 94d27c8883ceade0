import { UsageError } from '@rookery/command-line';
import { gitUser } from '../compose/git.ts';
import { callerFolder } from '../model/installation.ts';

/** Variables in which CI systems name whoever started a pipeline. */
const ciVariables = ['GITHUB_ACTOR', 'GITLAB_USER_LOGIN'] as const;

/** Returns who does it: as it was given, as CI names them, or as git does. @throws UsageError */
export const authorOf = (given: string | undefined): string => {
  const author =
    given ??
    ciVariables.map((name) => process.env[name]).find((name) => name !== undefined && name !== '') ??
    gitUser(callerFolder());
  if (author === undefined) throw new UsageError('name the author with --author');
  return author;
};

export const authorUsage =
  '  --author NAME         who does it; default: the user of the CI pipeline, or of git';
