import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { ownRoot, readSubgraphFiles } from '../compose/subgraph-files.ts';
import { isPackage } from '../model/installation.ts';
import { authPackageFile, packAuthPackage } from './pack-auth-package.ts';
import type { Template } from './template.ts';

const templateDir = join(ownRoot, 'schema/subgraph-template');

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

/** Returns the manifest of the template, with versions that hold outside of this repository. */
const manifestOf = (text: string, authPackage: string): string => {
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
  return JSON.stringify({
    ...manifest,
    dependencies: versions(manifest.dependencies),
    devDependencies: versions(manifest.devDependencies),
  });
};

const templateFiles = (): string[] =>
  readdirSync(templateDir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(templateDir.length + 1))
    .filter((path) => !path.split('/').includes('node_modules'));

/** Reads the template of this repository, and packs what it depends on. @throws InputError */
export const readTemplateOfClone = (): Template => {
  const path = `vendor/${authPackageFile()}`;
  const read = (file: string): string => {
    const text = readFileSync(join(templateDir, file), 'utf8');
    return file === 'package.json' ? manifestOf(text, path) : text;
  };
  return {
    files: Object.fromEntries(templateFiles().map((file) => [file, read(file)])),
    authPackage: { path, content: packAuthPackage().toString('base64') },
    own: readSubgraphFiles(),
  };
};

/** Name of the file with the template in the package of this command. */
export const packedTemplate = 'new-subgraph.json';

/** Reads the template: of the package, or of this repository. @throws InputError */
export const readTemplate = (): Template =>
  isPackage
    ? JSON.parse(readFileSync(new URL(`./${packedTemplate}`, import.meta.url), 'utf8'))
    : readTemplateOfClone();
