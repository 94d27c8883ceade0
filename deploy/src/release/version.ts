import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cloneDir } from '@rookery/stack';
import { release, sectionOf } from './changelog.ts';

/** Files that name the version, and the place of it. */
const places: Readonly<Record<string, RegExp>> = {
  'package.json': /(?<="version": ")[^"]+(?=")/,
  'deploy/helm/rookery/Chart.yaml': /(?<=^(?:version|appVersion): )\S+/gm,
  'compose.yaml': /(?<=image: rookery:)\S+/,
  'deploy/kustomize/overlays/production/kustomization.yaml': /(?<=newTag: )[^ }]+/,
};

const read = (file: string) => readFileSync(join(cloneDir, file), 'utf8');

/** Returns the version of the working tree. */
export const currentVersion = (): string => places['package.json']?.exec(read('package.json'))?.[0] ?? '';

/** Returns why the working tree is no release. */
export const problemsOfRelease = (): string[] => {
  const version = currentVersion();
  const differing = Object.entries(places).filter(([file, place]) =>
    [...read(file).matchAll(new RegExp(place, 'gm'))].some(([found]) => found !== version),
  );
  return [
    ...differing.map(([file]) => `${file} is not of version ${version}`),
    ...(sectionOf(read('CHANGELOG.md'), version) === undefined
      ? [`CHANGELOG.md has no section ${version}`]
      : []),
  ];
};

/** Writes a new version into every file that names it, and makes a section of the changelog. */
export const setVersion = (version: string, date: string): void => {
  writeFileSync(join(cloneDir, 'CHANGELOG.md'), release(read('CHANGELOG.md'), version, date));
  for (const [file, place] of Object.entries(places))
    writeFileSync(join(cloneDir, file), read(file).replace(new RegExp(place, 'gm'), version));
};
