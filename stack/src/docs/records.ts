import type { Finding } from '../finding.ts';
import type { Tree } from '../tree.ts';

const folder = 'docs/adr/';
const index = `${folder}README.md`;
const statuses = ['accepted', 'proposed', 'superseded'];
const headings = ['Context', 'Decision', 'Consequences'];

/** Returns the decision records that lack a part, or that the index does not list with their title and status. */
export function recordFindings(tree: Tree): Finding[] {
  const findings: Finding[] = [];
  const rows = tree.read(index);
  for (const path of tree.files) {
    const name = path.slice(folder.length);
    if (!path.startsWith(folder) || ['README.md', 'template.md'].includes(name)) continue;
    const report = (text: string): unknown => findings.push({ path, line: 1, text });
    const text = tree.read(path);
    const title = /^# (.+)$/m.exec(text)?.[1];
    const status = /^Status: (\w+)/m.exec(text)?.[1];
    if (status === undefined || !statuses.includes(status))
      report(`the status is missing or none of ${statuses.join(', ')}`);
    for (const heading of headings)
      if (!new RegExp(`^## ${heading}$`, 'm').test(text)) report(`the heading is missing: ${heading}`);
    if (!rows.includes(`| [${title}](${name}) | ${status} |`))
      report(`${index} has no row "| [${title}](${name}) | ${status} |"`);
  }
  return findings;
}

/** Returns the pages at the top of docs/ that belong into a folder after Diátaxis. */
export const misplacedPages = (tree: Tree): Finding[] =>
  tree.files
    .filter((path) => /^docs\/[^/]+$/.test(path) && !['docs/tutorial.md', 'docs/glossary.md'].includes(path))
    .map((path) => ({
      path,
      line: 1,
      text: 'belongs into how-to/, reference/, explanation/ or adr/',
    }));
