import { styleText } from 'node:util';
import { problemText } from '../../compose/composition-error.ts';
import { type DecidedChange, severities, severityOf } from '../../model/change.ts';
import type { CheckReport, Comparison, ContractReport } from '../../model/check-report.ts';
import type { OperationVerdict } from '../../model/operation-verdict.ts';
import { clientsText, clientText, excerptOf } from './excerpt.ts';

type Style = Parameters<typeof styleText>[0];
type Paint = (style: Style, text: string) => string;

/** Returns a function that colors text, or leaves it as it is. */
const painter =
  (isColored: boolean): Paint =>
  (style, text) =>
    isColored ? styleText(style, text, { validateStream: false }) : text;

const styles: Readonly<Record<string, Style>> = {
  breaking: 'red',
  security: 'magenta',
  dangerous: 'yellow',
  safe: 'green',
  broken: 'red',
  'possibly-affected': 'yellow',
};

const section = (title: string, lines: readonly string[], count = lines.length): string[] =>
  count === 0 ? [] : ['', `${title} (${count})`, ...lines];

const percentText = (percent: number): string =>
  percent > 0 && percent < 0.01 ? 'under 0.01 %' : `${Number(percent.toFixed(2))} %`;

const usageLine = ({ usage, decision }: DecidedChange): string[] => {
  if (usage === undefined) return [];
  if (usage.operations === 0) return decision === 'unused' ? ['    no operation uses it'] : [];
  const { operations, count, percent, clients, lastSeen } = usage;
  const names = clients.slice(0, 5).join(', ');
  const last = lastSeen === null ? '' : `, last ${lastSeen.slice(0, 10)}`;
  return [
    `    used by ${operations} ${operations === 1 ? 'operation' : 'operations'}: ${count} requests (${percentText(percent)}) of ${names}${last}`,
  ];
};

const changeLines = (change: DecidedChange, paint: Paint): string[] => {
  const { position, message, accepted, reason } = change;
  const place = position === null ? '' : `${position.file}:${position.line} [${position.subgraph}] `;
  // The library explains the same kind of change in the same words each time; a rule of this check says what is at stake.
  const why = change.security && reason !== undefined ? ` ${reason}` : '';
  const text = accepted === undefined ? `${message}${why}` : `${message.replace(/\.$/, '')}: ${accepted}`;
  const flag = change.security ? `${paint('magenta', '[security]')} ` : '';
  return [`  ${paint('dim', place)}${flag}${text}`, ...usageLine(change)];
};

const decisionTitle: Readonly<Record<DecidedChange['decision'], string>> = {
  refused: '',
  allowed: '',
  accepted: ' and accepted',
  unused: ' and unused',
};

const changeSections = ({ changes }: Comparison, paint: Paint): string[] =>
  severities.flatMap((severity) =>
    ['', ' and accepted', ' and unused'].flatMap((suffix) => {
      const chosen = changes.filter(
        (change) => severityOf(change) === severity && decisionTitle[change.decision] === suffix,
      );
      return section(
        paint(styles[severity] ?? 'reset', `${severity}${suffix}`),
        chosen.flatMap((change) => changeLines(change, paint)),
        chosen.length,
      );
    }),
  );

const operationLines = (verdict: OperationVerdict, paint: Paint): string[] => {
  const { effect, kind, name, count, openSubscriptions, skipped } = verdict;
  const open = openSubscriptions === 0 ? '' : `, ${openSubscriptions} open`;
  const title = `  ${paint(styles[effect] ?? 'reset', effect)} ${kind} ${name}: ${count} requests${open}`;
  if (skipped !== undefined) return [`${title}: ${skipped}`];
  return [
    title,
    `    ${clientsText(verdict)}`,
    ...excerptOf(verdict).map(({ number, text, isMarker }) => {
      const margin = number === undefined ? '      ' : `${String(number).padStart(5)} `;
      return `    ${paint('dim', `${margin}│`)} ${isMarker ? paint(styles[effect] ?? 'reset', text) : text}`;
    }),
  ];
};

