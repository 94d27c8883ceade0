import { needsAcceptance, type SchemaChange, severities } from './changes.ts';
import type { Findings } from './findings.ts';

const lineOf = ({ message, reason }: SchemaChange): string => `  ${message}${reason ? ` ${reason}` : ''}`;

const section = (title: string, lines: readonly string[]): string[] =>
  lines.length === 0 ? [] : ['', `${title} (${lines.length})`, ...lines];

const changeLines = ({ changes }: Findings): string[] => [
  ...severities.flatMap((severity) =>
    section(
      severity,
      changes.filter((each) => each.severity === severity && each.accepted === undefined).map(lineOf),
    ),
  ),
  ...severities.flatMap((severity) =>
    section(
      `${severity} and accepted`,
      changes
        .filter((each) => needsAcceptance(each) && each.severity === severity && each.accepted !== undefined)
        .map(({ message, accepted }) => `  ${message}: ${accepted}`),
    ),
  ),
];

const comparisonLine = ({ comparison, changes }: Findings, against: string): string => {
  if (comparison === 'new') return `${against}: no schema there, so everything is new`;
  if (comparison === 'broken') return `${against}: its schema does not compose; not compared`;
  if (changes.length === 0) return `${against}: no change for clients`;
  return `${against}: ${changes.length} ${changes.length === 1 ? 'change' : 'changes'}`;
};

/**
 * Returns the findings as text.
 * @param against what the schema was compared with
 */
export const reportOf = (found: Findings, against: string, checksDrift: boolean): string => {
  if (found.compositionError !== null) return `the subgraphs do not compose:\n${found.compositionError}`;
  const unused = found.unusedAcceptances.map(({ message }) => `  ${message}`);
  return [
    'the subgraphs compose',
    ...found.drift.map((path) => `out of step with the SDL: ${path} (npm run schema:generate)`),
    ...(checksDrift && found.drift.length === 0 ? ['what is generated is in step with the SDL'] : []),
    comparisonLine(found, against),
    ...changeLines(found),
    ...(unused.length === 0
      ? []
      : [
          '',
          `accepted, but no change from this base (${unused.length}); ` +
            'remove these entries from schema/accepted-changes.json once the main branch has the change',
          ...unused,
        ]),
    ...section(
      'addresses',
      found.probes.map(
        ({ what, address, ok, detail }) => `  ${ok ? 'ok' : 'FAILED'}  ${what}: ${address}: ${detail}`,
      ),
    ),
  ].join('\n');
};
