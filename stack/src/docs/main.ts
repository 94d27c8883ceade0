import { cloneDir } from '../layout.ts';
import { diagramFindings } from './diagrams.ts';
import { brokenLinks, unreachablePages } from './links.ts';
import { missingPages, missingPaths } from './named-paths.ts';
import { misplacedPages, recordFindings } from './records.ts';
import { readTree } from './tree.ts';

const help = `node stack/src/docs/main.ts [--json]

Checks the documents of the repository:
  - relative links in Markdown lead to a file, and to a heading in it; a chain of links leads from README to each page;
  - files and folders in backquotes exist, and so do the pages that code names;
  - Mermaid diagrams can be drawn;
  - docs/adr/README.md lists every decision record;
  - pages of docs/ are in the folder of their purpose.
  --json  print the findings as one JSON array on standard output
Exit codes: 0 nothing found, 1 findings, 2 wrong arguments.`;

const args = process.argv.slice(2);
if (args.includes('--help')) {
  console.log(help);
  process.exit(0);
}
const unknown = args.find((arg) => arg !== '--json');
if (unknown !== undefined) {
  console.error(`unknown argument ${unknown}\n\n${help}`);
  process.exit(2);
}

const tree = readTree(cloneDir);
const pages = tree.files.filter((path) => path.endsWith('.md'));
const code = tree.files.filter((path) => /\.(?:[cm]?[jt]s|tsx|ya?ml|graphql)$/.test(path));
const findings = [
  ...pages.flatMap((page) => brokenLinks(page, tree)),
  ...pages.flatMap((page) => diagramFindings(page, tree)),
  // The changelog names files of its time.
  ...pages.filter((page) => page !== 'CHANGELOG.md').flatMap((page) => missingPaths(page, tree)),
  ...code.filter((path) => !path.startsWith('stack/src/docs/')).flatMap((path) => missingPages(path, tree)),
  ...unreachablePages(tree),
  ...recordFindings(tree),
  ...misplacedPages(tree),
];

if (args.includes('--json')) console.log(JSON.stringify(findings));
else {
  for (const { path, line, text } of findings) console.log(`${path}:${line}: ${text}`);
  console.log(`documents: ${findings.length} findings in ${pages.length} pages`);
}
process.exit(findings.length === 0 ? 0 : 1);
