import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The files of the repository, as paths from its root with `/` between folders. */
export interface Tree {
  has(path: string): boolean;
  /** Returns whether a file or folder matches the whole pattern. */
  some(pattern: RegExp): boolean;
  read(path: string): string;
  readonly files: readonly string[];
}

/** Returns a tree of the given files and of the folders that hold them. */
export function createTree(contents: ReadonlyMap<string, () => string>): Tree {
  const files = [...contents.keys()];
  const folders = new Set<string>();
  for (const file of files)
    for (let folder = dirname(file); folder !== '.'; folder = dirname(folder)) folders.add(folder);
  const all = [...files, ...folders];
  const texts = new Map<string, string>();
  return {
    files,
    has: (path) => contents.has(path) || folders.has(path.replace(/\/$/, '')),
    some: (pattern) => all.some((path) => pattern.test(path)),
    read(path) {
      const text = texts.get(path) ?? contents.get(path)?.() ?? '';
      texts.set(path, text);
      return text;
    },
  };
}

/** Returns the files in `root` that git tracks or would track. */
export function readTree(root: string): Tree {
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
  });
  const files = listed.split('\0').filter((path) => path !== '' && existsSync(join(root, path)));
  return createTree(new Map(files.map((path) => [path, () => readFileSync(join(root, path), 'utf8')])));
}
