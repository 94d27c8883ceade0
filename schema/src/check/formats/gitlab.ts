import { createHash } from 'node:crypto';
import type { CheckReport } from '../../model/check-report.ts';
import { annotationsOf } from './annotations.ts';

const severities = { error: 'blocker', warning: 'minor' } as const;

/** Path for remarks without a place: GitLab drops a finding that has none. */
const noPlace = { file: 'schema', line: 1 };

/** Returns the report in GitLab's format for code quality, which annotates the lines of a merge request. */
export const gitlabReport = (report: CheckReport): string => {
  const annotations = annotationsOf(report);
  return JSON.stringify(
    annotations.map(({ level, rule, message, position }, i) => {
      const { file, line } = position ?? noPlace;
      return {
        description: message,
        check_name: rule,
        // Equal remarks on one line are different findings.
        fingerprint: createHash('sha256').update([rule, file, line, message, i].join('\0')).digest('hex'),
        severity: severities[level],
        location: { path: file, lines: { begin: line } },
      };
    }),
    null,
    2,
  );
};
