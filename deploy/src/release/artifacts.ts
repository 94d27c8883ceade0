import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cloneDir, programs } from '@rookery/stack';
import { parse } from 'yaml';
import { sectionOf } from './changelog.ts';
import { packSchemaCommand } from './pack-schema-command.ts';
import { createSbom } from './sbom.ts';

const git = (args: readonly string[], cwd = cloneDir): string =>
  execFileSync('git', args, { cwd, encoding: 'utf8' }).trim();

/** Returns the paths of the build context of the image, as pathspecs of git: what .dockerignore lets through. */
const contextPaths = (): string[] => {
  const lines = readFileSync(join(cloneDir, '.dockerignore'), 'utf8').split('\n');
  const excluded = lines.filter((line) => line.startsWith('**/') && line !== '**/node_modules');
  return [
    '.dockerignore',
    ...lines.flatMap((line) => (line.startsWith('!') ? [line.slice(1)] : [])),
    ...excluded.flatMap((pattern) => [`:(exclude,glob)${pattern}`, `:(exclude,glob)${pattern}/**`]),
  ];
};

/** Folders of the packages that the image contains. */
const imagePackages = [
  ...Object.values(programs).map(({ entry }) => entry.replace('/src/main.ts', '')),
  'ops',
];

/** Returns the license in the package.json of an installed package. */
const licenseOf = (name: string, version: string): string | undefined => {
  const file = join(cloneDir, 'node_modules/.pnpm/node_modules', name, 'package.json');
  if (!existsSync(file)) return undefined;
  const found = JSON.parse(readFileSync(file, 'utf8')) as { version?: string; license?: unknown };
  return found.version === version && typeof found.license === 'string' ? found.license : undefined;
};

export interface ReleaseOptions {
  readonly version: string;
  /** Folder of the files. */
  readonly dir: string;
}

/**
 * Writes the files of a release from the last commit. The same commit gives the same bytes.
 * @returns their names
 */
export const buildRelease = ({ version, dir }: ReleaseOptions): string[] => {
  mkdirSync(dir, { recursive: true });
  /** Archives what the last commit has below a folder. Files have the time of the commit. */
  const archive = (name: string, prefix: string, folder: string, paths: readonly string[]): string => {
    const output = `--output=${join(dir, name)}`;
    git(
      ['archive', '--format=tar.gz', `--prefix=${prefix}/`, output, 'HEAD', '--', ...paths],
      join(cloneDir, folder),
    );
    return name;
  };
  const write = (name: string, text: string): string => {
    writeFileSync(join(dir, name), text);
    return name;
  };
  const command = `rookery-schema-command-${version}.tgz`;
  packSchemaCommand(join(dir, command));
  const changelog = git(['show', 'HEAD:CHANGELOG.md']);
  const sbom = createSbom(parse(git(['show', 'HEAD:pnpm-lock.yaml'])), {
    name: 'rookery',
    version,
    timestamp: git(['show', '--no-patch', '--format=%cI', 'HEAD']),
    importers: imagePackages,
    licenseOf,
  });
  const files = [
    archive(`rookery-image-${version}.tar.gz`, `rookery-image-${version}`, '.', contextPaths()),
    // As `helm package` makes it: helm install takes the file.
    archive(`rookery-${version}.tgz`, 'rookery', 'deploy/helm/rookery', ['.']),
    archive(`rookery-kustomize-${version}.tar.gz`, `rookery-kustomize-${version}`, '.', [
      'deploy/kustomize',
      'deploy/stores',
    ]),
    archive(`rookery-schema-${version}.tar.gz`, `rookery-schema-${version}`, '.', [
      'schema/supergraph.graphql',
      'schema/contract.graphql',
      'schema/graphql',
    ]),
    // For `npm install`.
    command,
    write(`rookery-${version}.cdx.json`, `${JSON.stringify(sbom, undefined, 2)}\n`),
    write('CHANGES.md', `${sectionOf(changelog, version) ?? sectionOf(changelog, 'Unreleased') ?? ''}\n`),
  ];
  const sums = files.map((name) => {
    const digest = createHash('sha256')
      .update(readFileSync(join(dir, name)))
      .digest('hex');
    return `${digest}  ${name}\n`;
  });
  return [...files, write('SHA256SUMS', sums.join(''))];
};
