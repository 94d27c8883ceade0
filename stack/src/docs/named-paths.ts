import { dirname, normalize } from 'node:path/posix';
import { type Finding, lineOf } from '../finding.ts';
import type { Tree } from '../tree.ts';
import { withoutCodeBlocks } from './links.ts';

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
  const reader = new PageReader(page, tree);
  for (const { path, offset } of pathsIn(reader.text)) reader.check(path, offset);
  return reader.findings;
}

/** Yields what is written like a path, in backquotes or as an argument of a test command. */
function* pathsIn(text: string): Generator<{ readonly path: string; readonly offset: number }> {
  for (const match of text.matchAll(/`([^`\n]+)`/g)) {
    const code = match[1] ?? '';
    const offset = match.index;
    if (!/\s/.test(code)) yield { path: code, offset };
    else if (/^npm (?:test|run test:\w+) -- /.test(code))
      yield* code
        .split(' ')
        .filter((part) => /^[\w.-]+\/[\w./-]+$/.test(part))
        .map((path) => ({ path, offset }));
  }
}

/** Resolves the paths of a page in their order, since a short path depends on the ones before. */
class PageReader {
  readonly findings: Finding[] = [];
  /** The page without its code blocks. */
  readonly text: string;
  readonly #page: string;
  readonly #tree: Tree;
  readonly #topFolders: ReadonlySet<string | undefined>;
  readonly #created: ReadonlySet<string>;
  /** Last path that was written from the root. */
  #last = '';

  constructor(page: string, tree: Tree) {
    const markdown = tree.read(page);
    this.text = withoutCodeBlocks(markdown);
    this.#page = page;
    this.#tree = tree;
    this.#topFolders = new Set(
      tree.files.filter((file) => file.includes('/')).map((file) => file.split('/')[0]),
    );
    this.#created = createdByReader(markdown);
  }

  check(path: string, offset: number): void {
    const isRooted = this.#topFolders.has(path.split('/')[0] ?? '') && path.includes('/');
    if (!isRooted && !sourceFile.test(path) && !/^[\w-]+\/$/.test(path)) return;
    if (/^[a-z]+:|^[/.]/.test(path) || this.#created.has(path)) return;
    const found = this.#fromRoot(path) ?? this.#inShort(path);
    if (found === undefined)
      this.findings.push({
        path: this.#page,
        line: lineOf(this.text, offset),
        text: `no such file or folder: ${path}`,
      });
    else if (isRooted) this.#last = this.#tree.has(found) && !sourceFile.test(found) ? `${found}/` : found;
  }

  #fromRoot(path: string): string | undefined {
    const tree = this.#tree;
    const clean = path.replace(/\/$/, '');
    if (tree.has(clean)) return clean;
    const pattern = placeholders(clean);
    if (pattern !== undefined) return tree.some(pattern) ? clean : undefined;
    if (sourceFile.test(clean) || path.endsWith('/')) return undefined;
    return tree.files.some((file) => file.startsWith(clean)) ? clean : undefined;
  }

  #inShort(path: string): string | undefined {
    const tree = this.#tree;
    for (const folder of foldersAbove(this.#last)) {
      const found = this.#fromRoot(`${folder}/${path}`);
      if (found !== undefined) return found;
    }
    const next = normalize(`${dirname(this.#page)}/${path}`);
    if (tree.has(next)) return next;
    return this.#last === '' && tree.files.some((file) => file.endsWith(`/${path}`)) ? path : undefined;
  }
}

/** Yields the folder of a path and the folders above it, without the root. */
function* foldersAbove(path: string): Generator<string> {
  if (path === '') return;
  for (let folder = dirname(path); folder !== '.'; folder = dirname(folder)) yield folder;
}

/** Returns the pages of docs/ that a file outside Markdown names and that do not exist. */
export function missingPages(file: string, tree: Tree): Finding[] {
  const text = tree.read(file);
  return [...text.matchAll(/\bdocs\/[\w/-]+\.md\b/g)]
    .filter(([page]) => !tree.has(page))
    .map((match) => ({ path: file, line: lineOf(text, match.index), text: `no such page: ${match[0]}` }));
}
