import type { SdlPosition } from '../../model/change.ts';
import type { CheckReport } from '../../model/check-report.ts';
import { annotationsOf } from './annotations.ts';

const locationOf = ({ file, line, column }: SdlPosition) => ({
  physicalLocation: {
    artifactLocation: { uri: file, uriBaseId: 'SRCROOT' },
    region: { startLine: line, startColumn: column },
  },
});

/** Returns the report in SARIF 2.1.0, which code scanning of GitHub and GitLab reads. */
export const sarifReport = (report: CheckReport): string => {
  const annotations = annotationsOf(report);
  const rules = [...new Set(annotations.map(({ rule }) => rule))].sort();
  return JSON.stringify(
    {
      $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
      version: '2.1.0',
      runs: [
        {
          tool: {
            driver: {
              name: 'rookery-schema',
              rules: rules.map((id) => ({ id, shortDescription: { text: id } })),
            },
          },
          invocations: [
            {
              executionSuccessful: report.exitCode < 2,
              exitCode: report.exitCode,
              exitCodeDescription: report.outcome,
            },
          ],
          results: annotations.map(({ level, rule, message, position, otherPositions }) => ({
            ruleId: rule,
            ruleIndex: rules.indexOf(rule),
            level,
            message: { text: message },
            locations: position === null ? [] : [locationOf(position)],
            ...(otherPositions.length === 0
              ? {}
              : { relatedLocations: otherPositions.map((other, id) => ({ id, ...locationOf(other) })) }),
          })),
        },
      ],
    },
    null,
    2,
  );
};
