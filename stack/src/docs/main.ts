import type { Finding } from '../finding.ts';
import { runCheck } from '../run-check.ts';
import type { Tree } from '../tree.ts';
import { diagramFindings } from './diagrams.ts';
import { brokenLinks, unreachablePages } from './links.ts';
import { missingPages, missingPaths } from './named-paths.ts';
import { misplacedPages, recordFindings } from './records.ts';

const findingsIn = (tree: Tree): Finding[] => {
  const pages = tree.files.filter((path) => path.endsWith('.md'));
  const code = tree.files.filter((path) => /\.(?:[cm]?[jt]s|tsx|ya?ml|graphql)$/.test(path));
  return [
    ...pages.flatMap((page) => brokenLinks(page, tree)),
    ...pages.flatMap((page) => diagramFindings(page, tree)),
    // The changelog names files of its time.
    ...pages.filter((page) => page !== 'CHANGELOG.md').flatMap((page) => missingPaths(page, tree)),
    ...code.filter((path) => !path.startsWith('stack/src/docs/')).flatMap((path) => missingPages(path, tree)),
    ...unreachablePages(tree),
    ...recordFindings(tree),
    ...misplacedPages(tree),
  ];
};

process.exitCode = await runCheck({
  name: 'docs',
  about: `Checks the documents of the repository:
  - relative links in Markdown lead to a file, and to a heading in it; a chain of links leads from README to each page;
  - files and folders in backquotes exist, and so do the pages that code names;
  - Mermaid diagrams can be drawn;
  - docs/adr/README.md lists every decision record;
  - pages of docs/ are in the folder of their purpose.`,
  findings: findingsIn,
});
