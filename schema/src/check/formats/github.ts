import type { CheckReport } from '../../model/check-report.ts';
import { type Annotation, annotationsOf } from './annotations.ts';

const escapeMessage = (text: string): string =>
  text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
const escapeProperty = (text: string): string =>
  escapeMessage(text).replaceAll(':', '%3A').replaceAll(',', '%2C');

const commandOf = ({ level, rule, message, position }: Annotation): string => {
  const place =
    position === null
      ? []
      : [`file=${escapeProperty(position.file)}`, `line=${position.line}`, `col=${position.column}`];
  return `::${level} ${[...place, `title=${escapeProperty(rule)}`].join(',')}::${escapeMessage(message)}`;
};

/** Returns the workflow commands by which GitHub annotates the SDL. */
export const githubReport = (report: CheckReport): string => annotationsOf(report).map(commandOf).join('\n');
