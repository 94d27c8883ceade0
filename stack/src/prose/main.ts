import { inEachFile, runCheck } from '../run-check.ts';
import { findingsIn } from './findings.ts';

/** Files that are generated, quoted from elsewhere, or that list the banned patterns themselves. */
const ignored = [
  /(^|\/)generated\//,
  /package-lock\.json$/,
  /pnpm-lock\.yaml$/,
  /^STYLE_GUIDE\.md$/,
  /^stack\/src\/prose\//,
  /^schema\/supergraph\.graphql$/,
];

process.exitCode = await runCheck({
  name: 'prose',
  about: 'Checks comments, messages and documents against the banned patterns of STYLE_GUIDE.md.',
  findings: inEachFile(ignored, (path, source) =>
    findingsIn(path, source).map(({ line, rule, text }) => ({
      path,
      line,
      text: `${rule.name}: use ${rule.use}: ${text}`,
    })),
  ),
});
