import { dirname, normalize } from 'node:path/posix';
import { type Finding, lineOf } from '../finding.ts';
import type { Tree } from '../tree.ts';

/** Replaces code blocks by empty lines, so that line numbers stay. */
export const withoutCodeBlocks = (markdown: string): string =>
  markdown.replace(/^( *)```[\s\S]*?^\1```/gm, (block) => block.replace(/[^\n]/g, ''));

/** Returns the anchors of a page, one for each heading, as GitHub derives them. */
export function anchorsOf(markdown: string): Set<string> {
  const anchors = new Set<string>();
  for (const [, heading = ''] of withoutCodeBlocks(markdown).matchAll(/^#+ +(.+)$/gm)) {
    const slug = heading
      .replace(/\]\([^)]*\)/g, ']')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replaceAll(' ', '-');
    let anchor = slug;
    for (let count = 1; anchors.has(anchor); count += 1) anchor = `${slug}-${count}`;
    anchors.add(anchor);
  }
  return anchors;
}

/** Returns the files and folders that a page links to, as paths from the root. */
const targetsOf = (page: string, tree: Tree): string[] =>
  [...withoutCodeBlocks(tree.read(page)).matchAll(/\]\(([^)\s#]+)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((target) => normalize(`${dirname(page)}/${target}`).replace(/\/$/, ''));

/** Returns the pages of docs/ to which no chain of links leads from README.md. A link to a folder leads to all its pages. */
export function unreachablePages(tree: Tree): Finding[] {
  const pages = tree.files.filter((path) => path.endsWith('.md'));
  const reached = new Set(['README.md']);
  for (const page of reached)
    for (const target of targetsOf(page, tree))
      for (const path of pages) if (path === target || dirname(path) === target) reached.add(path);
  return pages
    .filter((path) => path.startsWith('docs/') && !reached.has(path))
    .map((path) => ({ path, line: 1, text: 'no link leads here from README.md' }));
}

/** Returns the relative links of a page that lead to no file, or to no heading of a file. */
export function brokenLinks(page: string, tree: Tree): Finding[] {
  const text = withoutCodeBlocks(tree.read(page));
  const findings: Finding[] = [];
  for (const match of text.matchAll(/\]\(([^)\s]+)\)/g)) {
    const target = match[1] ?? '';
    if (/^[a-z]+:/.test(target)) continue;
    const [path = '', anchor] = target.split('#');
    const file = path === '' ? page : normalize(`${dirname(page)}/${path}`);
    const broken =
      !tree.has(file) ||
      (anchor !== undefined && !anchorsOf(tree.read(file)).has(decodeURIComponent(anchor)));
    if (broken)
      findings.push({
        path: page,
        line: lineOf(text, match.index),
        text: `the link leads nowhere: ${target}`,
      });
  }
  return findings;
}
