import { inEachFile, runCheck } from '../run-check.ts';
import { findingsIn } from './findings.ts';

/** Files that are generated, or that list the replaced names themselves. */
const ignored = [/(^|\/)generated\//, /^stack\/src\/names\//];

process.exitCode = await runCheck({
  name: 'names',
  about: 'Checks the names of identifiers, error classes, metrics, files and folders against STYLE_GUIDE.md.',
  findings: inEachFile(ignored, (path, source) =>
    findingsIn(path, source).map(({ line, name, use }) => ({ path, line, text: `${name}: ${use}` })),
  ),
});
