import { UsageError, wholeNumber } from '@rookery/command-line';
import { approvalsAnswer, differencesAnswer, type VersionAnswer } from '@rookery/registry-protocol';
import type { z } from 'zod';
import { severityOf } from '../../model/change.ts';
import type { RegistryClient } from '../../registry-client/client.ts';
import { newestComposing, readHistory } from '../../registry-client/versions.ts';
import { defineRegistryCommand } from '../registry-command.ts';

const versionLine = ({ version, publishedAt, author, commit, changed, composes, message }: VersionAnswer) =>
  [
    String(version).padStart(5),
    publishedAt.slice(0, 16).replace('T', ' '),
    author,
    commit === null ? '-' : commit.slice(0, 10),
    changed.length === 0 ? '-' : changed.join(', '),
    ...(composes ? [] : ['does not compose']),
    ...(message === null ? [] : [message]),
  ].join('  ');

type Approval = z.infer<typeof approvalsAnswer>['approvals'][number];

const approvalLine = ({ approvedAt, author, pullRequest, coordinate, message, reason }: Approval) =>
  [
    approvedAt.slice(0, 16).replace('T', ' '),
    author,
    pullRequest ?? 'everywhere',
    `${coordinate}: ${message}`,
    reason,
  ].join('  ');

/** Returns the newest approvals as a result of the command. */
const approvalHistory = async (registry: RegistryClient, limit: number) => {
  const all = await registry.get('/v1/approvals', approvalsAnswer);
  const approvals = all.approvals.toReversed().slice(0, limit);
  const text = approvals.map(approvalLine).join('\n');
  return { text: text || 'no change was approved yet', data: { approvals } };
};

export const historyCommand = defineRegistryCommand({
  name: 'history',
  about: 'lists the versions of the registry, or its approvals',
  usage: `Lists the versions of the registry, the newest first: number, time, author, commit, and what changed.

  --limit N             versions, up to 200; default: 20
  --before VERSION      only older ones
  --approvals           approvals instead: time, author, the pull request or everywhere, the change, and the reason`,
  options: { limit: { type: 'string' }, before: { type: 'string' }, approvals: { type: 'boolean' } },
  async run(registry, { limit: given = '20', before, approvals = false }) {
    const limit = wholeNumber('limit', given, 1, 200);
    if (approvals && before !== undefined) throw new UsageError('--approvals excludes --before');
    if (approvals) return approvalHistory(registry, limit);
    const versions = await readHistory(
      registry,
      limit,
      before === undefined ? undefined : wholeNumber('before', before, 1),
    );
    const text =
      versions.length === 0 ? 'no version was published yet' : versions.map(versionLine).join('\n');
    return { text, data: { versions } };
  },
});

export const diffCommand = defineRegistryCommand({
  name: 'diff',
  about: 'shows what changes for clients between two versions of the registry',
  usage: `Shows what changes for clients between two versions of the registry that compose.

  npm run schema -- diff 7 9
  npm run schema -- diff 7          against the newest version that composes
`,
  options: {},
  positionals: true,
  async run(registry, _given, [first, second, ...rest]) {
    if (first === undefined || rest.length > 0) throw new UsageError('diff takes FROM and TO');
    const from = wholeNumber('from', first, 1);
    const to =
      second === undefined ? (await newestComposing(registry)).version : wholeNumber('to', second, 1);
    const { changes } = await registry.get('/v1/diff', differencesAnswer, { from, to });
    const lines = changes.map(
      (change) => `${severityOf(change).padEnd(9)}  ${change.coordinate}  ${change.message}`,
    );
    const text = lines.length === 0 ? 'no change for clients' : lines.join('\n');
    return { text: `version ${from} to ${to}\n${text}`, data: { from, to, changes } };
  },
});
