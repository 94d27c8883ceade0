import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '@rookery/command-line';
import { parse } from 'yaml';
import { ownRoot } from '../compose/subgraph-files.ts';
import type { SubgraphWords } from './names.ts';

/** A subgraph that works, and whose names are replaced: it is checked and tested like everything else here. */
const templateDir = join(ownRoot, 'schema/subgraph-template');

/** Names of the template, of which none is part of another word in it. */
const placeholders = /sample-subgraph|samples|Sample|sample/g;

const replaceNames = (text: string, { subgraph, type, one, several }: SubgraphWords): string => {
  const names: Readonly<Record<string, string>> = {
    'sample-subgraph': subgraph,
    samples: several,
    Sample: type,
    sample: one,
  };
  return text
    .replaceAll(/^.*biome-ignore.*\n/gm, '') // the linter of this repository
    .replace(placeholders, (found) => names[found] ?? found);
};

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

/** Returns the manifest of the new package: the template's, with versions that hold outside of this repository. */
const manifestOf = (text: string, subgraph: string, authPackage: string): string => {
  const { catalog } = parse(readFileSync(join(ownRoot, 'pnpm-workspace.yaml'), 'utf8')) as {
    catalog: Readonly<Record<string, string>>;
  };
  const versionOf = (name: string, version: string): string => {
    if (version.startsWith('workspace:')) return `file:${authPackage}`;
    return version === 'catalog:' ? (catalog[name] ?? version) : version;
  };
  const versions = (packages: Readonly<Record<string, string>>) =>
    Object.fromEntries(Object.entries(packages).map(([name, version]) => [name, versionOf(name, version)]));
  const manifest: Manifest = JSON.parse(text);
  return `${JSON.stringify(
    {
      ...manifest,
      name: subgraph,
      dependencies: versions(manifest.dependencies),
      devDependencies: versions(manifest.devDependencies),
    },
    undefined,
    2,
  )}\n`;
};

const templateFiles = (): string[] =>
  readdirSync(templateDir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(templateDir.length + 1))
    .filter((path) => !path.split('/').includes('node_modules'));

/** Returns the type names that the code of the template uses for something else. */
const namesInUse = (sources: readonly string[]): Set<string> => {
  const code = sources.map((source) => source.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, ''));
  return new Set(
    code.flatMap((text) => text.match(/\b[A-Z]\w*/g) ?? []).filter((name) => !/Sample/.test(name)),
  );
};

/**
 * Returns the files of a new subgraph with their paths.
 * @param authPackage path of the packed @rookery/subgraph-auth
 * @throws UsageError if the names do not fit into the code
 */
export const filesOf = (words: SubgraphWords, authPackage: string): ReadonlyMap<string, string> => {
  const read = (path: string) => readFileSync(join(templateDir, path), 'utf8');
  const paths = templateFiles();
  if (namesInUse(paths.filter((path) => path.endsWith('.ts')).map(read)).has(words.type))
    throw new UsageError(`the code has another ${words.type}: choose another name with --type`);
  return new Map(
    paths.map((path) => [
      path,
      path === 'package.json'
        ? manifestOf(read(path), words.subgraph, authPackage)
        : replaceNames(read(path), words),
    ]),
  );
};
