import { dirname, normalize } from 'node:path/posix';
import { type Finding, lineOf, withoutCodeBlocks } from './links.ts';
import type { Tree } from './tree.ts';

const sourceFile = /[\w>*]\.(?:ts|tsx|mjs|graphql|md|json|ya?ml|sh)$/;

/** Returns a pattern for a path with placeholders (`<name>`, `*`), or undefined if it has none. */
function placeholders(path: string): RegExp | undefined {
  if (!/[<*]/.test(path)) return undefined;
  const escaped = path.replace(/[.+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${escaped.replace(/<[^>]+>|\*/g, '[^/]+')}$`);
}

/** Returns the names of the files that the reader of a guide creates: those in the first line of its code blocks. */
const createdByReader = (markdown: string): Set<string> =>
  new Set([...markdown.matchAll(/^ *```\w+ (\S+)$|^(?:cat|tee) > ?(\S+)/gm)].map(([, a, b]) => a ?? b ?? ''));

/**
 * Returns the paths in backquotes that name no file or folder. A path is written from the root of the repository. After
 * it, a file that is next to it, or in or below a folder above it, can be written in short.
 *
 * A path without an extension may be the start of a name, as `npm test -- tests/query` takes it.
 */
export function missingPaths(page: string, tree: Tree): Finding[] {
  const markdown = tree.read(page);
  const text = withoutCodeBlocks(markdown);
  const topFolders = new Set(
    tree.files.filter((file) => file.includes('/')).map((file) => file.split('/')[0]),
  );
  const created = createdByReader(markdown);
  let last = '';

  const fromRoot = (path: string): string | undefined => {
    const clean = path.replace(/\/$/, '');
    if (tree.has(clean)) return clean;
    const pattern = placeholders(clean);
    if (pattern !== undefined) return tree.some(pattern) ? clean : undefined;
    if (sourceFile.test(clean) || path.endsWith('/')) return undefined;
    return tree.files.some((file) => file.startsWith(clean)) ? clean : undefined;
  };
  const inShort = (path: string): string | undefined => {
    for (
      let folder = last === '' ? '' : dirname(last);
      folder !== '' && folder !== '.';
      folder = dirname(folder)
    ) {
      const found = fromRoot(`${folder}/${path}`);
      if (found !== undefined) return found;
    }
    const next = normalize(`${dirname(page)}/${path}`);
    if (tree.has(next)) return next;
    return last === '' && tree.files.some((file) => file.endsWith(`/${path}`)) ? path : undefined;
  };

  const findings: Finding[] = [];
  const check = (path: string, offset: number): void => {
    const rooted = topFolders.has(path.split('/')[0] ?? '') && path.includes('/');
    if (!rooted && !sourceFile.test(path) && !/^[\w-]+\/$/.test(path)) return;
    if (/^[a-z]+:|^[/.]/.test(path) || created.has(path)) return;
    const found = fromRoot(path) ?? inShort(path);
    if (found === undefined)
      findings.push({ path: page, line: lineOf(text, offset), text: `no such file or folder: ${path}` });
    else if (rooted) last = tree.has(found) && !sourceFile.test(found) ? `${found}/` : found;
  };

  for (const match of text.matchAll(/`([^`\n]+)`/g)) {
    const code = match[1] ?? '';
    if (!/\s/.test(code)) check(code, match.index);
    else if (/^npm (?:test|run test:\w+) -- /.test(code))
      for (const word of code.split(' ').filter((part) => /^[\w.-]+\/[\w./-]+$/.test(part)))
        check(word, match.index);
  }
  return findings;
}

/** Returns the pages of docs/ that a file outside Markdown names and that do not exist. */
export function missingPages(file: string, tree: Tree): Finding[] {
  const text = tree.read(file);
  return [...text.matchAll(/\bdocs\/[\w/-]+\.md\b/g)]
    .filter(([page]) => !tree.has(page))
    .map((match) => ({ path: file, line: lineOf(text, match.index), text: `no such page: ${match[0]}` }));
}
