import { githubReport } from '../check/formats/github.ts';
import { gitlabReport } from '../check/formats/gitlab.ts';
import { markdownReport } from '../check/formats/markdown.ts';
import { sarifReport } from '../check/formats/sarif.ts';
import { textReport } from '../check/formats/text.ts';
import type { CheckReport } from '../model/check-report.ts';
import { asCalledHere } from '../model/installation.ts';
import type { Output } from './command.ts';

/** Formats besides text and JSON. */
export const checkFormats = ['markdown', 'sarif', 'github', 'gitlab'] as const;
type Format = Output<(typeof checkFormats)[number]>['format'];

const isColored = (): boolean =>
  process.env.FORCE_COLOR !== undefined
    ? process.env.FORCE_COLOR !== '0'
    : process.stdout.isTTY === true && (process.env.NO_COLOR ?? '') === '';

export interface PrintedCheck {
  readonly against: string;
  readonly check?: number | undefined;
  readonly checksDrift: boolean;
}

/** Returns how the refused changes of a check in a registry are approved. */
const adviceOn = ({ changes, contracts }: CheckReport, number: number | undefined): string[] =>
  number !== undefined &&
  [changes, ...contracts.map((contract) => contract.changes)]
    .flat()
    .some(({ decision }) => decision === 'refused')
    ? [asCalledHere(`approve with: npm run schema -- approve --check ${number} --reason TEXT`)]
    : [];

/** Prints the report of a check in one of its formats. */
export const printCheck = (
  report: CheckReport,
  format: Format,
  { against, checksDrift, check: number }: PrintedCheck,
): void => {
  const advice = adviceOn(report, number);
  const texts: Readonly<Record<Format, () => string>> = {
    text: () => [textReport(report, { against, checksDrift, isColored: isColored() }), ...advice].join('\n'),
    json: () => JSON.stringify({ ...report, check: number }),
    markdown: () => markdownReport(report, against),
    sarif: () => sarifReport(report),
    gitlab: () => gitlabReport(report),
    github: () =>
      [githubReport(report), textReport(report, { against, checksDrift, isColored: false })]
        .filter((part) => part !== '')
        .join('\n'),
  };
  console.log(texts[format]());
};
