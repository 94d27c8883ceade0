import { problemText } from '../../compose/composition-error.ts';
import { type DecidedChange, severityOf } from '../../model/change.ts';
import type { CheckReport, Comparison } from '../../model/check-report.ts';
import type { OperationVerdict } from '../../model/operation-verdict.ts';
import { clientsText, clientText, excerptOf } from './excerpt.ts';

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll(/\s+/g, ' ');

/** Longest comment that code hosts accept leaves room for this many operations. */
const mostOperations = 20;

const usageOf = ({ usage }: DecidedChange): string => {
  if (usage === undefined) return '';
  if (usage.operations === 0) return 'none';
  return `${usage.operations} operations, ${usage.count} requests (${Number(usage.percent.toFixed(2))} %)`;
};

const changeRow = (change: DecidedChange): string => {
  const { position, message, decision, security } = change;
  const place = position === null ? '' : `\`${position.file}:${position.line}\``;
  const title = `${severityOf(change)}${security ? ' (security)' : ''}`;
  return `| ${title} | ${decision} | ${place} | ${cell(message)} | ${cell(usageOf(change))} |`;
};

const changeTable = ({ changes }: Comparison): string[] =>
  changes.length === 0
    ? []
    : [
        '| severity | decision | place | change | used by |',
        '|---|---|---|---|---|',
        ...changes.map(changeRow),
        '',
      ];

/** Returns a fence that the text cannot close. */
const fenceFor = (text: string): string => {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  return '`'.repeat(longest + 1);
};

const operationText = (verdict: OperationVerdict): string[] => {
  const { effect, kind, name, skipped, document } = verdict;
  const title = `**${effect}** ${kind} \`${name}\`: ${cell(clientsText(verdict))}`;
  if (skipped !== undefined) return [`- ${title}: ${cell(skipped)}`, ''];
  const fence = fenceFor(document);
  const lines = excerptOf(verdict).map(({ text, isMarker }) => (isMarker ? `# ${text}` : `  ${text}`));
  return [
    `<details><summary>${effect} ${kind} ${name}</summary>`,
    '',
    title,
    '',
    `${fence}graphql`,
    ...lines,
    fence,
    '</details>',
    '',
  ];
};

const operationTexts = ({ operations, unaffectedOperations }: Comparison): string[] => [
  ...operations.slice(0, mostOperations).flatMap(operationText),
  ...(operations.length > mostOperations
    ? [`${operations.length - mostOperations} more operations are affected.`, '']
    : []),
  ...(operations.length > 0 ? [`${unaffectedOperations} operations are unaffected.`, ''] : []),
];

const comparisonText = (comparison: Comparison): string[] => {
  const { compositionErrors } = comparison;
  if (compositionErrors.length === 0) return [...changeTable(comparison), ...operationTexts(comparison)];
  const text = compositionErrors.map(problemText).join('\n');
  const fence = fenceFor(text);
  return [fence, text, fence, ''];
};

const lintTable = ({ lint }: CheckReport): string[] =>
  lint.length === 0
    ? []
    : [
        '',
        '| lint | rule | place | finding |',
        '|---|---|---|---|',
        ...lint.map(
          ({ rule, severity, message, position }) =>
            `| ${severity} | ${rule} | \`${position.file}:${position.line}\` | ${cell(message)} |`,
        ),
      ];

/** Returns the report as a comment for a pull request. */
export const markdownReport = (report: CheckReport, against: string): string => {
  const { ok, failures, contracts, openSubscriptions, appVersions } = report;
  const affected = appVersions.filter(({ effect }) => effect !== 'unaffected');
  return [
    `### Schema check: ${ok ? 'passed' : 'failed'}`,
    '',
    `Compared with ${against}.`,
    '',
    ...failures.map(({ outcome, message }) => `- \`${outcome}\`: ${cell(message)}`),
    ...(failures.length > 0 ? [''] : []),
    ...comparisonText(report),
    ...openSubscriptions.map(
      ({ name, client, open, effect }) =>
        `- ${effect}: ${open} open subscriptions to \`${name}\` of \`${clientText(client)}\``,
    ),
    ...affected.map(
      ({ name, version, effect, operations }) =>
        `- ${effect}: \`${clientText({ name, version })}\` (${operations.length} operations)`,
    ),
    ...contracts.flatMap((contract) => [
      '',
      `#### Contract \`${contract.name}\``,
      '',
      ...comparisonText(contract),
    ]),
    ...lintTable(report),
  ]
    .join('\n')
    .trimEnd();
};
