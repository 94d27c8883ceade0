import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { InputError, UsageError, wholeNumber } from '@rookery/command-line';
import { approvalAnswer } from '@rookery/registry-protocol';
import { z } from 'zod';
import { parseJson } from '../../check/json-input.ts';
import { messageOf } from '../../compose/probe.ts';
import { callerFolder } from '../../model/installation.ts';
import { readCheck, readCheckOf, readCheckOfPullRequest } from '../../registry-client/checks.ts';
import type { RegistryClient } from '../../registry-client/client.ts';
import { authorOf, authorUsage } from '../author.ts';
import { readPullRequest } from '../pull-request.ts';
import { defineRegistryCommand } from '../registry-command.ts';

const options = {
  report: { type: 'string' },
  check: { type: 'string' },
  commit: { type: 'string' },
  'pull-request': { type: 'string' },
  kind: { type: 'string' },
  coordinate: { type: 'string' },
  message: { type: 'string' },
  reason: { type: 'string' },
  author: { type: 'string' },
} as const;

const changes = z
  .array(z.object({ kind: z.string(), coordinate: z.string(), message: z.string(), decision: z.string() }))
  .readonly();

/** Part of the JSON report of a check that is read. */
const checkReport = z.object({ changes, contracts: z.array(z.object({ changes })).readonly() });

interface ApprovedChange {
  readonly kind: string;
  readonly coordinate: string;
  readonly message: string;
}

interface Given extends Partial<Record<keyof typeof options, string | undefined>> {}

/** Returns the changes that a check refused, each once. */
const refusedOf = (report: z.output<typeof checkReport>): ApprovedChange[] => {
  const refused = [report, ...report.contracts]
    .flatMap((part) => part.changes)
    .filter(({ decision }) => decision === 'refused')
    .map(({ kind, coordinate, message }) => ({ kind, coordinate, message }));
  return [...new Map(refused.map((change) => [JSON.stringify(change), change])).values()];
};

/** Reads the report of a check from a file. @throws InputError */
const readReport = (path: string): z.output<typeof checkReport> => {
  let text: string;
  try {
    text = readFileSync(resolve(callerFolder(), path), 'utf8');
  } catch (error) {
    throw new InputError(`failed to read ${path}: ${messageOf(error)}`);
  }
  return parseJson(text, path, checkReport);
};

/** Returns the check that options name; undefined if they name none. @throws CommandError and InputError */
const readNamedCheck = async (
  registry: RegistryClient,
  { report, check, commit }: Given,
  pullRequest: string | undefined,
) => {
  if (report !== undefined) return readReport(report);
  if (check !== undefined) return (await readCheck(registry, wholeNumber('check', check, 1))).report;
  if (commit !== undefined) return (await readCheckOf(registry, commit)).report;
  return pullRequest === undefined ? undefined : (await readCheckOfPullRequest(registry, pullRequest)).report;
};

/** @throws UsageError, CommandError and InputError */
const readChanges = async (
  registry: RegistryClient,
  given: Given,
  pullRequest: string | undefined,
): Promise<ApprovedChange[]> => {
  const { report, check, commit, kind, coordinate, message } = given;
  const named = [report, check, commit].filter((one) => one !== undefined).length;
  const isOne = [kind, coordinate, message].some((part) => part !== undefined);
  if (named > 1 || (named === 1 && isOne))
    throw new UsageError('name either one change, or one of --check, --commit and --report');
  const found = isOne ? undefined : await readNamedCheck(registry, given, pullRequest);
  if (found !== undefined) {
    const refused = refusedOf(found);
    if (refused.length === 0) throw new InputError('the check refused no change');
    return refused;
  }
  if (kind === undefined || coordinate === undefined || message === undefined)
    throw new UsageError('name a change with --kind, --coordinate and --message, or a check with --check');
  return [{ kind, coordinate, message }];
};

export const approveCommand = defineRegistryCommand({
  name: 'approve',
  about: 'approves changes that a check refuses, wherever they turn up or in one pull request',
  usage: `Approves changes that a check refuses. An approval belongs to the content of the change: it holds in every branch, after each
rebase, and in the main branch, and no other change is covered by it. With --pull-request it holds in that pull request alone.

  npm run schema -- approve --check 12 --reason "No app reads it any more."
  npm run schema -- approve --commit HEAD_OF_THE_PULL_REQUEST --reason "No app reads it any more."
  npm run schema -- approve --pull-request 12 --reason "No app reads it any more."
  npm run schema -- approve --kind FIELD_REMOVED --coordinate User.bio --message "Field 'bio' was removed from object type 'User'" \\
    --reason "No app reads it any more."

  --check NUMBER        every change that this check in the registry refused
  --commit COMMIT       every change that the last check of this commit refused, such as that of a pull request
  --pull-request NUMBER approve for this pull or merge request alone, by default every change that its last check refused. In another
                        repository: acme/reviews#12
  --report FILE         every change that a check refused, from its JSON report
  --kind KIND           kind of one change, as the report names it
  --coordinate TEXT     its coordinate
  --message TEXT        its message, exactly as the check prints it
  --reason TEXT         why clients can bear it; required
${authorUsage}`,
  options,
  async run(registry, given) {
    const { reason, 'pull-request': named } = given;
    if (reason === undefined) throw new UsageError('say why with --reason');
    const pullRequest = named === undefined ? undefined : readPullRequest(named);
    const changes = await readChanges(registry, given, pullRequest);
    const author = authorOf(given.author);
    const approvals = [];
    for (const change of changes) {
      const approval = { change, author, reason, pullRequest };
      approvals.push(await registry.post('/v1/approvals', approval, approvalAnswer));
    }
    const where = pullRequest === undefined ? '' : ` for ${pullRequest}`;
    const lines = approvals.map(
      ({ created, coordinate, message, ...approved }) =>
        `approved${created ? '' : ` before, by ${approved.author}`}${where}: ${coordinate}: ${message}`,
    );
    return { text: lines.join('\n'), data: { approvals } };
  },
});
