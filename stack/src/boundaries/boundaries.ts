import { dirname, posix } from 'node:path';
import { type Finding, lineOf } from '../finding.ts';
import type { Tree } from '../tree.ts';

/** Files by their paths from the root of the repository. */
type Sources = Pick<Tree, 'files' | 'read'>;

interface Import {
  readonly line: number;
  readonly specifier: string;
}

/** Returns the modules that a source imports, types included; text of a template that has a `$` is no import. */
export const importsIn = (source: string): Import[] =>
  [
    ...source.matchAll(
      /(?:^|[\s}*])from '([^'$]+)'|^import '([^'$]+)'|(?:\bimport|vi\.\w*[mM]ock|importActual)\(\s*'([^'$]+)'/gm,
    ),
  ].map((found) => ({
    line: lineOf(source, found.index),
    specifier: found[1] ?? found[2] ?? found[3] ?? '',
  }));

const kit = 'tests/support/';
const isTest = (path: string) => /\.test\.tsx?$/.test(path) || path.startsWith('tests/');

/**
 * Returns the imports that cross a boundary:
 * - a relative import stays in its package; other packages are imported by name, and so by what they export. Tests may
 *   import the test kit, `tests/support`;
 * - a folder of tests imports from itself and from the kit, and the kit only from itself;
 * - what is no test and no benchmark imports nothing of the tests.
 */
export const crossings = ({ files, read }: Sources): Finding[] => {
  const packages = files
    .filter((path) => posix.basename(path) === 'package.json')
    .map(dirname)
    .sort((a, b) => b.length - a.length);
  return files
    .filter((path) => /\.(?:[cm]?ts|tsx|mjs)$/.test(path))
    .flatMap((path) =>
      importsIn(read(path)).flatMap(({ line, specifier }) => {
        const text = problemOf(path, specifier, packages);
        return text === undefined ? [] : [{ path, line, text }];
      }),
    );
};

/** Returns the folder of the package that a file belongs to. @param packages innermost first */
const packageOf = (path: string, packages: readonly string[]): string =>
  packages.find((dir) => path.startsWith(`${dir}/`)) ?? '';

/** Folder of tests, or undefined for a file directly in tests/ and for any other file. */
const testFolder = (path: string) => /^tests\/[^/]+\//.exec(path)?.[0];

/** Returns why an import crosses a boundary; undefined if it does not. */
const problemOf = (path: string, specifier: string, packages: readonly string[]): string | undefined => {
  if (/^@rookery\/tests(\/|$)/.test(specifier))
    return isTest(path) || path.startsWith('bench/') ? undefined : `${specifier} is for tests and benchmarks`;
  if (!specifier.startsWith('.')) return undefined;
  const target = posix.join(dirname(path), specifier);
  if (target.startsWith(kit) && isTest(path)) return undefined;
  if (packageOf(target, packages) !== packageOf(path, packages))
    return `${specifier} is in another package: import what that package exports, by its name`;
  const folder = testFolder(path);
  if (folder !== undefined && testFolder(target) !== folder)
    return `${specifier} is in another folder of tests: what several share belongs to ${kit}`;
  return undefined;
};
