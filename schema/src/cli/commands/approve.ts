import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { InputError, UsageError } from '@rookery/command-line';
import { approvalAnswer } from '@rookery/registry-protocol';
import { z } from 'zod';
import { parseJson } from '../../check/json-input.ts';
import { callerFolder } from '../../check/project.ts';
import { messageOf } from '../../compose/probe.ts';
import { authorOf, authorUsage } from '../author.ts';
import { defineRegistryCommand } from '../registry-command.ts';

const options = {
  report: { type: 'string' },
  kind: { type: 'string' },
  coordinate: { type: 'string' },
  message: { type: 'string' },
  reason: { type: 'string' },
  author: { type: 'string' },
} as const;

const changes = z.array(
  z.object({ kind: z.string(), coordinate: z.string(), message: z.string(), decision: z.string() }),
);
const contract = z.object({ changes });

/** Part of the JSON report of a check that is read. */
const checkReport = z.object({ changes, contracts: z.array(contract) });

interface ApprovedChange {
  readonly kind: string;
  readonly coordinate: string;
  readonly message: string;
}

interface Given extends Partial<Record<keyof typeof options, string | undefined>> {}

/** Reads the report of a check, and returns the changes that it refused, each once. @throws InputError */
const refusedIn = (path: string): ApprovedChange[] => {
  let text: string;
  try {
    text = readFileSync(resolve(callerFolder(), path), 'utf8');
  } catch (error) {
    throw new InputError(`failed to read ${path}: ${messageOf(error)}`);
  }
  const report = parseJson(text, path, checkReport);
  const refused = [report, ...report.contracts]
    .flatMap((part) => part.changes)
    .filter(({ decision }) => decision === 'refused')
    .map(({ kind, coordinate, message }) => ({ kind, coordinate, message }));
  return [...new Map(refused.map((change) => [JSON.stringify(change), change])).values()];
};

/** @throws UsageError and InputError */
const readChanges = ({ report, kind, coordinate, message }: Given): ApprovedChange[] => {
  const one = [kind, coordinate, message];
  if (report !== undefined) {
    if (one.some((part) => part !== undefined))
      throw new UsageError('--report excludes --kind, --coordinate and --message');
    const refused = refusedIn(report);
    if (refused.length === 0) throw new InputError(`${report} has no change that the check refused`);
    return refused;
  }
  if (kind === undefined || coordinate === undefined || message === undefined)
    throw new UsageError('name a change with --kind, --coordinate and --message, or a check with --report');
  return [{ kind, coordinate, message }];
};

export const approveCommand = defineRegistryCommand({
  name: 'approve',
  about: 'approves changes that a check refuses, wherever they turn up',
  usage: `Approves changes that a check refuses. An approval belongs to the content of the change: it holds in every branch, after each
rebase, and in the main branch, and no other change is covered by it.

  npm run schema -- approve --report check.json --reason "No app reads it any more."
  npm run schema -- approve --kind FIELD_REMOVED --coordinate User.bio --message "Field 'bio' was removed from object type 'User'" \\
    --reason "No app reads it any more."

  --report FILE         JSON report of a check, such as that of a pull request: every change that it refused
  --kind KIND           kind of one change, as the report names it
  --coordinate TEXT     its coordinate
  --message TEXT        its message, exactly as the check prints it
  --reason TEXT         why clients can bear it; required
${authorUsage}`,
  options,
  async run(registry, given) {
    const { reason } = given;
    if (reason === undefined) throw new UsageError('say why with --reason');
    const [changes, author] = [readChanges(given), authorOf(given.author)];
    const approvals = [];
    for (const change of changes)
      approvals.push(await registry.post('/v1/approvals', { change, author, reason }, approvalAnswer));
    const lines = approvals.map(
      ({ created, coordinate, message, ...approved }) =>
        `${created ? 'approved' : `approved before, by ${approved.author}`}: ${coordinate}: ${message}`,
    );
    return { text: lines.join('\n'), data: { approvals } };
  },
});