const operationSections = (
  { operations, unaffectedOperations, openSubscriptions, appVersions }: Comparison,
  paint: Paint,
) => [
  ...section(
    'operations',
    operations.flatMap((verdict) => operationLines(verdict, paint)),
    operations.length,
  ),
  ...(operations.length > 0 ? [`  ${unaffectedOperations} others are unaffected`] : []),
  ...section(
    'open subscriptions',
    openSubscriptions.map(
      ({ name, client, open, effect }) =>
        `  ${paint(styles[effect] ?? 'reset', effect)} ${name} of ${clientText(client)}: ${open} open`,
    ),
  ),
  ...section(
    'app versions',
    appVersions
      .filter(({ effect }) => effect !== 'unaffected')
      .map(
        ({ name, version, effect, operations: ids }) =>
          `  ${paint(styles[effect] ?? 'reset', effect)} ${clientText({ name, version })}: ${ids.length} ${ids.length === 1 ? 'operation' : 'operations'}`,
      ),
  ),
];

const contractSections = (contract: ContractReport, paint: Paint): string[] => {
  const { name, compositionErrors } = contract;
  if (compositionErrors.length > 0)
    return ['', `contract ${name} is no valid schema:`, ...compositionErrors.map(problemText)];
  const lines = [...changeSections(contract, paint), ...operationSections(contract, paint)];
  return lines.length === 0
    ? [`contract ${name}: no change for clients`]
    : ['', `contract ${name}`, ...lines];
};

const comparisonLine = ({ comparison, changes }: CheckReport, against: string): string => {
  if (comparison === 'new') return `${against}: no schema there, so everything is new`;
  if (comparison === 'broken') return `${against}: its schema does not compose; not compared`;
  if (changes.length === 0) return `${against}: no change for clients`;
  return `${against}: ${changes.length} ${changes.length === 1 ? 'change' : 'changes'}`;
};

const usageText = ({ usage }: CheckReport): string[] => {
  if (usage === null) return [];
  const { source, operations, requests, from, to, trustedDocuments, hasData, unreadable } = usage;
  return [
    `usage: ${operations} operations, ${requests} requests, ${trustedDocuments} trusted documents of ${source}, ${from.slice(0, 10)} to ${to.slice(0, 10)}${hasData ? '' : ': no data, so nothing counts as unused'}`,
    ...unreadable.map(({ reason }) => `  an operation cannot be read: ${reason}`),
  ];
};

const acceptanceSection = ({ unusedAcceptances }: CheckReport): string[] =>
  section(
    'accepted, but no change from this base',
    unusedAcceptances.map(({ message }) => `  ${message}`),
  ).map((line) =>
    line.startsWith('accepted,')
      ? `${line}; remove these entries from schema/accepted-changes.json once the main branch has the change`
      : line,
  );

const lintSection = ({ lint }: CheckReport, paint: Paint): string[] =>
  section(
    'lint',
    lint.map(({ rule, severity, message, position: { file, line, subgraph } }) => {
      const level = paint(severity === 'error' ? 'red' : 'yellow', severity);
      return `  ${paint('dim', `${file}:${line} [${subgraph}] `)}${level} ${rule}: ${message}`;
    }),
  );

export interface TextOptions {
  /** Name of the state that the schema was compared with. */
  readonly against: string;
  /** True if generated files were checked. */
  readonly checksDrift: boolean;
  readonly isColored: boolean;
}

/** Returns the report as text for people. */
export const textReport = (report: CheckReport, { against, checksDrift, isColored }: TextOptions): string => {
  const paint = painter(isColored);
  const { compositionErrors, drift, failures, probes, contracts } = report;
  if (compositionErrors.length > 0)
    return `the subgraphs do not compose:\n${compositionErrors.map(problemText).join('\n')}`;
  if (report.exitCode > 1) return failures.map(({ message }) => message).join('\n');
  return [
    'the subgraphs compose',
    ...drift.map((path) => `out of step with the SDL: ${path} (npm run schema:generate)`),
    ...(checksDrift && drift.length === 0 ? ['what is generated is in step with the SDL'] : []),
    comparisonLine(report, against),
    ...usageText(report),
    ...changeSections(report, paint),
    ...operationSections(report, paint),
    ...contracts.flatMap((contract) => contractSections(contract, paint)),
    ...acceptanceSection(report),
    ...lintSection(report, paint),
    ...section(
      'addresses',
      probes.map(
        ({ what, address, ok, detail }) => `  ${ok ? 'ok' : 'FAILED'}  ${what}: ${address}: ${detail}`,
      ),
    ),
    '',
    failures.length === 0
      ? paint('green', 'passed')
      : paint('red', `failed: ${failures.map(({ message }) => message).join('; ')}`),
  ].join('\n');
};
